# Generated from topics/ and schemas/ by `python -m learning_contracts.generate`; do not edit.

"""Events on `audio.transcription.requested`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Self
from uuid import UUID

from learning_contracts.event import Event
from learning_contracts.times import parse_rfc3339, rfc3339, utc_milliseconds


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioTranscriptionRequested(Event):
    """A recording was accepted and stored; it is not transcribed yet."""

    TYPE: ClassVar[str] = "audio.transcription.requested"
    VERSION: ClassVar[int] = 1
    TOPIC: ClassVar[str] = "audio.transcription.requested"

    transcription_id: UUID
    owner_id: str
    filename: str
    media_type: str
    size_bytes: int
    sha256: str
    language: str | None = None
    prompt: str | None = None
    title: str
    requested_at: datetime

    def __post_init__(self) -> None:
        object.__setattr__(self, "requested_at", utc_milliseconds(self.requested_at))

    def to_data(self) -> dict[str, Any]:
        return {
            "transcription_id": str(self.transcription_id),
            "owner_id": self.owner_id,
            "filename": self.filename,
            "media_type": self.media_type,
            "size_bytes": self.size_bytes,
            "sha256": self.sha256,
            "language": self.language,
            "prompt": self.prompt,
            "title": self.title,
            "requested_at": rfc3339(self.requested_at),
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        return cls(
            transcription_id=UUID(data["transcription_id"]),
            owner_id=data["owner_id"],
            filename=data["filename"],
            media_type=data["media_type"],
            size_bytes=data["size_bytes"],
            sha256=data["sha256"],
            language=data.get("language"),
            prompt=data.get("prompt"),
            title=data["title"],
            requested_at=parse_rfc3339(data["requested_at"]),
        )

    @property
    def key(self) -> str:
        return str(self.transcription_id)
