"""Documents in the states that tests begin with."""

from datetime import UTC, datetime, timedelta

from chassis.errors import Reason, problem_urn
from chassis.ids import uuid7

from document_reader_service.domain.document import Document, Original, TextFacts
from document_reader_service.domain.text import Block, DocumentText, OutlineEntry

OWNER = "a" * 32
STRANGER = "b" * 32
NOW = datetime(2026, 1, 31, 9, 30, tzinfo=UTC)
LATER = NOW + timedelta(seconds=5)
ORIGINAL = Original(filename="cell.pdf", media_type="application/pdf", size_bytes=1_234, sha256="c" * 64)
DAMAGED = Reason(problem_urn("damaged-document"), "The document is damaged and cannot be read", "It ends too early.")
FACTS = TextFacts(
    title="The cell",
    language="en",
    page_count=2,
    word_count=20,
    character_count=100,
    outline=(OutlineEntry("The cell", 1, 1),),
)
TEXT = DocumentText(
    blocks=(
        Block(0, 1, "heading", 1, "The cell", (72.0, 90.5, 410.25, 112.0)),
        Block(1, 1, "paragraph", None, "A cell is the smallest unit of life. Robert Hooke named it in 1665.", None),
        Block(2, 2, "list_item", 1, "The mitochondrion is an organelle that makes energy available.", None),
    ),
    page_count=2,
    language="en",
    title="The cell",
)


def uploaded(title: str | None = None) -> Document:
    return Document.upload(uuid7(), OWNER, ORIGINAL, title, NOW)


def failed() -> Document:
    document = uploaded()
    document.start_processing(NOW)
    document.fail_processing(DAMAGED, NOW)
    return document


def completed(title: str | None = None) -> Document:
    document = uploaded(title)
    document.start_processing(NOW)
    document.complete_processing(FACTS, LATER)
    return document


def with_notes() -> Document:
    document = completed()
    document.start_notes(1, NOW)
    document.complete_notes(1, "extractive", LATER)
    return document
