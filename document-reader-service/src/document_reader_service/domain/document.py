"""The document: its state is the fold of its stream, and only events change it.

Every method checks its rule against the state and records events; nothing is written elsewhere.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import PurePath
from typing import Literal, Self
from uuid import UUID

from chassis.errors import Reason

from document_reader_service.domain import events
from document_reader_service.domain.errors import DocumentFailed, DocumentNotFound, Superseded, TextNotReady
from document_reader_service.domain.events import DomainEvent
from document_reader_service.domain.notes import Detail
from document_reader_service.domain.text import OutlineEntry

Status = Literal["pending", "processing", "completed", "failed", "cancelled"]

# Reading goes: the original is here, its text is read, the text is stored. The last one is `completed`.
READING_STEPS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Original:
    """The uploaded file: what it is called, what it is, and which bytes it has."""

    filename: str
    media_type: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TextFacts:
    """What reading the original brought to light, without the text itself."""

    title: str | None
    language: str | None
    page_count: int | None
    word_count: int
    character_count: int
    outline: tuple[OutlineEntry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """Everything the stream says. `deleted_at` set means that nothing else may happen any more."""

    owner_id: str
    original: Original
    given_title: str | None
    created_at: datetime
    uploaded_at: datetime  # the last time
    status: Status = "pending"
    steps_done: int = 0
    text: TextFacts | None = None
    text_version: int = 0
    processed_at: datetime | None = None  # when the reading ended, well or badly
    error: Reason | None = None
    notes_status: Status = "pending"
    notes_version: int = 0  # the newest one asked for
    notes_error: Reason | None = None
    notes_ended_at: datetime | None = None
    deleted_at: datetime | None = None


@dataclass(slots=True)
class Document:
    """One document with the version its stream had when it was loaded and the events recorded since."""

    document_id: UUID
    state: State
    stored_version: int = 0
    recorded: list[DomainEvent] = field(default_factory=list)

    @classmethod
    def upload(cls, document_id: UUID, owner_id: str, original: Original, title: str | None, at: datetime) -> Self:
        uploaded = events.Uploaded(
            at=at,
            owner_id=owner_id,
            filename=original.filename,
            media_type=original.media_type,
            size_bytes=original.size_bytes,
            sha256=original.sha256,
            title=title,
        )
        return cls(document_id, _begin(uploaded), recorded=[uploaded])

    @classmethod
    def replay(cls, document_id: UUID, stream: Sequence[DomainEvent], version: int) -> Self | None:
        """The document of a stored stream whose last event has this version; None when it is deleted."""
        if isinstance(stream[-1], events.Deleted):
            return None
        return cls(document_id, fold(stream), stored_version=version)

    @property
    def version(self) -> int:
        return self.stored_version + len(self.recorded)

    @property
    def owner_id(self) -> str:
        return self.state.owner_id

    @property
    def original(self) -> Original:
        return self.state.original

    @property
    def title(self) -> str:
        """As given by the owner, else as found in the document, else the file name without its ending."""
        found = self.state.text.title if self.state.text else None
        return self.state.given_title or found or PurePath(self.original.filename).stem or self.original.filename

    @property
    def is_deleted(self) -> bool:
        return self.state.deleted_at is not None

    def upload_again(self, at: datetime) -> bool:
        """The same bytes came again. True when that starts the reading anew, which it does after a failure."""
        if self.state.status != "failed":
            return False
        self._record(events.UploadedAgain(at=at))
        return True

    def start_processing(self, at: datetime) -> None:
        """Also the start of a further attempt. Raises Superseded when there is nothing to read any more."""
        self._expect_unread()
        self._record(events.ProcessingStarted(at=at))

    def advance_processing(self, at: datetime) -> None:
        self._expect_unread()
        self._record(events.ProcessingAdvanced(at=at, done=self.state.steps_done + 1))

    def complete_processing(self, text: TextFacts, at: datetime) -> None:
        """The text is read, and the first notes are asked for."""
        self._expect_unread()
        self._record(
            events.TextExtracted(
                at=at,
                text_version=self.state.text_version + 1,
                title=text.title,
                language=text.language,
                page_count=text.page_count,
                word_count=text.word_count,
                character_count=text.character_count,
                outline=text.outline,
            )
        )
        self.request_notes("standard", at)

    def fail_processing(self, error: Reason, at: datetime) -> None:
        self._expect_unread()
        self._record(events.ProcessingFailed(at=at, error=error))

    def request_notes(self, detail: Detail, at: datetime) -> int:
        """Ask for the next version of the notes and return its number; one being made is given up for it."""
        if self.state.status == "failed":
            raise DocumentFailed(self.state.error.detail if self.state.error else "")
        if self.state.status != "completed":
            raise TextNotReady("Notes can be made as soon as the text is read.", retry_after_seconds=2)
        version = self.state.notes_version + 1
        self._record(events.NotesRequested(at=at, notes_version=version, detail=detail))
        return version

    def start_notes(self, version: int, at: datetime) -> None:
        """Raises Superseded when these notes are not wanted any more."""
        self._expect_unmade(version)
        self._record(events.NotesStarted(at=at, notes_version=version))

    def complete_notes(self, version: int, engine: str, at: datetime) -> None:
        self._expect_unmade(version)
        self._record(events.NotesGenerated(at=at, notes_version=version, engine=engine))

    def fail_notes(self, version: int, error: Reason, at: datetime) -> None:
        self._expect_unmade(version)
        self._record(events.NotesFailed(at=at, notes_version=version, error=error))

    def delete(self, at: datetime) -> None:
        if self.is_deleted:
            raise DocumentNotFound
        self._record(events.Deleted(at=at, owner_id=self.owner_id))

    def _expect_unread(self) -> None:
        if self.is_deleted or self.state.status not in ("pending", "processing"):
            raise Superseded

    def _expect_unmade(self, version: int) -> None:
        wanted = self.state.notes_version == version and self.state.notes_status in ("pending", "processing")
        if self.is_deleted or not wanted:
            raise Superseded

    def _record(self, event: DomainEvent) -> None:
        self.state = evolve(self.state, event)
        self.recorded.append(event)


def fold(stream: Iterable[DomainEvent]) -> State:
    """The state a stream leads to. Raises ValueError for a stream that does not begin with an upload."""
    remaining = iter(stream)
    state = _begin(next(remaining))
    for event in remaining:
        state = evolve(state, event)
    return state


def _begin(event: DomainEvent) -> State:
    if not isinstance(event, events.Uploaded):
        raise ValueError(f"a stream cannot begin with {event.TYPE}")
    original = Original(
        filename=event.filename, media_type=event.media_type, size_bytes=event.size_bytes, sha256=event.sha256
    )
    return State(
        owner_id=event.owner_id,
        original=original,
        given_title=event.title,
        created_at=event.at,
        uploaded_at=event.at,
    )


def evolve(state: State, event: DomainEvent) -> State:
    """The state after one more event; pure, and total over the known events."""
    match event:
        case events.UploadedAgain():
            return replace(
                state,
                status="pending",
                steps_done=0,
                error=None,
                processed_at=None,
                notes_status="pending",
                uploaded_at=event.at,
            )
        case events.ProcessingStarted():
            return replace(state, status="processing", steps_done=0)
        case events.ProcessingAdvanced():
            return replace(state, steps_done=event.done)
        case events.TextExtracted():
            facts = TextFacts(
                title=event.title,
                language=event.language,
                page_count=event.page_count,
                word_count=event.word_count,
                character_count=event.character_count,
                outline=event.outline,
            )
            return replace(
                state, status="completed", text=facts, text_version=event.text_version, processed_at=event.at
            )
        case events.ProcessingFailed():
            return replace(state, status="failed", error=event.error, processed_at=event.at, notes_status="cancelled")
        case events.NotesRequested():
            return replace(
                state,
                notes_status="pending",
                notes_version=event.notes_version,
                notes_error=None,
                notes_ended_at=None,
            )
        case events.NotesStarted():
            return replace(state, notes_status="processing")
        case events.NotesGenerated():
            return replace(state, notes_status="completed", notes_ended_at=event.at)
        case events.NotesFailed():
            return replace(state, notes_status="failed", notes_error=event.error, notes_ended_at=event.at)
        case events.Deleted():
            return replace(state, status="cancelled", notes_status="cancelled", deleted_at=event.at)
        case _:
            raise ValueError(f"{event.TYPE} cannot follow in a stream")
