"""The event store of documents and their read model, written by the same statement sequence of one transaction.

The primary key (stream, version) decides between writers; the row lock only spares them from meeting there.
"""

from uuid import UUID

from chassis.postgres import Connection
from psycopg.errors import UniqueViolation
from psycopg.types.json import Jsonb

from document_reader_service.adapters.postgres import rows
from document_reader_service.application.projections import DocumentRow, row_of
from document_reader_service.domain import events
from document_reader_service.domain.document import Document
from document_reader_service.domain.errors import ConcurrentChange

_LOCK_DOCUMENT = "SELECT 1 FROM documents WHERE document_id = %s FOR UPDATE"
_LOCK_CONTENT = "SELECT pg_advisory_xact_lock(hashtextextended('content:' || %s || ':' || %s, 0))"
_FIND_CONTENT = "SELECT document_id FROM documents WHERE owner_id = %s AND sha256 = %s"
_STREAM = "SELECT version, type, form_version, data FROM document_events WHERE stream_id = %s ORDER BY version"
_APPEND = """
INSERT INTO document_events (stream_id, version, type, form_version, data) VALUES (%s, %s, %s, %s, %s)
"""
_FORGET = "DELETE FROM document_events WHERE stream_id = %s AND version < %s"
_REMOVE_ROW = "DELETE FROM documents WHERE document_id = %s"
_UPSERT_ROW = """
INSERT INTO documents ({columns}) VALUES ({values}) ON CONFLICT (document_id) DO UPDATE SET {assignments}
""".format(
    columns=", ".join(rows.DOCUMENT_COLUMNS),
    values=", ".join(f"%({name})s" for name in rows.DOCUMENT_COLUMNS),
    assignments=", ".join(f"{name} = excluded.{name}" for name in rows.DOCUMENT_COLUMNS if name != "document_id"),
)


class PostgresDocuments:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def find(self, document_id: UUID) -> Document | None:
        await self._connection.execute(_LOCK_DOCUMENT, (document_id,))
        return await self._replay(document_id)

    async def find_by_content(self, owner_id: str, sha256: str) -> Document | None:
        await self._connection.execute(_LOCK_CONTENT, (owner_id, sha256))
        found = await (await self._connection.execute(_FIND_CONTENT, (owner_id, sha256))).fetchone()
        return await self.find(found["document_id"]) if found else None

    async def save(self, document: Document) -> None:
        await self._append(document)
        await self._project(document.document_id, row_of(document))
        if document.is_deleted:
            # Nothing of what the owner deleted stays behind; the last event keeps the stream's place.
            await self._connection.execute(_FORGET, (document.document_id, document.version))
        document.stored_version, document.recorded = document.version, []

    async def reproject(self, document_id: UUID) -> None:
        document = await self.find(document_id)
        await self._project(document_id, row_of(document) if document else None)

    async def _append(self, document: Document) -> None:
        try:
            async with self._connection.cursor() as cursor:
                await cursor.executemany(
                    _APPEND,
                    [
                        (document.document_id, version, event.TYPE, event.VERSION, Jsonb(events.to_data(event)))
                        for version, event in enumerate(document.recorded, start=document.stored_version + 1)
                    ],
                )
        except UniqueViolation as error:
            raise ConcurrentChange from error

    async def _replay(self, document_id: UUID) -> Document | None:
        stored = await (await self._connection.execute(_STREAM, (document_id,))).fetchall()
        if not stored:
            return None
        stream = [events.from_data(row["type"], row["form_version"], row["data"]) for row in stored]
        return Document.replay(document_id, stream, stored[-1]["version"])

    async def _project(self, document_id: UUID, row: DocumentRow | None) -> None:
        if row is None:
            await self._connection.execute(_REMOVE_ROW, (document_id,))
        else:
            await self._connection.execute(_UPSERT_ROW, rows.document_values(row))
