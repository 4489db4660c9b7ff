# Generated from topics/ and schemas/ by `python -m learning_contracts.generate`; do not edit.

"""Events on `document.uploaded`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Self
from uuid import UUID

from learning_contracts.event import Event
from learning_contracts.times import parse_rfc3339, rfc3339, utc_milliseconds


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentUploaded(Event):
    """A document was accepted and stored; its text is not read yet."""

    TYPE: ClassVar[str] = "document.uploaded"
    VERSION: ClassVar[int] = 1
    TOPIC: ClassVar[str] = "document.uploaded"

    document_id: UUID
    owner_id: str
    filename: str
    media_type: str
    size_bytes: int
    sha256: str
    title: str
    uploaded_at: datetime

    def __post_init__(self) -> None:
        object.__setattr__(self, "uploaded_at", utc_milliseconds(self.uploaded_at))

    def to_data(self) -> dict[str, Any]:
        return {
            "document_id": str(self.document_id),
            "owner_id": self.owner_id,
            "filename": self.filename,
            "media_type": self.media_type,
            "size_bytes": self.size_bytes,
            "sha256": self.sha256,
            "title": self.title,
            "uploaded_at": rfc3339(self.uploaded_at),
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        return cls(
            document_id=UUID(data["document_id"]),
            owner_id=data["owner_id"],
            filename=data["filename"],
            media_type=data["media_type"],
            size_bytes=data["size_bytes"],
            sha256=data["sha256"],
            title=data["title"],
            uploaded_at=parse_rfc3339(data["uploaded_at"]),
        )

    @property
    def key(self) -> str:
        return str(self.document_id)
