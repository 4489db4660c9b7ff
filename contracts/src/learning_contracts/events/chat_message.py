# Generated from topics/ and schemas/ by `python -m learning_contracts.generate`; do not edit.

"""Events on `chat.message`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Self
from uuid import UUID

from learning_contracts.event import Event
from learning_contracts.events.parts import Citation, MessageRole
from learning_contracts.times import parse_rfc3339, rfc3339, utc_milliseconds


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatMessage(Event):
    """One message of a conversation, of the learner or of the assistant."""

    TYPE: ClassVar[str] = "chat.message"
    VERSION: ClassVar[int] = 1
    TOPIC: ClassVar[str] = "chat.message"

    conversation_id: UUID
    message_id: UUID
    owner_id: str
    role: MessageRole
    text: str
    citations: tuple[Citation, ...]
    grounded: bool | None = None
    engine: str | None = None
    sent_at: datetime

    def __post_init__(self) -> None:
        object.__setattr__(self, "sent_at", utc_milliseconds(self.sent_at))

    def to_data(self) -> dict[str, Any]:
        return {
            "conversation_id": str(self.conversation_id),
            "message_id": str(self.message_id),
            "owner_id": self.owner_id,
            "role": self.role,
            "text": self.text,
            "citations": [item.to_data() for item in self.citations],
            "grounded": self.grounded,
            "engine": self.engine,
            "sent_at": rfc3339(self.sent_at),
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        return cls(
            conversation_id=UUID(data["conversation_id"]),
            message_id=UUID(data["message_id"]),
            owner_id=data["owner_id"],
            role=data["role"],
            text=data["text"],
            citations=tuple(Citation.from_data(item) for item in data["citations"]),
            grounded=data.get("grounded"),
            engine=data.get("engine"),
            sent_at=parse_rfc3339(data["sent_at"]),
        )

    @property
    def key(self) -> str:
        return str(self.conversation_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatConversationDeleted(Event):
    """A conversation and its messages were deleted."""

    TYPE: ClassVar[str] = "chat.conversation_deleted"
    VERSION: ClassVar[int] = 1
    TOPIC: ClassVar[str] = "chat.message"

    conversation_id: UUID
    owner_id: str
    deleted_at: datetime

    def __post_init__(self) -> None:
        object.__setattr__(self, "deleted_at", utc_milliseconds(self.deleted_at))

    def to_data(self) -> dict[str, Any]:
        return {
            "conversation_id": str(self.conversation_id),
            "owner_id": self.owner_id,
            "deleted_at": rfc3339(self.deleted_at),
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        return cls(
            conversation_id=UUID(data["conversation_id"]),
            owner_id=data["owner_id"],
            deleted_at=parse_rfc3339(data["deleted_at"]),
        )

    @property
    def key(self) -> str:
        return str(self.conversation_id)
