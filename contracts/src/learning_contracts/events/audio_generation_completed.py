# Generated from topics/ and schemas/ by `python -m learning_contracts.generate`; do not edit.

"""Events on `audio.generation.completed`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Self
from uuid import UUID

from learning_contracts.event import Event
from learning_contracts.events.parts import AudioFormat, Reason
from learning_contracts.times import parse_rfc3339, rfc3339, utc_milliseconds


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioGenerationCompleted(Event):
    """The audio is there to be fetched."""

    TYPE: ClassVar[str] = "audio.generation.completed"
    VERSION: ClassVar[int] = 1
    TOPIC: ClassVar[str] = "audio.generation.completed"

    audio_id: UUID
    owner_id: str
    voice: str
    language: str
    format: AudioFormat
    characters: int
    duration_seconds: float
    size_bytes: int
    sha256: str
    engine: str
    completed_at: datetime

    def __post_init__(self) -> None:
        object.__setattr__(self, "completed_at", utc_milliseconds(self.completed_at))

    def to_data(self) -> dict[str, Any]:
        return {
            "audio_id": str(self.audio_id),
            "owner_id": self.owner_id,
            "voice": self.voice,
            "language": self.language,
            "format": self.format,
            "characters": self.characters,
            "duration_seconds": self.duration_seconds,
            "size_bytes": self.size_bytes,
            "sha256": self.sha256,
            "engine": self.engine,
            "completed_at": rfc3339(self.completed_at),
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        return cls(
            audio_id=UUID(data["audio_id"]),
            owner_id=data["owner_id"],
            voice=data["voice"],
            language=data["language"],
            format=data["format"],
            characters=data["characters"],
            duration_seconds=data["duration_seconds"],
            size_bytes=data["size_bytes"],
            sha256=data["sha256"],
            engine=data["engine"],
            completed_at=parse_rfc3339(data["completed_at"]),
        )

    @property
    def key(self) -> str:
        return str(self.audio_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioGenerationFailed(Event):
    """Speech could not be made."""

    TYPE: ClassVar[str] = "audio.generation.failed"
    VERSION: ClassVar[int] = 1
    TOPIC: ClassVar[str] = "audio.generation.completed"

    audio_id: UUID
    owner_id: str
    error: Reason
    failed_at: datetime

    def __post_init__(self) -> None:
        object.__setattr__(self, "failed_at", utc_milliseconds(self.failed_at))

    def to_data(self) -> dict[str, Any]:
        return {
            "audio_id": str(self.audio_id),
            "owner_id": self.owner_id,
            "error": self.error.to_data(),
            "failed_at": rfc3339(self.failed_at),
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        return cls(
            audio_id=UUID(data["audio_id"]),
            owner_id=data["owner_id"],
            error=Reason.from_data(data["error"]),
            failed_at=parse_rfc3339(data["failed_at"]),
        )

    @property
    def key(self) -> str:
        return str(self.audio_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioGenerationDeleted(Event):
    """A speech job and its audio were deleted."""

    TYPE: ClassVar[str] = "audio.generation.deleted"
    VERSION: ClassVar[int] = 1
    TOPIC: ClassVar[str] = "audio.generation.completed"

    audio_id: UUID
    owner_id: str
    deleted_at: datetime

    def __post_init__(self) -> None:
        object.__setattr__(self, "deleted_at", utc_milliseconds(self.deleted_at))

    def to_data(self) -> dict[str, Any]:
        return {
            "audio_id": str(self.audio_id),
            "owner_id": self.owner_id,
            "deleted_at": rfc3339(self.deleted_at),
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        return cls(
            audio_id=UUID(data["audio_id"]),
            owner_id=data["owner_id"],
            deleted_at=parse_rfc3339(data["deleted_at"]),
        )

    @property
    def key(self) -> str:
        return str(self.audio_id)
