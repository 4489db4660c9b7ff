import io
import zipfile
from collections.abc import Callable

import docx
import pytest
from docx.document import Document
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls

from document_reader_service.domain.processing_errors import DamagedDocument, EncryptedDocument
from document_reader_service.domain.text import DocumentText

Read = Callable[[bytes, str], DocumentText]


def saved(document: Document) -> bytes:
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def test_headings_lists_and_tables_come_in_their_order_with_their_levels(read: Read) -> None:
    document = docx.Document()
    document.add_heading("The Sun", 0)
    document.add_heading("Light", 1)
    document.add_paragraph("Light takes eight minutes to reach us.")
    document.add_heading("Colour", 2)
    document.add_paragraph("red", style="List Bullet")
    document.add_paragraph("dark red", style="List Bullet 2")
    table = document.add_table(1, 2)
    table.cell(0, 0).text, table.cell(0, 1).text = "blue", "450 nm"
    document.add_paragraph("End.")
    text = read(saved(document), "sun.docx")
    assert [(block.kind, block.level, block.text) for block in text.blocks] == [
        ("heading", 1, "The Sun"),
        ("heading", 1, "Light"),
        ("paragraph", None, "Light takes eight minutes to reach us."),
        ("heading", 2, "Colour"),
        ("list_item", 1, "red"),
        ("list_item", 2, "dark red"),
        ("table", None, "blue\t450 nm"),
        ("paragraph", None, "End."),
    ]
    assert text.title == "The Sun"
    assert {block.page for block in text.blocks} == {None}


def test_pages_follow_the_breaks_that_word_left_in_the_file(read: Read) -> None:
    document = docx.Document()
    document.add_paragraph("First page.")
    run = document.add_paragraph().add_run()
    run._r.append(OxmlElement("w:lastRenderedPageBreak"))
    run.add_text("Second page.")
    text = read(saved(document), "pages.docx")
    assert [(block.text, block.page) for block in text.blocks] == [("First page.", 1), ("Second page.", 2)]
    assert text.page_count == 2


def test_inserted_words_are_read_and_deleted_ones_are_not(read: Read) -> None:
    document = docx.Document()
    paragraph = document.add_paragraph("The sun is ")
    for change, element, word in (("ins", "t", "a star"), ("del", "delText", "a planet")):
        run = f"<w:r><w:{element}>{word}</w:{element}></w:r>"
        paragraph._p.append(
            parse_xml(f'<w:{change} {nsdecls("w")} w:id="1" w:author="x">{run}</w:{change}>'),
        )
    (block,) = read(saved(document), "tracked.docx").blocks
    assert block.text == "The sun is a star"


def test_a_broken_archive_is_refused_as_damaged(read: Read) -> None:
    with pytest.raises(DamagedDocument):
        read(saved(docx.Document())[:6000], "broken.docx")


def test_a_file_damaged_inside_its_compressed_text_is_refused_as_damaged(read: Read) -> None:
    content = bytearray(saved(docx.Document()))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        start = archive.getinfo("word/document.xml").header_offset + 60
    content[start : start + 40] = b"\xff" * 40
    with pytest.raises(DamagedDocument):
        read(bytes(content), "flipped.docx")


def test_an_encrypted_word_file_is_refused_by_name(read: Read) -> None:
    with pytest.raises(EncryptedDocument):
        read(bytes.fromhex("D0CF11E0A1B11AE1") + b"\x00" * 600, "secret.docx")
