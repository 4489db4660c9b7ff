"""Texts and notes: what was made of a document, too large for its stream."""

from collections.abc import Sequence
from uuid import UUID

from chassis.postgres import Connection

from document_reader_service.adapters.postgres import rows
from document_reader_service.application.ports import StoredNotes
from document_reader_service.domain.text import Block

_COPY_BLOCKS = f"COPY blocks (document_id, {', '.join(rows.BLOCK_COLUMNS)}) FROM STDIN"
_BLOCKS = f"SELECT {', '.join(rows.BLOCK_COLUMNS)} FROM blocks WHERE document_id = %s ORDER BY index"  # noqa: S608 - constants
_NEWEST_NOTES = "SELECT * FROM notes WHERE document_id = %s ORDER BY version DESC LIMIT 1"


class PostgresTexts:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def replace(self, document_id: UUID, blocks: Sequence[Block]) -> None:
        await self.delete(document_id)
        async with self._connection.cursor() as cursor, cursor.copy(_COPY_BLOCKS) as copy:
            for block in blocks:
                await copy.write_row((document_id, *rows.block_values(block)))

    async def blocks(self, document_id: UUID) -> tuple[Block, ...]:
        found = await (await self._connection.execute(_BLOCKS, (document_id,))).fetchall()
        return tuple(rows.block(row) for row in found)

    async def delete(self, document_id: UUID) -> None:
        await self._connection.execute("DELETE FROM blocks WHERE document_id = %s", (document_id,))


class PostgresNotes:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def add(self, stored: StoredNotes) -> None:
        await self._connection.execute(
            """
            INSERT INTO notes (document_id, version, text_version, detail, body, created_at)
            VALUES (%s, %s, %s, %s, %s, %s)
            """,
            (
                stored.document_id,
                stored.version,
                stored.text_version,
                stored.detail,
                rows.notes_body(stored.notes),
                stored.created_at,
            ),
        )

    async def newest(self, document_id: UUID) -> StoredNotes | None:
        row = await (await self._connection.execute(_NEWEST_NOTES, (document_id,))).fetchone()
        return rows.stored_notes(row) if row else None

    async def delete(self, document_id: UUID) -> None:
        await self._connection.execute("DELETE FROM notes WHERE document_id = %s", (document_id,))
