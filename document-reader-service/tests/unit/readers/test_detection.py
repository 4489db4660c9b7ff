import io
import pickle
import zipfile

import pytest
from chassis.errors import Problem

from document_reader_service.adapters.readers import SUPPORTED, detect_media_type
from document_reader_service.domain.processing_errors import (
    DamagedDocument,
    DocumentTooLarge,
    EncryptedDocument,
    NoText,
)

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def zipped(*names: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "name", "media_type"),
    [
        (b"%PDF-1.7\n", "paper.txt", "application/pdf"),
        (b"junk before\n%PDF-1.4\n", "paper.pdf", "application/pdf"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "paper.pdf", "image/png"),
        (zipped("[Content_Types].xml", "word/document.xml"), "paper.bin", DOCX),
        (
            zipped("[Content_Types].xml", "xl/workbook.xml"),
            "a.docx",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ),
        (zipped("a.txt"), "a.zip", "application/zip"),
        ("Grüße".encode("utf-16"), "a.txt", "text/plain"),
        ("plain words in two bytes each".encode("utf-16-le"), "a.txt", "text/plain"),
        (b"just words", "no-suffix", "text/plain"),
        (b"# Heading\n\ntext\n\n## Another\n\ntext", "notes.txt", "text/markdown"),
        (b"just words", "notes.md", "text/markdown"),
        (b"<!DOCTYPE html><p>x", "page.txt", "text/html"),
        (b"<p>a fragment</p>", "page.html", "text/html"),
        (b"1 < 2 and <b> is a tag", "a.txt", "text/plain"),
        (bytes(range(256)) * 4, "a.txt", None),
        (b"", "a.txt", None),
    ],
)
def test_the_content_tells_the_type_and_the_name_only_between_kinds_of_text(
    content: bytes, name: str, media_type: str | None
) -> None:
    assert detect_media_type(content, name) == media_type


def test_an_image_named_pdf_is_not_supported() -> None:
    assert detect_media_type(b"\x89PNG\r\n\x1a\n", "scan.pdf") not in SUPPORTED


@pytest.mark.parametrize("error", [DamagedDocument, DocumentTooLarge, EncryptedDocument, NoText])
def test_reading_errors_keep_their_words_on_the_way_between_processes(error: type[Problem]) -> None:
    there_and_back = pickle.loads(pickle.dumps(error("page 3 is broken", page=3)))
    assert type(there_and_back) is error
    assert there_and_back.reason() == error("page 3 is broken").reason()
    assert there_and_back.extensions == {"page": 3}
