"""The quiz: what was asked for, how far its making is, its questions, and the attempts at it.

A quiz is written once: completed and failed are final, and its questions never change.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal
from uuid import UUID

from chassis.errors import FieldError, Reason

from quiz_service.domain.errors import InvalidAnswers, QuizNotReady
from quiz_service.domain.grading import Grade, Similarity
from quiz_service.domain.questions import (
    Answer,
    NewId,
    Question,
    QuestionDraft,
    QuestionType,
    Shuffle,
    WrongForm,
    question_from,
)

AskedDifficulty = Literal["easy", "medium", "hard", "mixed"]
Status = Literal["generating", "completed", "failed"]


class SagaState(StrEnum):
    """How far the making of a quiz is. Internal: clients see `Quiz.status`."""

    WAITING_FOR_DOCUMENT = "waiting_for_document"
    WAITING_FOR_NOTES = "waiting_for_notes"
    GENERATING = "generating"
    COMPLETED = "completed"
    FAILED = "failed"


WAITING = frozenset({SagaState.WAITING_FOR_DOCUMENT, SagaState.WAITING_FOR_NOTES})
FINAL = frozenset({SagaState.COMPLETED, SagaState.FAILED})


@dataclass(frozen=True, slots=True)
class QuestionPlan:
    """What is asked of a question generator. `seed` chooses among possible questions only; None: by chance."""

    count: int
    types: tuple[QuestionType, ...]
    difficulty: AskedDifficulty
    seed: int | None


@dataclass(frozen=True, slots=True)
class Shortfall:
    """Said when the material did not carry as many questions as asked for."""

    asked: int
    made: int
    reason: str


@dataclass(frozen=True, slots=True)
class GeneratedQuiz:
    questions: tuple[QuestionDraft, ...]
    shortfall: Shortfall | None
    engine: str


@dataclass(frozen=True, slots=True)
class GradedAnswer:
    """`answer` is None where the question was left out."""

    question: Question
    answer: Answer | None
    score: float
    is_correct: bool
    feedback: str


@dataclass(frozen=True, slots=True)
class Attempt:
    attempt_id: UUID
    quiz_id: UUID
    number: int
    submitted_at: datetime
    answers: tuple[GradedAnswer, ...]

    @property
    def score(self) -> float:
        return round(sum(answer.score for answer in self.answers), 2)

    @property
    def max_score(self) -> int:
        return sum(answer.question.stem.points for answer in self.answers)

    @property
    def percentage(self) -> float:
        return round(100 * self.score / self.max_score, 1)


@dataclass(slots=True)
class Quiz:
    """`revision` grows with every change, so that a reader can tell the newer of two snapshots.

    `waiting_since`: when the worker took it up. Patience counts from there: no quiz fails because a worker was away.
    """

    quiz_id: UUID
    owner_id: str
    document_id: UUID
    title: str | None
    plan: QuestionPlan
    created_at: datetime
    state: SagaState = SagaState.WAITING_FOR_DOCUMENT
    waiting_since: datetime | None = None
    revision: int = 1
    engine: str | None = None
    completed_at: datetime | None = None
    shortfall: Shortfall | None = None
    error: Reason | None = None
    questions: tuple[Question, ...] = field(default=())
    attempts: int = 0
    best_percentage: float | None = None
    last_submitted_at: datetime | None = None

    @property
    def status(self) -> Status:
        match self.state:
            case SagaState.COMPLETED:
                return "completed"
            case SagaState.FAILED:
                return "failed"
            case _:
                return "generating"

    @property
    def is_waiting(self) -> bool:
        return self.state in WAITING

    @property
    def is_final(self) -> bool:
        return self.state in FINAL

    def enter(self, state: SagaState) -> None:
        self.state = state
        self.revision += 1

    def name_after(self, document_title: str | None) -> bool:
        """A quiz that was given no title bears its document's; whether that changed it."""
        if self.title is not None or document_title is None:
            return False
        self.title = document_title
        self.revision += 1
        return True

    def complete(self, generated: GeneratedQuiz, now: datetime, new_id: NewId, shuffle: Shuffle) -> None:
        self.questions = tuple(
            question_from(draft, number, new_id, shuffle) for number, draft in enumerate(generated.questions, start=1)
        )
        self.shortfall = generated.shortfall
        self.engine = generated.engine
        self.completed_at = now
        self.enter(SagaState.COMPLETED)

    def fail(self, reason: Reason, now: datetime) -> None:
        self.error = reason
        self.completed_at = now
        self.enter(SagaState.FAILED)

    def require_ready(self) -> None:
        if self.state is SagaState.FAILED and self.error is not None:
            raise QuizNotReady(f"The quiz could not be made: {self.error.detail or self.error.title}")
        if self.state is not SagaState.COMPLETED:
            raise QuizNotReady("The questions are still being made.", retry_after_seconds=1)

    def submit(
        self,
        answers: Sequence[tuple[UUID, Answer]],
        *,
        attempt_id: UUID,
        now: datetime,
        similarity: Similarity,
    ) -> Attempt:
        """Grades every question of the quiz; those left out earn nothing.

        Raises QuizNotReady, and InvalidAnswers naming each answer at fault by its JSON pointer.
        """
        self.require_ready()
        given = self._answers_by_question(answers)
        graded: list[GradedAnswer] = []
        errors: list[FieldError] = []
        for question in self.questions:
            position, answer = given.get(question.stem.question_id, (-1, None))
            try:
                graded.append(_graded(question, answer, similarity))
            except WrongForm as error:
                errors.append(FieldError(f"/answers/{position}/answer", str(error)))
        if errors:
            raise InvalidAnswers("An answer has the wrong form.", errors=errors)
        attempt = Attempt(attempt_id, self.quiz_id, self.attempts + 1, now, tuple(graded))
        self.attempts = attempt.number
        self.best_percentage = max(attempt.percentage, self.best_percentage or 0.0)
        self.last_submitted_at = now
        return attempt

    def _answers_by_question(self, answers: Sequence[tuple[UUID, Answer]]) -> dict[UUID, tuple[int, Answer]]:
        known = {question.stem.question_id for question in self.questions}
        given: dict[UUID, tuple[int, Answer]] = {}
        errors: list[FieldError] = []
        for position, (question_id, answer) in enumerate(answers):
            pointer = f"/answers/{position}/question_id"
            if question_id not in known:
                errors.append(FieldError(pointer, f"question {question_id} is not in this quiz"))
            elif question_id in given:
                errors.append(FieldError(pointer, f"question {question_id} is answered twice"))
            else:
                given[question_id] = (position, answer)
        if errors:
            raise InvalidAnswers("; ".join(error.detail for error in errors) + ".", errors=errors)
        return given


def _graded(question: Question, answer: Answer | None, similarity: Similarity) -> GradedAnswer:
    grade = Grade(0.0, "Not answered.") if answer is None else question.grade(answer, similarity)
    score = round(question.stem.points * grade.fraction, 2)
    return GradedAnswer(question, answer, score, grade.is_correct, grade.feedback)
