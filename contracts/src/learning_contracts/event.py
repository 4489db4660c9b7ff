"""What every event class has; the classes themselves are generated into `learning_contracts.events`."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, Self


class Event(ABC):
    """A fact that happened, immutable. Times are aware, UTC and in milliseconds: a naive one raises ValueError."""

    __slots__ = ()

    TYPE: ClassVar[str]
    VERSION: ClassVar[int]
    TOPIC: ClassVar[str]

    @property
    @abstractmethod
    def key(self) -> str:
        """Key of the Kafka message: events with the same key keep their order."""

    @abstractmethod
    def to_data(self) -> dict[str, Any]:
        """The event's data, ready for JSON."""

    @classmethod
    @abstractmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        """The inverse of `to_data`, for data that is valid; fields it does not know are ignored."""


def type_with_version(event: Event | type[Event]) -> str:
    """`document.uploaded.v1`: names the type on the wire, in the registry and in the files."""
    return f"{event.TYPE}.v{event.VERSION}"
