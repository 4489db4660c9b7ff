"""What the use cases need from outside, as protocols; `adapters` and the chassis fulfil them."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from chassis import ports

from document_reader_service.application.projections import DocumentRow
from document_reader_service.domain.document import Document
from document_reader_service.domain.notes import Detail, Notes
from document_reader_service.domain.text import Block, DocumentText


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredNotes:
    """One version of a document's notes."""

    document_id: UUID
    version: int
    text_version: int
    detail: Detail
    notes: Notes
    created_at: datetime


class Documents(Protocol):
    """Documents as streams of events, with their row in the read model kept in step."""

    async def find(self, document_id: UUID) -> Document | None:
        """A living document, locked against other writers until the unit of work ends; None: never was, or deleted."""
        ...

    async def find_by_content(self, owner_id: str, sha256: str) -> Document | None:
        """The owner's living document with these bytes, locked; waits for another upload of the same bytes."""
        ...

    async def save(self, document: Document) -> None:
        """Append what was recorded and project it. Raises ConcurrentChange when the stream has moved on meanwhile."""
        ...

    async def reproject(self, document_id: UUID) -> None:
        """Replay the stream and write the row it gives."""
        ...


class Texts(Protocol):
    async def replace(self, document_id: UUID, blocks: Sequence[Block]) -> None: ...

    async def blocks(self, document_id: UUID) -> tuple[Block, ...]:
        """All blocks in reading order."""
        ...

    async def delete(self, document_id: UUID) -> None: ...


class NotesVersions(Protocol):
    async def add(self, stored: StoredNotes) -> None: ...

    async def newest(self, document_id: UUID) -> StoredNotes | None: ...

    async def delete(self, document_id: UUID) -> None: ...


class UnitOfWork(ports.UnitOfWork, Protocol):
    """One transaction, opened and ended by the edge."""

    @property
    def documents(self) -> Documents: ...

    @property
    def texts(self) -> Texts: ...

    @property
    def notes(self) -> NotesVersions: ...


class ReadModel(Protocol):
    """Reads outside any unit of work; an owner sees only what is theirs."""

    async def document(self, document_id: UUID, owner_id: str) -> DocumentRow | None: ...

    async def documents(self, owner_id: str, limit: int, before: UUID | None) -> list[DocumentRow]:
        """Newest first, those older than `before`."""
        ...

    async def blocks(self, document_id: UUID, limit: int | None = None, after: int = -1) -> tuple[Block, ...]:
        """In reading order, those behind index `after`."""
        ...

    async def notes(self, document_id: UUID, version: int | None) -> StoredNotes | None:
        """One version, or the newest there is."""
        ...

    def document_ids(self, owner_id: str | None = None) -> AsyncIterator[UUID]:
        """Ids of living documents, oldest first."""
        ...

    def stream_ids(self) -> AsyncIterator[UUID]:
        """Ids of all streams, those of deleted documents included."""
        ...

    async def living(self, document_ids: Sequence[UUID]) -> frozenset[UUID]:
        """Those of the ids whose document is there."""
        ...


class Engines(Protocol):
    """The slow work, away from this process; each raises a Problem where the document is to blame."""

    async def read(self, path: str, media_type: str) -> DocumentText: ...

    async def make_notes(self, text: DocumentText, detail: Detail) -> Notes: ...
