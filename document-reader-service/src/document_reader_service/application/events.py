"""What the rest of the platform hears of a document: integration events made from its state.

Text and notes travel in ordered parts, each well below the 512 KiB an event may weigh.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any, TypeVar

from learning_contracts.events import (
    DocumentDeleted,
    DocumentProcessed,
    DocumentProcessingFailed,
    DocumentUploaded,
    NotesGenerated,
    NotesGenerationFailed,
    NotesItem,
    Reason,
    SourceReference,
    TextBlock,
)

from document_reader_service.application.ports import StoredNotes
from document_reader_service.domain.document import Document
from document_reader_service.domain.notes import Notes, Source
from document_reader_service.domain.text import Block

PART_BYTES = 400_000  # of the items of one part; leaves room for the other fields

T = TypeVar("T")


def document_uploaded(document: Document) -> DocumentUploaded:
    original = document.original
    return DocumentUploaded(
        document_id=document.document_id,
        owner_id=document.owner_id,
        filename=original.filename,
        media_type=original.media_type,
        size_bytes=original.size_bytes,
        sha256=original.sha256,
        title=document.title,
        uploaded_at=document.state.uploaded_at,
    )


def document_processed(document: Document, blocks: Sequence[Block]) -> list[DocumentProcessed]:
    """The whole text in parts. Raises ValueError when the document has none yet."""
    text, processed_at = document.state.text, document.state.processed_at
    if text is None or processed_at is None:
        raise ValueError("the document is not read yet")
    parts = list(in_parts([_text_block(block) for block in blocks], _text_block_size))
    return [
        DocumentProcessed(
            document_id=document.document_id,
            owner_id=document.owner_id,
            text_version=document.state.text_version,
            title=document.title,
            filename=document.original.filename,
            media_type=document.original.media_type,
            language=text.language,
            page_count=text.page_count,
            word_count=text.word_count,
            character_count=text.character_count,
            part_number=number,
            part_count=len(parts),
            blocks=part,
            processed_at=processed_at,
        )
        for number, part in enumerate(parts, start=1)
    ]


def processing_failed(document: Document) -> DocumentProcessingFailed:
    """Raises ValueError when the document has not failed."""
    error, failed_at = document.state.error, document.state.processed_at
    if error is None or failed_at is None:
        raise ValueError("the document has not failed")
    return DocumentProcessingFailed(
        document_id=document.document_id,
        owner_id=document.owner_id,
        error=Reason(**error.to_dict()),
        failed_at=failed_at,
    )


def document_deleted(document: Document, at: datetime) -> DocumentDeleted:
    return DocumentDeleted(document_id=document.document_id, owner_id=document.owner_id, deleted_at=at)


def notes_generated(document: Document, stored: StoredNotes) -> list[NotesGenerated]:
    """All points of one version of the notes, in parts."""
    parts = list(in_parts(list(_items(stored.notes)), _item_size))
    return [
        NotesGenerated(
            document_id=document.document_id,
            owner_id=document.owner_id,
            notes_version=stored.version,
            text_version=stored.text_version,
            engine=stored.notes.engine,
            language=stored.notes.language,
            title=stored.notes.title or document.title,
            part_number=number,
            part_count=len(parts),
            items=part,
            generated_at=stored.created_at,
        )
        for number, part in enumerate(parts, start=1)
    ]


def notes_failed(document: Document) -> NotesGenerationFailed:
    """Raises ValueError when the notes have not failed."""
    error, failed_at = document.state.notes_error, document.state.notes_ended_at
    if error is None or failed_at is None:
        raise ValueError("the notes have not failed")
    return NotesGenerationFailed(
        document_id=document.document_id,
        owner_id=document.owner_id,
        notes_version=document.state.notes_version,
        error=Reason(**error.to_dict()),
        failed_at=failed_at,
    )


def in_parts(items: Sequence[T], size: Callable[[T], int], limit: int = PART_BYTES) -> Iterator[tuple[T, ...]]:
    """The items in order, in runs of at most `limit` bytes; a bigger item is one of its own, no item an empty one."""
    part: list[T] = []
    weight = 0
    for item in items:
        item_weight = size(item)
        if part and weight + item_weight > limit:
            yield tuple(part)
            part, weight = [], 0
        part.append(item)
        weight += item_weight
    yield tuple(part)


def _text_block(block: Block) -> TextBlock:
    return TextBlock(index=block.index, page=block.page, kind=block.kind, level=block.level, text=block.text)


def _items(notes: Notes) -> Iterator[NotesItem]:
    for point in notes.summary:
        yield NotesItem(kind="summary", text=point.text, sources=_sources(point.sources))
    for point in notes.key_points:
        yield NotesItem(kind="key_point", text=point.text, sources=_sources(point.sources))
    for section in notes.sections:
        for point in section.points:
            yield NotesItem(
                kind="section_point",
                heading=section.heading,
                level=section.level,
                page=section.page,
                text=point.text,
                sources=_sources(point.sources),
            )
    for entry in notes.glossary:
        yield NotesItem(
            kind="glossary",
            text=entry.sources[0].quote if entry.sources else entry.definition,
            term=entry.term,
            definition=entry.definition,
            sources=_sources(entry.sources),
        )


def _sources(sources: Sequence[Source]) -> tuple[SourceReference, ...]:
    return tuple(
        SourceReference(page=source.page, block=source.block, start=source.start, end=source.end, quote=source.quote)
        for source in sources
    )


# The heaviest way to write the text (ASCII with escapes) plus the names of the fields.
def _text_block_size(block: TextBlock) -> int:
    return len(json.dumps(block.text)) + 120


def _item_size(item: NotesItem) -> int:
    texts: list[Any] = [item.heading, item.text, item.term, item.definition, [source.quote for source in item.sources]]
    return len(json.dumps(texts)) + 200 + 120 * len(item.sources)
