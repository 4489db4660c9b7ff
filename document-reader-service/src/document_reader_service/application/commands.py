"""What may be done to a document. Each command takes the open unit of work and leaves the commit to the edge.

Jobs are cancelled before the document is locked: a worker finishes its job first as well, so the two cannot deadlock.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from chassis.errors import Reason
from learning_contracts.event import Event

from document_reader_service.application import events
from document_reader_service.application.ports import StoredNotes, UnitOfWork
from document_reader_service.domain.division import with_short_blocks
from document_reader_service.domain.document import Document, Original, TextFacts
from document_reader_service.domain.errors import DocumentNotFound, Superseded
from document_reader_service.domain.notes import Detail
from document_reader_service.domain.text import DocumentText

PROCESS = "process"
NOTES = "notes"
ERASE = "erase"


@dataclass(frozen=True, slots=True)
class UploadResult:
    """`new`: the uploaded object belongs to this document; `again`: a failed one is read anew; else nothing changed."""

    document: Document
    outcome: Literal["new", "again", "known"]


async def upload_document(
    uow: UnitOfWork, document_id: UUID, owner_id: str, original: Original, title: str | None, at: datetime
) -> UploadResult:
    """Take in a stored original: once per owner and bytes."""
    known = await uow.documents.find_by_content(owner_id, original.sha256)
    if known and not known.upload_again(at):
        return UploadResult(known, "known")
    document = known or Document.upload(document_id, owner_id, original, title, at)
    await _save(uow, document)
    await uow.jobs.add(PROCESS, document.document_id, owner_id)
    await uow.outbox.add(events.document_uploaded(document))
    return UploadResult(document, "again" if known else "new")


async def start_processing(uow: UnitOfWork, document_id: UUID, at: datetime) -> Document:
    document = await _wanted(uow, document_id)
    document.start_processing(at)
    await _save(uow, document)
    return document


async def advance_processing(uow: UnitOfWork, document_id: UUID, at: datetime) -> None:
    """One more step of the reading is done."""
    document = await _wanted(uow, document_id)
    document.advance_processing(at)
    await _save(uow, document)


async def complete_processing(uow: UnitOfWork, document_id: UUID, text: DocumentText, at: datetime) -> None:
    """Keep the text, tell everybody, and ask for its notes."""
    document = await _wanted(uow, document_id)
    text = with_short_blocks(text)
    document.complete_processing(_facts(text), at)
    await _save(uow, document)
    await uow.texts.replace(document_id, text.blocks)
    for event in events.document_processed(document, text.blocks):
        await uow.outbox.add(event)
    await _queue_notes(uow, document, "standard")


async def fail_processing(uow: UnitOfWork, document_id: UUID, error: Reason, at: datetime) -> None:
    document = await _wanted(uow, document_id)
    document.fail_processing(error, at)
    await _save(uow, document)
    await uow.outbox.add(events.processing_failed(document))


async def request_notes(uow: UnitOfWork, document_id: UUID, owner_id: str, detail: Detail, at: datetime) -> Document:
    """Ask for the next version of the notes; one that is being made is given up. Earlier versions stay readable."""
    await uow.jobs.cancel(document_id, NOTES)
    document = await _mine(uow, document_id, owner_id)
    document.request_notes(detail, at)
    await _save(uow, document)
    await _queue_notes(uow, document, detail)
    return document


async def start_notes(uow: UnitOfWork, document_id: UUID, version: int, at: datetime) -> tuple[Document, DocumentText]:
    """The document and the text to make notes of."""
    document = await _wanted(uow, document_id)
    document.start_notes(version, at)
    await _save(uow, document)
    facts = document.state.text
    if facts is None:
        raise Superseded
    blocks = await uow.texts.blocks(document_id)
    return document, DocumentText(blocks, facts.page_count or 0, facts.language, document.title)


async def complete_notes(uow: UnitOfWork, stored: StoredNotes) -> None:
    document = await _wanted(uow, stored.document_id)
    document.complete_notes(stored.version, stored.notes.engine, stored.created_at)
    await _save(uow, document)
    await uow.notes.add(stored)
    for event in events.notes_generated(document, stored):
        await uow.outbox.add(event)


async def fail_notes(uow: UnitOfWork, document_id: UUID, version: int, error: Reason, at: datetime) -> None:
    """The document itself stays completed."""
    document = await _wanted(uow, document_id)
    document.fail_notes(version, error, at)
    await _save(uow, document)
    await uow.outbox.add(events.notes_failed(document))


async def delete_document(uow: UnitOfWork, document_id: UUID, owner_id: str, at: datetime) -> None:
    """Works in every state. Objects in the bucket go after the commit, by a job that survives a crash."""
    await uow.jobs.cancel(document_id)
    document = await _mine(uow, document_id, owner_id)
    document.delete(at)
    await _save(uow, document)
    await uow.texts.delete(document_id)
    await uow.notes.delete(document_id)
    await uow.tombstones.add(document_id)
    await uow.jobs.add(ERASE, document_id, owner_id)
    await uow.outbox.add(events.document_deleted(document, at))


async def republish_document(uow: UnitOfWork, document_id: UUID) -> int:
    """Send what is known of a document again, for those who missed it; returns the number of events."""
    document = await uow.documents.find(document_id)
    if document is None:
        return 0
    again: list[Event] = [events.document_uploaded(document)]
    if document.state.status == "completed":
        again += events.document_processed(document, await uow.texts.blocks(document_id))
    if document.state.status == "failed":
        again.append(events.processing_failed(document))
    if stored := await uow.notes.newest(document_id):
        again += events.notes_generated(document, stored)
    elif document.state.notes_status == "failed":
        again.append(events.notes_failed(document))
    for event in again:
        await uow.outbox.add(event)
    return len(again)


async def _mine(uow: UnitOfWork, document_id: UUID, owner_id: str) -> Document:
    document = await uow.documents.find(document_id)
    if document is None or document.owner_id != owner_id:
        raise DocumentNotFound
    return document


async def _wanted(uow: UnitOfWork, document_id: UUID) -> Document:
    document = await uow.documents.find(document_id)
    if document is None:
        raise Superseded
    return document


async def _save(uow: UnitOfWork, document: Document) -> None:
    await uow.documents.save(document)
    await uow.announce(document.document_id)


async def _queue_notes(uow: UnitOfWork, document: Document, detail: Detail) -> None:
    payload = {"notes_version": document.state.notes_version, "detail": detail}
    await uow.jobs.add(NOTES, document.document_id, document.owner_id, payload)


def _facts(text: DocumentText) -> TextFacts:
    return TextFacts(
        title=text.title,
        language=text.language,
        # Formats without pages have blocks without them.
        page_count=text.page_count if any(block.page for block in text.blocks) else None,
        word_count=text.word_count,
        character_count=text.character_count,
        outline=text.outline,
    )
