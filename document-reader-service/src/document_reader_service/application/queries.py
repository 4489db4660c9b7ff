"""What may be asked about documents. Somebody else's document does not exist."""

import json
from dataclasses import asdict
from typing import Any
from uuid import UUID

from chassis.clock import rfc3339
from chassis.errors import Reason

from document_reader_service.application.ports import ReadModel, StoredNotes
from document_reader_service.application.projections import DocumentRow
from document_reader_service.domain.errors import (
    DocumentFailed,
    DocumentNotFound,
    NotesFailed,
    NotesNotReady,
    NotesVersionNotFound,
    TextNotReady,
)
from document_reader_service.domain.text import Block, DocumentText

RETRY_SECONDS = 2


async def find_document(reads: ReadModel, document_id: UUID, owner_id: str) -> DocumentRow:
    """Raises DocumentNotFound."""
    row = await reads.document(document_id, owner_id)
    if row is None:
        raise DocumentNotFound
    return row


async def read_blocks(
    reads: ReadModel, document_id: UUID, owner_id: str, limit: int, after: int
) -> tuple[tuple[Block, ...], bool]:
    """A page of the text behind block `after`, and whether more follow. Raises TextNotReady or DocumentFailed."""
    _expect_text(await find_document(reads, document_id, owner_id))
    blocks = await reads.blocks(document_id, limit + 1, after)
    return blocks[:limit], len(blocks) > limit


async def read_text(reads: ReadModel, document_id: UUID, owner_id: str) -> DocumentText:
    """The whole text. Raises TextNotReady or DocumentFailed."""
    row = await find_document(reads, document_id, owner_id)
    _expect_text(row)
    return DocumentText(await reads.blocks(document_id), row.page_count or 0, row.language, row.title)


async def read_notes(reads: ReadModel, document_id: UUID, owner_id: str, version: int | None) -> StoredNotes:
    """One version of the notes, or the newest there is, also while the next one is being made.

    Raises NotesNotReady, NotesFailed or NotesVersionNotFound.
    """
    row = await find_document(reads, document_id, owner_id)
    stored = await reads.notes(document_id, version)
    if stored is not None:
        return stored
    if version is not None and version != max(row.notes_version, 1):
        raise NotesVersionNotFound(f"The newest version of these notes is {row.notes_version}.")
    if (reason := row.error or row.notes_error) is not None:
        raise NotesFailed(_told(reason))
    raise NotesNotReady("They are being made.", retry_after_seconds=RETRY_SECONDS)


def notes_document(stored: StoredNotes) -> dict[str, Any]:
    """The notes as they are shown, and as their copy in the bucket keeps them."""
    return {
        "document_id": str(stored.document_id),
        "version": stored.version,
        **asdict(stored.notes),
        "created_at": rfc3339(stored.created_at),
    }


def notes_copy(stored: StoredNotes) -> bytes:
    return json.dumps(notes_document(stored), ensure_ascii=False).encode()


def _expect_text(row: DocumentRow) -> None:
    if row.status == "failed":
        raise DocumentFailed(_told(row.error) if row.error else "")
    if row.status != "completed":
        raise TextNotReady("Its text can be had as soon as it is read.", retry_after_seconds=RETRY_SECONDS)


def _told(reason: Reason) -> str:
    return reason.title if reason.detail in ("", reason.title) else f"{reason.title}: {reason.detail}"
