# Generated from topics/ and schemas/ by `python -m learning_contracts.generate`; do not edit.

"""Events on `audio.transcription.completed`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Self
from uuid import UUID

from learning_contracts.event import Event
from learning_contracts.events.parts import Reason, TranscriptSegment
from learning_contracts.times import parse_rfc3339, rfc3339, utc_milliseconds


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioTranscriptionCompleted(Event):
    """One part of a transcript. The text is whole when all parts of one text_version are there; a higher text_version
    replaces the lower.
    """

    TYPE: ClassVar[str] = "audio.transcription.completed"
    VERSION: ClassVar[int] = 1
    TOPIC: ClassVar[str] = "audio.transcription.completed"

    transcription_id: UUID
    owner_id: str
    text_version: int
    title: str
    filename: str
    language: str | None = None
    duration_seconds: float
    confidence: float | None = None
    no_speech: bool
    engine: str
    part_number: int
    part_count: int
    segments: tuple[TranscriptSegment, ...]
    completed_at: datetime

    def __post_init__(self) -> None:
        object.__setattr__(self, "completed_at", utc_milliseconds(self.completed_at))

    def to_data(self) -> dict[str, Any]:
        return {
            "transcription_id": str(self.transcription_id),
            "owner_id": self.owner_id,
            "text_version": self.text_version,
            "title": self.title,
            "filename": self.filename,
            "language": self.language,
            "duration_seconds": self.duration_seconds,
            "confidence": self.confidence,
            "no_speech": self.no_speech,
            "engine": self.engine,
            "part_number": self.part_number,
            "part_count": self.part_count,
            "segments": [item.to_data() for item in self.segments],
            "completed_at": rfc3339(self.completed_at),
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        return cls(
            transcription_id=UUID(data["transcription_id"]),
            owner_id=data["owner_id"],
            text_version=data["text_version"],
            title=data["title"],
            filename=data["filename"],
            language=data.get("language"),
            duration_seconds=data["duration_seconds"],
            confidence=data.get("confidence"),
            no_speech=data["no_speech"],
            engine=data["engine"],
            part_number=data["part_number"],
            part_count=data["part_count"],
            segments=tuple(TranscriptSegment.from_data(item) for item in data["segments"]),
            completed_at=parse_rfc3339(data["completed_at"]),
        )

    @property
    def key(self) -> str:
        return str(self.transcription_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioTranscriptionFailed(Event):
    """A recording could not be transcribed."""

    TYPE: ClassVar[str] = "audio.transcription.failed"
    VERSION: ClassVar[int] = 1
    TOPIC: ClassVar[str] = "audio.transcription.completed"

    transcription_id: UUID
    owner_id: str
    error: Reason
    failed_at: datetime

    def __post_init__(self) -> None:
        object.__setattr__(self, "failed_at", utc_milliseconds(self.failed_at))

    def to_data(self) -> dict[str, Any]:
        return {
            "transcription_id": str(self.transcription_id),
            "owner_id": self.owner_id,
            "error": self.error.to_data(),
            "failed_at": rfc3339(self.failed_at),
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        return cls(
            transcription_id=UUID(data["transcription_id"]),
            owner_id=data["owner_id"],
            error=Reason.from_data(data["error"]),
            failed_at=parse_rfc3339(data["failed_at"]),
        )

    @property
    def key(self) -> str:
        return str(self.transcription_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioTranscriptionDeleted(Event):
    """A recording and its transcript were deleted; whoever keeps something of them deletes that too."""

    TYPE: ClassVar[str] = "audio.transcription.deleted"
    VERSION: ClassVar[int] = 1
    TOPIC: ClassVar[str] = "audio.transcription.completed"

    transcription_id: UUID
    owner_id: str
    deleted_at: datetime

    def __post_init__(self) -> None:
        object.__setattr__(self, "deleted_at", utc_milliseconds(self.deleted_at))

    def to_data(self) -> dict[str, Any]:
        return {
            "transcription_id": str(self.transcription_id),
            "owner_id": self.owner_id,
            "deleted_at": rfc3339(self.deleted_at),
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        return cls(
            transcription_id=UUID(data["transcription_id"]),
            owner_id=data["owner_id"],
            deleted_at=parse_rfc3339(data["deleted_at"]),
        )

    @property
    def key(self) -> str:
        return str(self.transcription_id)
