"""A fact: one thing the material says, with one part of it that can be asked for."""

from collections.abc import Callable
from dataclasses import dataclass

from quiz_service.adapters.extractive.language import FUNCTION_WORDS, stems
from quiz_service.adapters.extractive.sentences import Sentence
from quiz_service.domain.questions import QuestionType

ALL_TYPES = frozenset(QuestionType)
RECOGNITION = frozenset({QuestionType.MULTIPLE_CHOICE, QuestionType.TRUE_FALSE})

Like = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Candidate:
    """What may stand in another fact's place as a wrong answer: anything of equal `like`, with where it comes from.

    `phrase` is the text as it reads inside a statement ("the nucleus" where the option says "nucleus").
    """

    text: str
    like: Like
    sentence: Sentence
    value: float | None = None
    phrase: str = ""


@dataclass(frozen=True, slots=True)
class Fact:
    """`ask` is the open question, `choose` the same for a choice of options; `assertion` states the fact around
    a phrase.

    `context` says what they are about where they do not say it themselves: it is put before what the learner sees.
    Facts of equal `key` say the same, so a quiz holds one of them. `weight` tells how much the fact matters, `depth`
    what it takes to know it: 0 recognise a definition, 1 a name or a member, 2 a detail such as a number. `topic_stems`
    are what, together with an answer, would make it true, where that is not the assertion's own words. `also_right` are
    other right answers, normalised: never offered as wrong ones.
    """

    key: str
    ask: str
    choose: str
    assertion: Callable[[str], str]
    answer: Candidate
    depth: int
    weight: float
    accepted: tuple[str, ...] = ()
    types: frozenset[QuestionType] = ALL_TYPES
    topic_stems: frozenset[str] = frozenset()
    context: str = ""
    also_right: frozenset[tuple[str, ...]] = frozenset()

    @property
    def sentence(self) -> Sentence:
        return self.answer.sentence

    @property
    def statement(self) -> str:
        return self.assertion(self.answer.phrase or self.answer.text)

    def context_stems(self) -> frozenset[str]:
        """The words that, together with an answer, would make it true."""
        return self.topic_stems or stems(self.assertion("")) - stems(self.answer.text)


def capitalised(text: str) -> str:
    """As it would open a sentence; "pH" and "mRNA" stay."""
    return text if text[1:2].isupper() else text[:1].upper() + text[1:]


def uncapitalised(text: str, is_proper: Callable[[str], bool]) -> str:
    """As it would be written inside a sentence."""
    first, _, rest = text.partition(" ")
    is_name = rest[:1].isupper() and first.lower() not in FUNCTION_WORDS
    return text if is_name or is_proper(first) else text[:1].lower() + text[1:]
