# Generated from topics/ and schemas/ by `python -m learning_contracts.generate`; do not edit.

"""Events on `audio.generation.requested`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Self
from uuid import UUID

from learning_contracts.event import Event
from learning_contracts.times import parse_rfc3339, rfc3339, utc_milliseconds


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioGenerationRequested(Event):
    """Speech was ordered. The text stays in the producer's storage."""

    TYPE: ClassVar[str] = "audio.generation.requested"
    VERSION: ClassVar[int] = 1
    TOPIC: ClassVar[str] = "audio.generation.requested"

    audio_id: UUID
    owner_id: str
    requested_at: datetime

    def __post_init__(self) -> None:
        object.__setattr__(self, "requested_at", utc_milliseconds(self.requested_at))

    def to_data(self) -> dict[str, Any]:
        return {
            "audio_id": str(self.audio_id),
            "owner_id": self.owner_id,
            "requested_at": rfc3339(self.requested_at),
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        return cls(
            audio_id=UUID(data["audio_id"]),
            owner_id=data["owner_id"],
            requested_at=parse_rfc3339(data["requested_at"]),
        )

    @property
    def key(self) -> str:
        return str(self.audio_id)
