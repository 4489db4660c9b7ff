# Generated from topics/ and schemas/ by `python -m learning_contracts.generate`; do not edit.

"""Events on `notes.generated`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Self
from uuid import UUID

from learning_contracts.event import Event
from learning_contracts.events.parts import NotesItem, Reason
from learning_contracts.times import parse_rfc3339, rfc3339, utc_milliseconds


@dataclass(frozen=True, slots=True, kw_only=True)
class NotesGenerated(Event):
    """One part of a document's notes. The notes are whole when all parts of one notes_version are there; a higher
    notes_version replaces the lower.
    """

    TYPE: ClassVar[str] = "notes.generated"
    VERSION: ClassVar[int] = 1
    TOPIC: ClassVar[str] = "notes.generated"

    document_id: UUID
    owner_id: str
    notes_version: int
    text_version: int
    engine: str
    language: str | None = None
    title: str
    part_number: int
    part_count: int
    items: tuple[NotesItem, ...]
    generated_at: datetime

    def __post_init__(self) -> None:
        object.__setattr__(self, "generated_at", utc_milliseconds(self.generated_at))

    def to_data(self) -> dict[str, Any]:
        return {
            "document_id": str(self.document_id),
            "owner_id": self.owner_id,
            "notes_version": self.notes_version,
            "text_version": self.text_version,
            "engine": self.engine,
            "language": self.language,
            "title": self.title,
            "part_number": self.part_number,
            "part_count": self.part_count,
            "items": [item.to_data() for item in self.items],
            "generated_at": rfc3339(self.generated_at),
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        return cls(
            document_id=UUID(data["document_id"]),
            owner_id=data["owner_id"],
            notes_version=data["notes_version"],
            text_version=data["text_version"],
            engine=data["engine"],
            language=data.get("language"),
            title=data["title"],
            part_number=data["part_number"],
            part_count=data["part_count"],
            items=tuple(NotesItem.from_data(item) for item in data["items"]),
            generated_at=parse_rfc3339(data["generated_at"]),
        )

    @property
    def key(self) -> str:
        return str(self.document_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class NotesGenerationFailed(Event):
    """Notes could not be made; earlier notes, if any, stay."""

    TYPE: ClassVar[str] = "notes.generation_failed"
    VERSION: ClassVar[int] = 1
    TOPIC: ClassVar[str] = "notes.generated"

    document_id: UUID
    owner_id: str
    notes_version: int
    error: Reason
    failed_at: datetime

    def __post_init__(self) -> None:
        object.__setattr__(self, "failed_at", utc_milliseconds(self.failed_at))

    def to_data(self) -> dict[str, Any]:
        return {
            "document_id": str(self.document_id),
            "owner_id": self.owner_id,
            "notes_version": self.notes_version,
            "error": self.error.to_data(),
            "failed_at": rfc3339(self.failed_at),
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        return cls(
            document_id=UUID(data["document_id"]),
            owner_id=data["owner_id"],
            notes_version=data["notes_version"],
            error=Reason.from_data(data["error"]),
            failed_at=parse_rfc3339(data["failed_at"]),
        )

    @property
    def key(self) -> str:
        return str(self.document_id)
