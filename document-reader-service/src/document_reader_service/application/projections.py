"""The read model of a document: one row, a function of its stream alone, so a replay gives the same row."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.errors import Reason

from document_reader_service.domain.document import Document, Status
from document_reader_service.domain.text import OutlineEntry

_SETTLED = ("completed", "failed", "cancelled")


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentRow:
    """Everything the list and the status of a document show; `revision` is the version of the stream."""

    document_id: UUID
    owner_id: str
    status: Status
    filename: str
    media_type: str
    size_bytes: int
    sha256: str
    title: str
    created_at: datetime
    language: str | None
    page_count: int | None
    word_count: int | None
    character_count: int | None
    outline: tuple[OutlineEntry, ...]
    text_version: int
    notes_status: Status
    notes_version: int
    notes_error: Reason | None
    processed_at: datetime | None
    error: Reason | None
    steps_done: int
    revision: int

    @property
    def is_read(self) -> bool:
        """The reading has ended, well or badly."""
        return self.status in _SETTLED

    @property
    def is_settled(self) -> bool:
        """Nothing is running any more, the notes included."""
        return self.is_read and self.notes_status in _SETTLED


def row_of(document: Document) -> DocumentRow | None:
    """The row of a living document; None for a deleted one, which has none."""
    state, text = document.state, document.state.text
    if document.is_deleted:
        return None
    return DocumentRow(
        document_id=document.document_id,
        owner_id=state.owner_id,
        status=state.status,
        filename=document.original.filename,
        media_type=document.original.media_type,
        size_bytes=document.original.size_bytes,
        sha256=document.original.sha256,
        title=document.title,
        created_at=state.created_at,
        language=text.language if text else None,
        page_count=text.page_count if text else None,
        word_count=text.word_count if text else None,
        character_count=text.character_count if text else None,
        outline=text.outline if text else (),
        text_version=state.text_version,
        notes_status=state.notes_status,
        notes_version=state.notes_version,
        notes_error=state.notes_error,
        processed_at=state.processed_at,
        error=state.error,
        steps_done=state.steps_done,
        revision=document.version,
    )
