"""The sample lecture holds every difficulty at once; its source says what must be found in it."""

import re
from pathlib import Path

import pytest

from document_reader_service.adapters.readers import detect_media_type, read_document
from document_reader_service.domain.text import DocumentText


def read_example(examples: Path, name: str) -> DocumentText:
    path = examples / name
    media_type = detect_media_type(path.read_bytes()[:4096], name)
    assert media_type is not None
    return read_document(str(path), media_type, max_pages=20, max_characters=100_000)


@pytest.fixture(params=["sample_lecture.pdf", "sample_lecture.docx"])
def lecture(request: pytest.FixtureRequest, examples: Path) -> DocumentText:
    return read_example(examples, request.param)


@pytest.fixture
def source(examples: Path) -> str:
    return (examples / "sample_lecture.md").read_text(encoding="utf-8")


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text)


def test_every_heading_is_found_with_its_level_and_nothing_else_is_taken_for_one(
    lecture: DocumentText, source: str
) -> None:
    written = [(text, max(1, len(marks) - 1)) for marks, text in re.findall(r"^(#+) (.+)$", source, re.MULTILINE)]
    assert [(entry.heading, entry.level) for entry in lecture.outline] == written
    assert lecture.title == written[0][0]
    assert lecture.language == "en"


def test_every_word_is_read_once_and_in_order_and_no_running_header(lecture: DocumentText, source: str) -> None:
    prose = re.sub(r"^:::.*$|^#+ |^\|[-|]+$|^\d+\. ", "", source, flags=re.MULTILINE)
    text = "\n".join(block.text for block in lecture.blocks)
    assert words(text) == words(prose)


def test_tables_and_lists_keep_their_form(lecture: DocumentText, source: str) -> None:
    tables = [block.text for block in lecture.blocks if block.kind == "table"]
    assert [len(table.split("\n")) for table in tables] == [11, 6]
    assert "1921\tBCG given to a child\tAlbert Calmette\tParis" in tables[0].split("\n")
    listed = len(re.findall(r"^(?:- |\d\. )", source, re.MULTILINE))
    assert sum(1 for block in lecture.blocks if block.kind == "list_item") == listed


def test_headings_of_the_pdf_stand_on_the_page_where_they_are_printed(examples: Path) -> None:
    lecture = read_example(examples, "sample_lecture.pdf")
    pages = {entry.heading: entry.page for entry in lecture.outline}
    assert lecture.page_count == 12
    assert pages["Vaccination: Its History and Its Science"] == 1
    assert pages["7 Protecting a community"] == pages["7.3 Limits of the model"] == 10
    assert pages["References"] == 12
    assert list(pages.values()) == sorted(page or 0 for page in pages.values())
