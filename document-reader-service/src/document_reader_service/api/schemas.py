"""The bodies of requests and replies, field by field as the public contract has them."""

from typing import Any

from chassis.clock import rfc3339
from chassis.http.snapshots import Snapshot
from pydantic import BaseModel, ConfigDict, Field

from document_reader_service.application.projections import DocumentRow
from document_reader_service.domain.document import READING_STEPS
from document_reader_service.domain.notes import Detail
from document_reader_service.domain.text import Block


class RegenerateNotes(BaseModel):
    """The body of `regenerate-notes`; without one the notes get their standard length."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    detail: Detail = Field("standard", description="How much the notes hold")


def status_document(row: DocumentRow) -> dict[str, Any]:
    """A document as its owner sees it, in every state."""
    document = {
        "document_id": str(row.document_id),
        "status": row.status,
        "filename": row.filename,
        "media_type": row.media_type,
        "size_bytes": row.size_bytes,
        "sha256": row.sha256,
        "title": row.title,
        "created_at": rfc3339(row.created_at),
        "language": row.language,
        "page_count": row.page_count,
        "word_count": row.word_count,
        "character_count": row.character_count,
        "outline": [{"heading": entry.heading, "level": entry.level, "page": entry.page} for entry in row.outline],
        "notes_status": row.notes_status,
        "processed_at": rfc3339(row.processed_at) if row.processed_at else None,
        "error": row.error.to_dict() if row.error else None,
    }
    if row.status == "processing":
        document["progress"] = {"done": row.steps_done, "total": READING_STEPS, "unit": "steps"}
    return document


def summary(row: DocumentRow) -> dict[str, Any]:
    """A document in a list: the same without its outline, which may be long."""
    document = status_document(row)
    del document["outline"]
    return document


def snapshot(row: DocumentRow | None, *, with_notes: bool) -> Snapshot | None:
    """What a client that follows the document gets; final when it is read, or with its notes settled as well."""
    if row is None:
        return None
    return Snapshot(row.revision, status_document(row), final=row.is_settled if with_notes else row.is_read)


def block_body(block: Block) -> dict[str, Any]:
    return {
        "index": block.index,
        "page": block.page,
        "kind": block.kind,
        "level": block.level,
        "text": block.text,
        "bbox": list(block.box) if block.box else None,
    }
