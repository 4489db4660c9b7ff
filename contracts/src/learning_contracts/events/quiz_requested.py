# Generated from topics/ and schemas/ by `python -m learning_contracts.generate`; do not edit.

"""Events on `quiz.requested`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Self
from uuid import UUID

from learning_contracts.event import Event
from learning_contracts.events.parts import Difficulty, QuestionType
from learning_contracts.times import parse_rfc3339, rfc3339, utc_milliseconds


@dataclass(frozen=True, slots=True, kw_only=True)
class QuizRequested(Event):
    """A quiz was ordered; it is made when its document is read."""

    TYPE: ClassVar[str] = "quiz.requested"
    VERSION: ClassVar[int] = 1
    TOPIC: ClassVar[str] = "quiz.requested"

    quiz_id: UUID
    owner_id: str
    document_id: UUID
    title: str | None = None
    question_count: int
    question_types: tuple[QuestionType, ...]
    difficulty: Difficulty
    seed: int | None = None
    requested_at: datetime

    def __post_init__(self) -> None:
        object.__setattr__(self, "requested_at", utc_milliseconds(self.requested_at))

    def to_data(self) -> dict[str, Any]:
        return {
            "quiz_id": str(self.quiz_id),
            "owner_id": self.owner_id,
            "document_id": str(self.document_id),
            "title": self.title,
            "question_count": self.question_count,
            "question_types": list(self.question_types),
            "difficulty": self.difficulty,
            "seed": self.seed,
            "requested_at": rfc3339(self.requested_at),
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        return cls(
            quiz_id=UUID(data["quiz_id"]),
            owner_id=data["owner_id"],
            document_id=UUID(data["document_id"]),
            title=data.get("title"),
            question_count=data["question_count"],
            question_types=tuple(data["question_types"]),
            difficulty=data["difficulty"],
            seed=data.get("seed"),
            requested_at=parse_rfc3339(data["requested_at"]),
        )

    @property
    def key(self) -> str:
        return str(self.quiz_id)
