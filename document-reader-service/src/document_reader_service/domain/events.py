"""What happened to a document: the facts its stream is made of, each with the version of its form.

A stored event is never changed; when its form changes, an upcaster here lifts the older data on reading.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any, ClassVar

from chassis.clock import rfc3339
from chassis.errors import Reason

from document_reader_service.domain.notes import Detail
from document_reader_service.domain.text import OutlineEntry

Data = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainEvent:
    TYPE: ClassVar[str]
    VERSION: ClassVar[int] = 1

    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Uploaded(DomainEvent):
    TYPE = "uploaded"

    owner_id: str
    filename: str
    media_type: str
    size_bytes: int
    sha256: str
    title: str | None  # as the owner gave it


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadedAgain(DomainEvent):
    """The bytes of a document that had failed came once more: it is read again."""

    TYPE = "uploaded_again"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessingStarted(DomainEvent):
    TYPE = "processing_started"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessingAdvanced(DomainEvent):
    TYPE = "processing_advanced"

    done: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TextExtracted(DomainEvent):
    TYPE = "text_extracted"

    text_version: int
    title: str | None  # as found in the document
    language: str | None
    page_count: int | None
    word_count: int
    character_count: int
    outline: tuple[OutlineEntry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessingFailed(DomainEvent):
    TYPE = "processing_failed"

    error: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class NotesRequested(DomainEvent):
    TYPE = "notes_requested"

    notes_version: int
    detail: Detail


@dataclass(frozen=True, slots=True, kw_only=True)
class NotesStarted(DomainEvent):
    TYPE = "notes_started"

    notes_version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NotesGenerated(DomainEvent):
    TYPE = "notes_generated"

    notes_version: int
    engine: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NotesFailed(DomainEvent):
    TYPE = "notes_failed"

    notes_version: int
    error: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Deleted(DomainEvent):
    TYPE = "deleted"

    owner_id: str


EVENT_CLASSES: Mapping[str, type[DomainEvent]] = {
    event.TYPE: event
    for event in (
        Uploaded,
        UploadedAgain,
        ProcessingStarted,
        ProcessingAdvanced,
        TextExtracted,
        ProcessingFailed,
        NotesRequested,
        NotesStarted,
        NotesGenerated,
        NotesFailed,
        Deleted,
    )
}

# (type, version of the stored data) → data of the next version. Empty as long as every form is the first one.
Upcasters = Mapping[tuple[str, int], Callable[[Data], Data]]
UPCASTERS: Upcasters = {}


def to_data(event: DomainEvent) -> Data:
    """The event as JSON-ready data; `from_data` gives it back."""
    return {field.name: _plain(getattr(event, field.name)) for field in fields(event)}


def from_data(type_: str, version: int, data: Data, upcasters: Upcasters = UPCASTERS) -> DomainEvent:
    """The event of stored data, lifted to the present form first. Raises KeyError for what it cannot know."""
    event_class = EVENT_CLASSES[type_]
    while version != event_class.VERSION:
        data = upcasters[type_, version](data)
        version += 1
    return event_class(**{name: _rich(name, value) for name, value in data.items()})


def _plain(value: Any) -> Any:
    match value:
        case datetime():
            return rfc3339(value)
        case Reason():
            return value.to_dict()
        case tuple():
            return [{field.name: getattr(item, field.name) for field in fields(item)} for item in value]
        case _:
            return value


def _rich(name: str, value: Any) -> Any:
    match name:
        case "at":
            return datetime.fromisoformat(value).astimezone(UTC)
        case "error":
            return Reason(**value)
        case "outline":
            return tuple(OutlineEntry(**item) for item in value)
        case _:
            return value
