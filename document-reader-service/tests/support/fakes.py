"""Hand-written fakes of the service's own ports, on the chassis' fake database: what is not committed is not there."""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

from chassis.testing.fakes import FakeDatabase, FakeUnitOfWork

from document_reader_service.adapters.extractive import make_notes
from document_reader_service.adapters.readers import read_document
from document_reader_service.application.ports import StoredNotes
from document_reader_service.application.projections import DocumentRow, row_of
from document_reader_service.domain import events
from document_reader_service.domain.document import Document
from document_reader_service.domain.errors import ConcurrentChange
from document_reader_service.domain.notes import Detail, Notes
from document_reader_service.domain.text import Block, DocumentText

StoredEvent = tuple[int, str, int, dict[str, Any]]


class DocumentsDatabase(FakeDatabase):
    def __init__(self) -> None:
        super().__init__()
        self.streams: dict[UUID, list[StoredEvent]] = {}
        self.rows: dict[UUID, DocumentRow] = {}
        self.blocks: dict[UUID, tuple[Block, ...]] = {}
        self.notes: dict[tuple[UUID, int], StoredNotes] = {}


class FakeDocuments:
    def __init__(self, database: DocumentsDatabase) -> None:
        self._database = database

    async def find(self, document_id: UUID) -> Document | None:
        stored = self._database.streams.get(document_id)
        if not stored:
            return None
        stream = [events.from_data(type_, form, data) for _, type_, form, data in stored]
        return Document.replay(document_id, stream, stored[-1][0])

    async def find_by_content(self, owner_id: str, sha256: str) -> Document | None:
        for row in self._database.rows.values():
            if (row.owner_id, row.sha256) == (owner_id, sha256):
                return await self.find(row.document_id)
        return None

    async def save(self, document: Document) -> None:
        stream = self._database.streams.setdefault(document.document_id, [])
        if stream and stream[-1][0] != document.stored_version:
            raise ConcurrentChange
        for version, event in enumerate(document.recorded, start=document.stored_version + 1):
            stream.append((version, event.TYPE, event.VERSION, events.to_data(event)))
        self._project(document.document_id, row_of(document))
        if document.is_deleted:
            del stream[:-1]
        document.stored_version, document.recorded = document.version, []

    async def reproject(self, document_id: UUID) -> None:
        document = await self.find(document_id)
        self._project(document_id, row_of(document) if document else None)

    def _project(self, document_id: UUID, row: DocumentRow | None) -> None:
        if row is None:
            self._database.rows.pop(document_id, None)
        else:
            self._database.rows[document_id] = row


class FakeTexts:
    def __init__(self, database: DocumentsDatabase) -> None:
        self._database = database

    async def replace(self, document_id: UUID, blocks: Sequence[Block]) -> None:
        self._database.blocks[document_id] = tuple(blocks)

    async def blocks(self, document_id: UUID) -> tuple[Block, ...]:
        return self._database.blocks.get(document_id, ())

    async def delete(self, document_id: UUID) -> None:
        self._database.blocks.pop(document_id, None)


class FakeNotesVersions:
    def __init__(self, database: DocumentsDatabase) -> None:
        self._database = database

    async def add(self, stored: StoredNotes) -> None:
        self._database.notes[stored.document_id, stored.version] = stored

    async def newest(self, document_id: UUID) -> StoredNotes | None:
        return await FakeReadModel(self._database).notes(document_id, None)

    async def delete(self, document_id: UUID) -> None:
        for key in [key for key in self._database.notes if key[0] == document_id]:
            del self._database.notes[key]


class DocumentsUnitOfWork(FakeUnitOfWork):
    documents: FakeDocuments
    texts: FakeTexts
    notes: FakeNotesVersions

    def bind(self, database: Any) -> None:
        super().bind(database)
        self.documents = FakeDocuments(database)
        self.texts = FakeTexts(database)
        self.notes = FakeNotesVersions(database)


class FakeReadModel:
    def __init__(self, database: DocumentsDatabase) -> None:
        self._database = database

    async def document(self, document_id: UUID, owner_id: str) -> DocumentRow | None:
        row = self._database.rows.get(document_id)
        return row if row and row.owner_id == owner_id else None

    async def documents(self, owner_id: str, limit: int, before: UUID | None) -> list[DocumentRow]:
        mine = [row for row in self._database.rows.values() if row.owner_id == owner_id]
        older = [row for row in mine if before is None or row.document_id < before]
        return sorted(older, key=lambda row: row.document_id, reverse=True)[:limit]

    async def blocks(self, document_id: UUID, limit: int | None = None, after: int = -1) -> tuple[Block, ...]:
        return tuple(block for block in self._database.blocks.get(document_id, ()) if block.index > after)[:limit]

    async def notes(self, document_id: UUID, version: int | None) -> StoredNotes | None:
        mine = [stored for (owner, _), stored in self._database.notes.items() if owner == document_id]
        wanted = [stored for stored in mine if version in (None, stored.version)]
        return max(wanted, key=lambda stored: stored.version, default=None)

    async def document_ids(self, owner_id: str | None = None) -> AsyncIterator[UUID]:
        for row in sorted(self._database.rows.values(), key=lambda row: row.document_id):
            if owner_id in (None, row.owner_id):
                yield row.document_id

    async def stream_ids(self) -> AsyncIterator[UUID]:
        for document_id in sorted({*self._database.streams, *self._database.rows}):
            yield document_id

    async def living(self, document_ids: Sequence[UUID]) -> frozenset[UUID]:
        return frozenset(document_id for document_id in document_ids if document_id in self._database.rows)


class InlineEngines:
    """The real engines in this process: right for small files. `failure` is raised instead of working."""

    def __init__(self, failure: Exception | None = None) -> None:
        self.failure = failure

    async def read(self, path: str, media_type: str) -> DocumentText:
        if self.failure:
            raise self.failure
        return read_document(str(Path(path)), media_type, max_pages=2_000, max_characters=10_000_000)

    async def make_notes(self, text: DocumentText, detail: Detail) -> Notes:
        if self.failure:
            raise self.failure
        return make_notes(text, detail)
