"""Rows to values and back: the one place that knows how they are spelt in the tables."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from typing import Any

from chassis.errors import Reason
from psycopg.types.json import Jsonb

from document_reader_service.application.ports import StoredNotes
from document_reader_service.application.projections import DocumentRow
from document_reader_service.domain.notes import GlossaryEntry, Notes, Point, Section, Source
from document_reader_service.domain.text import Block, OutlineEntry

Row = Mapping[str, Any]

DOCUMENT_COLUMNS = tuple(field.name for field in fields(DocumentRow))
BLOCK_COLUMNS = ("index", "page", "kind", "level", "text", "box")


def document_values(row: DocumentRow) -> dict[str, Any]:
    """The parameters of an upsert, by column."""
    values = {name: getattr(row, name) for name in DOCUMENT_COLUMNS}
    return values | {
        "outline": Jsonb([asdict(entry) for entry in row.outline]),
        "error": Jsonb(row.error.to_dict()) if row.error else None,
        "notes_error": Jsonb(row.notes_error.to_dict()) if row.notes_error else None,
    }


def document_row(row: Row) -> DocumentRow:
    return DocumentRow(
        **{
            **row,
            "outline": tuple(OutlineEntry(**entry) for entry in row["outline"]),
            "error": Reason(**row["error"]) if row["error"] else None,
            "notes_error": Reason(**row["notes_error"]) if row["notes_error"] else None,
        }
    )


def block(row: Row) -> Block:
    box = row["box"]
    return Block(**{**row, "box": tuple(box) if box else None})


def block_values(value: Block) -> tuple[Any, ...]:
    return (value.index, value.page, value.kind, value.level, value.text, list(value.box) if value.box else None)


def notes_body(notes: Notes) -> Jsonb:
    return Jsonb(asdict(notes))


def stored_notes(row: Row) -> StoredNotes:
    return StoredNotes(
        document_id=row["document_id"],
        version=row["version"],
        text_version=row["text_version"],
        detail=row["detail"],
        notes=_notes(row["body"]),
        created_at=row["created_at"],
    )


def _notes(body: Row) -> Notes:
    return Notes(
        engine=body["engine"],
        language=body["language"],
        title=body["title"],
        summary=_points(body["summary"]),
        key_points=_points(body["key_points"]),
        sections=tuple(Section(**{**section, "points": _points(section["points"])}) for section in body["sections"]),
        glossary=tuple(GlossaryEntry(**{**entry, "sources": _sources(entry["sources"])}) for entry in body["glossary"]),
    )


def _points(items: Sequence[Row]) -> tuple[Point, ...]:
    return tuple(Point(item["text"], _sources(item["sources"])) for item in items)


def _sources(items: Sequence[Row]) -> tuple[Source, ...]:
    return tuple(Source(**item) for item in items)
