"""What was heard of documents, and the parts of their texts and notes."""

from uuid import UUID

from chassis.postgres import Connection
from psycopg.types.json import Jsonb

from quiz_service.adapters.postgres import rows
from quiz_service.application.ports import Part, PartKind
from quiz_service.domain.document import KnownDocument
from quiz_service.domain.material import Block, Material, Note, Quote

_FIND = "SELECT * FROM documents WHERE document_id = %s AND owner_id = %s FOR UPDATE"
_SAVE = """
UPDATE documents SET
    title = %s, language = %s, uploaded_at = %s, text_version = %s, notes_version = %s, notes_text_version = %s,
    notes_failed_version = %s, error = %s, failed_at = %s
WHERE document_id = %s
"""
_ADD_PART = """
INSERT INTO document_parts (document_id, kind, version, number, count, items) VALUES (%s, %s, %s, %s, %s, %s)
ON CONFLICT DO NOTHING
"""
_IS_WHOLE = """
SELECT count(*) = max(count) AS is_whole FROM document_parts WHERE document_id = %s AND kind = %s AND version = %s
"""
_ITEMS = """
SELECT item FROM document_parts, jsonb_array_elements(items) WITH ORDINALITY AS unpacked (item, position)
WHERE document_id = %s AND kind = %s AND version = %s ORDER BY number, position
"""


class PostgresDocuments:
    """The port `Documents`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def find_or_add(self, document_id: UUID, owner_id: str) -> KnownDocument:
        await self._connection.execute(
            "INSERT INTO documents (document_id, owner_id) VALUES (%s, %s) ON CONFLICT DO NOTHING",
            (document_id, owner_id),
        )
        cursor = await self._connection.execute(
            "SELECT * FROM documents WHERE document_id = %s FOR UPDATE", (document_id,)
        )
        row = await cursor.fetchone()
        assert row is not None, "just inserted, and only deleted under its tombstone"
        return rows.document(row)

    async def find(self, document_id: UUID, owner_id: str) -> KnownDocument | None:
        cursor = await self._connection.execute(_FIND, (document_id, owner_id))
        row = await cursor.fetchone()
        return rows.document(row) if row else None

    async def save(self, document: KnownDocument) -> None:
        parameters = (
            document.title,
            document.language,
            document.uploaded_at,
            document.text_version,
            document.notes_version,
            document.notes_text_version,
            document.notes_failed_version,
            Jsonb(document.error.to_dict()) if document.error else None,
            document.failed_at,
            document.document_id,
        )
        await self._connection.execute(_SAVE, parameters)

    async def add_part(self, part: Part) -> bool:
        key = (part.document_id, part.kind, part.version)
        await self._connection.execute(_ADD_PART, (*key, part.number, part.count, Jsonb(part.items)))
        cursor = await self._connection.execute(_IS_WHOLE, key)
        row = await cursor.fetchone()
        return bool(row and row["is_whole"])

    async def drop_parts_before(self, document_id: UUID, kind: PartKind, version: int) -> None:
        await self._connection.execute(
            "DELETE FROM document_parts WHERE document_id = %s AND kind = %s AND version < %s",
            (document_id, kind, version),
        )

    async def material(self, document: KnownDocument) -> Material:
        blocks = await self._items(document.document_id, "text", document.text_version)
        version = document.notes_version if document.has_notes_of_its_text else 0
        notes = await self._items(document.document_id, "notes", version)
        return Material(
            document.title or "", document.language, tuple(map(block_of, blocks)), tuple(map(note_of, notes))
        )

    async def delete(self, document_id: UUID) -> None:
        await self._connection.execute("DELETE FROM documents WHERE document_id = %s", (document_id,))

    async def delete_of_owner(self, owner_id: str) -> None:
        await self._connection.execute("DELETE FROM documents WHERE owner_id = %s", (owner_id,))

    async def _items(self, document_id: UUID, kind: PartKind, version: int) -> list[rows.Row]:
        cursor = await self._connection.execute(_ITEMS, (document_id, kind, version))
        return [row["item"] for row in await cursor.fetchall()]


def block_of(item: rows.Row) -> Block:
    return Block(item["index"], item["page"], item["kind"], item["level"], item["text"])


def note_of(item: rows.Row) -> Note:
    quotes = tuple(Quote(one["block"], one["page"], one["start"], one["quote"]) for one in item["sources"])
    return Note(item["kind"], item["text"], item["term"], item["definition"], quotes)
