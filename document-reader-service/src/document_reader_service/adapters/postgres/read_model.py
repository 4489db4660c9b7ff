"""Reads outside units of work, each on a connection of its own for as long as its one statement takes."""

from collections.abc import AsyncIterator, Sequence
from typing import Any
from uuid import UUID

from chassis.postgres import Pool

from document_reader_service.adapters.postgres import rows
from document_reader_service.application.ports import StoredNotes
from document_reader_service.application.projections import DocumentRow
from document_reader_service.domain.text import Block

BATCH = 500

_COLUMNS = ", ".join(rows.DOCUMENT_COLUMNS)

_DOCUMENT = f"SELECT {_COLUMNS} FROM documents WHERE document_id = %s AND owner_id = %s"  # noqa: S608 - constants
_DOCUMENTS = f"""
SELECT {_COLUMNS} FROM documents
WHERE owner_id = %(owner_id)s AND (%(before)s::uuid IS NULL OR document_id < %(before)s)
ORDER BY document_id DESC LIMIT %(limit)s
"""  # noqa: S608 - constants
_BLOCKS = """
SELECT index, page, kind, level, text, box FROM blocks
WHERE document_id = %s AND index > %s ORDER BY index LIMIT %s
"""
_NOTES = """
SELECT * FROM notes
WHERE document_id = %(document_id)s AND (%(version)s::integer IS NULL OR version = %(version)s)
ORDER BY version DESC LIMIT 1
"""
_LIVING_IDS = """
SELECT document_id AS id FROM documents
WHERE document_id > %(after)s AND (%(owner_id)s::text IS NULL OR owner_id = %(owner_id)s)
ORDER BY document_id LIMIT %(limit)s
"""
_STREAM_IDS = """
SELECT DISTINCT id FROM (
    SELECT stream_id AS id FROM document_events UNION SELECT document_id FROM documents
) AS ids
WHERE id > %(after)s ORDER BY id LIMIT %(limit)s
"""


class PostgresReadModel:
    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def document(self, document_id: UUID, owner_id: str) -> DocumentRow | None:
        found = await self._fetch(_DOCUMENT, (document_id, owner_id))
        return rows.document_row(found[0]) if found else None

    async def documents(self, owner_id: str, limit: int, before: UUID | None) -> list[DocumentRow]:
        found = await self._fetch(_DOCUMENTS, {"owner_id": owner_id, "limit": limit, "before": before})
        return [rows.document_row(row) for row in found]

    async def blocks(self, document_id: UUID, limit: int | None = None, after: int = -1) -> tuple[Block, ...]:
        found = await self._fetch(_BLOCKS, (document_id, after, limit))
        return tuple(rows.block(row) for row in found)

    async def notes(self, document_id: UUID, version: int | None) -> StoredNotes | None:
        found = await self._fetch(_NOTES, {"document_id": document_id, "version": version})
        return rows.stored_notes(found[0]) if found else None

    async def living(self, document_ids: Sequence[UUID]) -> frozenset[UUID]:
        found = await self._fetch(
            "SELECT document_id FROM documents WHERE document_id = ANY(%s)", (list(document_ids),)
        )
        return frozenset(row["document_id"] for row in found)

    async def document_ids(self, owner_id: str | None = None) -> AsyncIterator[UUID]:
        async for found in self._ids(_LIVING_IDS, owner_id=owner_id):
            yield found

    async def stream_ids(self) -> AsyncIterator[UUID]:
        async for found in self._ids(_STREAM_IDS):
            yield found

    async def _ids(self, query: str, **parameters: Any) -> AsyncIterator[UUID]:
        """In batches by key, so that no cursor stays open while the caller works."""
        after = UUID(int=0)
        while batch := await self._fetch(query, {**parameters, "after": after, "limit": BATCH}):
            for row in batch:
                yield row["id"]
            after = batch[-1]["id"]

    async def _fetch(self, query: str, parameters: Any) -> list[dict[str, Any]]:
        async with self._pool.connection() as connection:
            return await (await connection.execute(query, parameters)).fetchall()
