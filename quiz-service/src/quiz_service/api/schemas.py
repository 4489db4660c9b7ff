"""The bodies of requests and replies, field by field as the public contract has them."""

from typing import Annotated, Any
from uuid import UUID

from chassis.clock import rfc3339
from chassis.http.snapshots import Snapshot
from pydantic import BaseModel, ConfigDict, Field, StrictBool, StringConstraints, field_validator

from quiz_service.application.commands import Order
from quiz_service.application.projections import HistoryEntry, QuizView
from quiz_service.domain.questions import QuestionType
from quiz_service.domain.quiz import AskedDifficulty, QuestionPlan, Quiz

MAX_QUESTIONS = 50
MAX_SEED = 2**31 - 1

# PostgreSQL has no text with NUL in it.
Title = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=200, pattern=r"^[^\x00]+$")]
Text = Annotated[str, StringConstraints(strict=True, max_length=2_000, pattern=r"^[^\x00]*$")]


class GenerateQuiz(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    document_id: UUID
    question_count: int = Field(5, ge=1, le=MAX_QUESTIONS, strict=True)
    question_types: tuple[QuestionType, ...] = Field(tuple(QuestionType), min_length=1)
    difficulty: AskedDifficulty = "mixed"
    title: Title | None = None
    seed: int | None = Field(None, ge=0, le=MAX_SEED, strict=True)

    @field_validator("question_types")
    @classmethod
    def _each_once(cls, types: tuple[QuestionType, ...]) -> tuple[QuestionType, ...]:
        if len(set(types)) != len(types):
            raise ValueError("name each type once")
        return types

    def to_order(self) -> Order:
        plan = QuestionPlan(self.question_count, self.question_types, self.difficulty, self.seed)
        return Order(self.document_id, plan, self.title)


class GivenAnswer(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    question_id: UUID
    answer: StrictBool | Text = Field(description="An option_id, true or false, or a text")


class SubmitQuiz(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    answers: tuple[GivenAnswer, ...] = Field(max_length=MAX_QUESTIONS)


def requested_quiz(quiz: Quiz) -> dict[str, Any]:
    return {
        "quiz_id": str(quiz.quiz_id),
        "status": quiz.status,
        "document_id": str(quiz.document_id),
        "created_at": rfc3339(quiz.created_at),
    }


def snapshot(view: QuizView | None) -> Snapshot | None:
    """What a client that follows the quiz gets."""
    return None if view is None else Snapshot(view.revision, view.body, view.is_final)


def history_item(entry: HistoryEntry) -> dict[str, Any]:
    return {
        "quiz_id": str(entry.quiz_id),
        "title": entry.title,
        "document_id": str(entry.document_id),
        "status": entry.status,
        "question_count": entry.question_count,
        "attempts": entry.attempts,
        "best_percentage": entry.best_percentage,
        "last_submitted_at": rfc3339(entry.last_submitted_at) if entry.last_submitted_at else None,
    }
