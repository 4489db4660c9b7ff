"""Questions: what a learner sees, what is right, and how an answer is judged.

An engine drafts a question; `question_from` makes it part of a quiz: it shuffles the options and only then hands out
their ids, so that neither order nor id tells the answer.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Protocol
from uuid import UUID

from quiz_service.domain.grading import Grade, Similarity, grade_text

Answer = str | bool
NewId = Callable[[], UUID]


class Shuffle(Protocol):
    def __call__(self, items: list["OptionDraft"], /) -> None: ...


class QuestionType(StrEnum):
    MULTIPLE_CHOICE = "multiple_choice"
    TRUE_FALSE = "true_false"
    SHORT_ANSWER = "short_answer"


class Difficulty(StrEnum):
    EASY = "easy"
    MEDIUM = "medium"
    HARD = "hard"


POINTS = {Difficulty.EASY: 1, Difficulty.MEDIUM: 2, Difficulty.HARD: 3}


class WrongForm(ValueError):
    """The answer is not of the form that the question's type asks for; the message says which is."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where the fact stands: `quote` is verbatim in block `block` of the document."""

    page: int | None
    block: int
    quote: str


@dataclass(frozen=True, slots=True)
class OptionDraft:
    """`note` is told to a learner who chose this option wrongly."""

    text: str
    is_correct: bool
    note: str = ""


@dataclass(frozen=True, slots=True)
class QuestionDraft:
    """A question as an engine proposes it.

    `answer` is a bool for true_false, else a text; `options` (multiple_choice) holds it once, marked correct;
    `accepted` (short_answer) are its other spellings.
    """

    type: QuestionType
    prompt: str
    answer: Answer
    explanation: str
    source: Source
    difficulty: Difficulty
    options: tuple[OptionDraft, ...] = ()
    accepted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Option:
    option_id: UUID
    text: str
    is_correct: bool
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stem:
    """What every question has, whatever its type."""

    question_id: UUID
    number: int
    prompt: str
    points: int
    difficulty: Difficulty
    explanation: str
    source: Source


@dataclass(frozen=True, slots=True)
class Question(ABC):
    type: ClassVar[QuestionType]

    stem: Stem

    @property
    @abstractmethod
    def correct_answer(self) -> Answer:
        """In the form in which a learner would give it."""

    @abstractmethod
    def grade(self, answer: Answer, similarity: Similarity) -> Grade:
        """Raises WrongForm."""


@dataclass(frozen=True, slots=True)
class MultipleChoice(Question):
    type: ClassVar[QuestionType] = QuestionType.MULTIPLE_CHOICE

    options: tuple[Option, ...]

    @property
    def correct_option(self) -> Option:
        return next(option for option in self.options if option.is_correct)

    @property
    def correct_answer(self) -> str:
        return str(self.correct_option.option_id)

    def grade(self, answer: Answer, similarity: Similarity) -> Grade:  # noqa: ARG002 - an option is right or not
        chosen = next((option for option in self.options if str(option.option_id) == answer), None)
        if chosen is None:
            raise WrongForm("answer with the option_id of one of the question's options")
        if chosen.is_correct:
            return Grade(1.0, "Right.")
        return Grade(0.0, f"Not right. The answer is “{self.correct_option.text}”. {chosen.note}".rstrip())


@dataclass(frozen=True, slots=True)
class TrueFalse(Question):
    type: ClassVar[QuestionType] = QuestionType.TRUE_FALSE

    is_true: bool

    @property
    def correct_answer(self) -> bool:
        return self.is_true

    def grade(self, answer: Answer, similarity: Similarity) -> Grade:  # noqa: ARG002 - true is true
        if not isinstance(answer, bool):
            raise WrongForm("answer with true or false")
        if answer == self.is_true:
            return Grade(1.0, "Right.")
        return Grade(0.0, f"Not right. The statement is {'true' if self.is_true else 'false'}.")


@dataclass(frozen=True, slots=True)
class ShortAnswer(Question):
    type: ClassVar[QuestionType] = QuestionType.SHORT_ANSWER

    accepted: tuple[str, ...]

    @property
    def correct_answer(self) -> str:
        return self.accepted[0]

    def grade(self, answer: Answer, similarity: Similarity) -> Grade:
        if not isinstance(answer, str):
            raise WrongForm("answer with a text")
        return grade_text(answer, self.accepted, similarity)


def question_from(draft: QuestionDraft, number: int, new_id: NewId, shuffle: Shuffle) -> Question:
    """The drafted question as number `number` of a quiz."""
    base = Stem(
        question_id=new_id(),
        number=number,
        prompt=draft.prompt,
        points=POINTS[draft.difficulty],
        difficulty=draft.difficulty,
        explanation=draft.explanation,
        source=draft.source,
    )
    match draft.type:
        case QuestionType.MULTIPLE_CHOICE:
            return MultipleChoice(base, _shuffled(draft, new_id, shuffle))
        case QuestionType.TRUE_FALSE:
            return TrueFalse(base, draft.answer is True)
        case QuestionType.SHORT_ANSWER:
            return ShortAnswer(base, (str(draft.answer), *draft.accepted))


def _shuffled(draft: QuestionDraft, new_id: NewId, shuffle: Shuffle) -> tuple[Option, ...]:
    drafts = list(draft.options)
    shuffle(drafts)
    return tuple(Option(new_id(), option.text, option.is_correct, option.note) for option in drafts)
