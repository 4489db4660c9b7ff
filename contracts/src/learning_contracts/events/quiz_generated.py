# Generated from topics/ and schemas/ by `python -m learning_contracts.generate`; do not edit.

"""Events on `quiz.generated`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Self
from uuid import UUID

from learning_contracts.event import Event
from learning_contracts.events.parts import Difficulty, QuestionType, Reason, Shortfall
from learning_contracts.times import parse_rfc3339, rfc3339, utc_milliseconds


@dataclass(frozen=True, slots=True, kw_only=True)
class QuizGenerated(Event):
    """A quiz is ready to be taken."""

    TYPE: ClassVar[str] = "quiz.generated"
    VERSION: ClassVar[int] = 1
    TOPIC: ClassVar[str] = "quiz.generated"

    quiz_id: UUID
    owner_id: str
    document_id: UUID
    title: str
    question_count: int
    question_types: tuple[QuestionType, ...]
    difficulty: Difficulty
    shortfall: Shortfall | None = None
    engine: str
    completed_at: datetime

    def __post_init__(self) -> None:
        object.__setattr__(self, "completed_at", utc_milliseconds(self.completed_at))

    def to_data(self) -> dict[str, Any]:
        return {
            "quiz_id": str(self.quiz_id),
            "owner_id": self.owner_id,
            "document_id": str(self.document_id),
            "title": self.title,
            "question_count": self.question_count,
            "question_types": list(self.question_types),
            "difficulty": self.difficulty,
            "shortfall": None if self.shortfall is None else self.shortfall.to_data(),
            "engine": self.engine,
            "completed_at": rfc3339(self.completed_at),
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        return cls(
            quiz_id=UUID(data["quiz_id"]),
            owner_id=data["owner_id"],
            document_id=UUID(data["document_id"]),
            title=data["title"],
            question_count=data["question_count"],
            question_types=tuple(data["question_types"]),
            difficulty=data["difficulty"],
            shortfall=None if data.get("shortfall") is None else Shortfall.from_data(data["shortfall"]),
            engine=data["engine"],
            completed_at=parse_rfc3339(data["completed_at"]),
        )

    @property
    def key(self) -> str:
        return str(self.quiz_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class QuizGenerationFailed(Event):
    """A quiz could not be made."""

    TYPE: ClassVar[str] = "quiz.generation_failed"
    VERSION: ClassVar[int] = 1
    TOPIC: ClassVar[str] = "quiz.generated"

    quiz_id: UUID
    owner_id: str
    document_id: UUID
    error: Reason
    failed_at: datetime

    def __post_init__(self) -> None:
        object.__setattr__(self, "failed_at", utc_milliseconds(self.failed_at))

    def to_data(self) -> dict[str, Any]:
        return {
            "quiz_id": str(self.quiz_id),
            "owner_id": self.owner_id,
            "document_id": str(self.document_id),
            "error": self.error.to_data(),
            "failed_at": rfc3339(self.failed_at),
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        return cls(
            quiz_id=UUID(data["quiz_id"]),
            owner_id=data["owner_id"],
            document_id=UUID(data["document_id"]),
            error=Reason.from_data(data["error"]),
            failed_at=parse_rfc3339(data["failed_at"]),
        )

    @property
    def key(self) -> str:
        return str(self.quiz_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class QuizSubmitted(Event):
    """One attempt at a quiz was answered and scored."""

    TYPE: ClassVar[str] = "quiz.submitted"
    VERSION: ClassVar[int] = 1
    TOPIC: ClassVar[str] = "quiz.generated"

    quiz_id: UUID
    owner_id: str
    document_id: UUID
    attempt_id: UUID
    number: int
    score: float
    max_score: float
    percentage: float
    submitted_at: datetime

    def __post_init__(self) -> None:
        object.__setattr__(self, "submitted_at", utc_milliseconds(self.submitted_at))

    def to_data(self) -> dict[str, Any]:
        return {
            "quiz_id": str(self.quiz_id),
            "owner_id": self.owner_id,
            "document_id": str(self.document_id),
            "attempt_id": str(self.attempt_id),
            "number": self.number,
            "score": self.score,
            "max_score": self.max_score,
            "percentage": self.percentage,
            "submitted_at": rfc3339(self.submitted_at),
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        return cls(
            quiz_id=UUID(data["quiz_id"]),
            owner_id=data["owner_id"],
            document_id=UUID(data["document_id"]),
            attempt_id=UUID(data["attempt_id"]),
            number=data["number"],
            score=data["score"],
            max_score=data["max_score"],
            percentage=data["percentage"],
            submitted_at=parse_rfc3339(data["submitted_at"]),
        )

    @property
    def key(self) -> str:
        return str(self.quiz_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class QuizDeleted(Event):
    """A quiz and its attempts were deleted."""

    TYPE: ClassVar[str] = "quiz.deleted"
    VERSION: ClassVar[int] = 1
    TOPIC: ClassVar[str] = "quiz.generated"

    quiz_id: UUID
    owner_id: str
    document_id: UUID
    deleted_at: datetime

    def __post_init__(self) -> None:
        object.__setattr__(self, "deleted_at", utc_milliseconds(self.deleted_at))

    def to_data(self) -> dict[str, Any]:
        return {
            "quiz_id": str(self.quiz_id),
            "owner_id": self.owner_id,
            "document_id": str(self.document_id),
            "deleted_at": rfc3339(self.deleted_at),
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        return cls(
            quiz_id=UUID(data["quiz_id"]),
            owner_id=data["owner_id"],
            document_id=UUID(data["document_id"]),
            deleted_at=parse_rfc3339(data["deleted_at"]),
        )

    @property
    def key(self) -> str:
        return str(self.quiz_id)
