"""Events as other services would send them."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

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

from quiz_service.domain.material import Material

AT = datetime(2026, 1, 31, 9, 30, tzinfo=UTC)
REASON = Reason(type="urn:learning-platform:problem:no-text", title="There is no text", detail="It is a scan.")


def uploaded(document_id: UUID, owner_id: str, at: datetime = AT) -> DocumentUploaded:
    return DocumentUploaded(
        document_id=document_id,
        owner_id=owner_id,
        filename="lecture.pdf",
        media_type="application/pdf",
        size_bytes=1000,
        sha256="0" * 64,
        title="lecture",
        uploaded_at=at,
    )


def processed(
    document_id: UUID, owner_id: str, material: Material, *, parts: int = 1, version: int = 1
) -> list[DocumentProcessed]:
    """The text in so many parts, in order."""
    blocks = [
        TextBlock(index=block.index, page=block.page, kind=block.kind, level=block.level, text=block.text)
        for block in material.blocks
    ]
    return [
        DocumentProcessed(
            document_id=document_id,
            owner_id=owner_id,
            text_version=version,
            title=material.title,
            filename="lecture.pdf",
            media_type="application/pdf",
            language=material.language,
            page_count=3,
            word_count=1000,
            character_count=6000,
            part_number=number,
            part_count=parts,
            blocks=tuple(_share(blocks, number, parts)),
            processed_at=AT,
        )
        for number in range(1, parts + 1)
    ]


def _share(items: Sequence[TextBlock], number: int, parts: int) -> Sequence[TextBlock]:
    return items[(number - 1) * len(items) // parts : number * len(items) // parts]


def processing_failed(document_id: UUID, owner_id: str, at: datetime = AT) -> DocumentProcessingFailed:
    return DocumentProcessingFailed(document_id=document_id, owner_id=owner_id, error=REASON, failed_at=at)


def document_deleted(document_id: UUID, owner_id: str) -> DocumentDeleted:
    return DocumentDeleted(document_id=document_id, owner_id=owner_id, deleted_at=AT)


def notes_generated(
    document_id: UUID, owner_id: str, material: Material, *, version: int = 1, text_version: int = 1, parts: int = 1
) -> list[NotesGenerated]:
    """Notes that find the first paragraph worth saying, in so many parts."""
    block = next(block for block in material.blocks if block.kind == "paragraph")
    quote = block.text.partition(". ")[0] + "."
    source = SourceReference(page=block.page, block=block.index, start=0, end=len(quote), quote=quote)
    items = (NotesItem(kind="key_point", text=quote, sources=(source,)),)
    return [
        NotesGenerated(
            document_id=document_id,
            owner_id=owner_id,
            notes_version=version,
            text_version=text_version,
            engine="extractive",
            language=material.language,
            title=material.title,
            part_number=number,
            part_count=parts,
            items=items,
            generated_at=AT,
        )
        for number in range(1, parts + 1)
    ]


def notes_failed(document_id: UUID, owner_id: str, version: int = 1) -> NotesGenerationFailed:
    return NotesGenerationFailed(
        document_id=document_id, owner_id=owner_id, notes_version=version, error=REASON, failed_at=AT
    )
