# Generated from topics/ and schemas/ by `python -m learning_contracts.generate`; do not edit.

"""Events on `document.processed`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Self
from uuid import UUID

from learning_contracts.event import Event
from learning_contracts.events.parts import Reason, TextBlock
from learning_contracts.times import parse_rfc3339, rfc3339, utc_milliseconds


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentProcessed(Event):
    """One part of a document's text. The text is whole when all parts of one text_version are there; a higher
    text_version replaces the lower.
    """

    TYPE: ClassVar[str] = "document.processed"
    VERSION: ClassVar[int] = 1
    TOPIC: ClassVar[str] = "document.processed"

    document_id: UUID
    owner_id: str
    text_version: int
    title: str
    filename: str
    media_type: str
    language: str | None = None
    page_count: int | None = None
    word_count: int
    character_count: int
    part_number: int
    part_count: int
    blocks: tuple[TextBlock, ...]
    processed_at: datetime

    def __post_init__(self) -> None:
        object.__setattr__(self, "processed_at", utc_milliseconds(self.processed_at))

    def to_data(self) -> dict[str, Any]:
        return {
            "document_id": str(self.document_id),
            "owner_id": self.owner_id,
            "text_version": self.text_version,
            "title": self.title,
            "filename": self.filename,
            "media_type": self.media_type,
            "language": self.language,
            "page_count": self.page_count,
            "word_count": self.word_count,
            "character_count": self.character_count,
            "part_number": self.part_number,
            "part_count": self.part_count,
            "blocks": [item.to_data() for item in self.blocks],
            "processed_at": rfc3339(self.processed_at),
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        return cls(
            document_id=UUID(data["document_id"]),
            owner_id=data["owner_id"],
            text_version=data["text_version"],
            title=data["title"],
            filename=data["filename"],
            media_type=data["media_type"],
            language=data.get("language"),
            page_count=data.get("page_count"),
            word_count=data["word_count"],
            character_count=data["character_count"],
            part_number=data["part_number"],
            part_count=data["part_count"],
            blocks=tuple(TextBlock.from_data(item) for item in data["blocks"]),
            processed_at=parse_rfc3339(data["processed_at"]),
        )

    @property
    def key(self) -> str:
        return str(self.document_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentProcessingFailed(Event):
    """A document could not be read; it has no text."""

    TYPE: ClassVar[str] = "document.processing_failed"
    VERSION: ClassVar[int] = 1
    TOPIC: ClassVar[str] = "document.processed"

    document_id: UUID
    owner_id: str
    error: Reason
    failed_at: datetime

    def __post_init__(self) -> None:
        object.__setattr__(self, "failed_at", utc_milliseconds(self.failed_at))

    def to_data(self) -> dict[str, Any]:
        return {
            "document_id": str(self.document_id),
            "owner_id": self.owner_id,
            "error": self.error.to_data(),
            "failed_at": rfc3339(self.failed_at),
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        return cls(
            document_id=UUID(data["document_id"]),
            owner_id=data["owner_id"],
            error=Reason.from_data(data["error"]),
            failed_at=parse_rfc3339(data["failed_at"]),
        )

    @property
    def key(self) -> str:
        return str(self.document_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentDeleted(Event):
    """A document was deleted by its owner; whoever keeps something of it deletes that too."""

    TYPE: ClassVar[str] = "document.deleted"
    VERSION: ClassVar[int] = 1
    TOPIC: ClassVar[str] = "document.processed"

    document_id: UUID
    owner_id: str
    deleted_at: datetime

    def __post_init__(self) -> None:
        object.__setattr__(self, "deleted_at", utc_milliseconds(self.deleted_at))

    def to_data(self) -> dict[str, Any]:
        return {
            "document_id": str(self.document_id),
            "owner_id": self.owner_id,
            "deleted_at": rfc3339(self.deleted_at),
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        return cls(
            document_id=UUID(data["document_id"]),
            owner_id=data["owner_id"],
            deleted_at=parse_rfc3339(data["deleted_at"]),
        )

    @property
    def key(self) -> str:
        return str(self.document_id)
