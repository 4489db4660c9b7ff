"""Small real files for the readers, made by the libraries people make them with."""

from collections.abc import Callable
from pathlib import Path

import pytest
from fpdf import FPDF

from document_reader_service.adapters.readers import detect_media_type, read_document
from document_reader_service.domain.text import DocumentText

PROSE = (
    "Rivers carry sand and clay from the mountains to the sea, and they leave most of it where their water slows down. "
    "A delta grows from these layers over thousands of years until the river looks for a shorter way to the coast."
)
EXAMPLES = Path(__file__).parents[4] / "platform-infra" / "examples"

Read = Callable[[bytes, str], DocumentText]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Writes the bytes to a file of that name and reads it as the service would."""

    def read_bytes(content: bytes, name: str) -> DocumentText:
        path = tmp_path / name
        path.write_bytes(content)
        media_type = detect_media_type(content[:4096], name)
        assert media_type is not None
        return read_document(str(path), media_type, max_pages=50, max_characters=100_000)

    return read_bytes


@pytest.fixture
def pdf() -> FPDF:
    """A page of body text in 11 point Times, to which a test adds what it is about."""
    document = FPDF(format="A4")
    document.add_page()
    write(document, PROSE)
    return document


def write(document: FPDF, text: str, size: float = 11, style: str = "", family: str = "Times") -> None:
    document.set_font(family, style, size)
    document.multi_cell(0, size * 0.5, text, align="L", new_x="LMARGIN", new_y="NEXT")
    document.ln(3)


@pytest.fixture
def prose() -> str:
    return PROSE


@pytest.fixture(name="write")
def write_fixture() -> Callable[..., None]:
    return write


@pytest.fixture
def examples() -> Path:
    return EXAMPLES
