"""PDF to blocks by PDFium: text in reading order, without running headers, with headings told by their looks."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

import pypdfium2
import pypdfium2.raw as pdfium

from document_reader_service.adapters.readers.assembly import BlockList, document_text
from document_reader_service.adapters.readers.hyphenation import HYPHEN, word_joiner
from document_reader_service.adapters.readers.list_markers import list_marker
from document_reader_service.adapters.readers.pdf_blocks import Group, body_of, group_lines, mark_headings
from document_reader_service.adapters.readers.pdf_calls import Scratch
from document_reader_service.adapters.readers.pdf_furniture import Page, without_furniture
from document_reader_service.adapters.readers.pdf_layout import Table, reading_order
from document_reader_service.adapters.readers.pdf_lines import Fonts, Line, PageLines
from document_reader_service.domain.processing_errors import (
    DamagedDocument,
    DocumentTooLarge,
    EncryptedDocument,
    NoText,
)
from document_reader_service.domain.text import Box, DocumentText


def read_pdf(path: str, max_pages: int, max_characters: int) -> DocumentText:
    with _opened(path) as document:
        page_count = len(document)
        if page_count > max_pages:
            raise DocumentTooLarge(f"The document has {page_count} pages; at most {max_pages} are read.")
        pages = list(_pages(document, max_characters))
        metadata_title = document.get_metadata_value("Title")
    if not any(page.items for page in pages):
        raise NoText(
            f"None of the {page_count} pages holds text: the document is probably a scan, a picture of text. "
            "This service has no text recognition (OCR): run the file through it first, ocrmypdf does, and upload that."
        )
    body = body_of([page.items for page in pages])
    contents = without_furniture(pages, body.size)
    groups = group_lines(zip((page.number for page in pages), contents, strict=True), body)
    title = mark_headings(groups, body)
    return document_text(_blocks(groups, max_characters), page_count, title or _usable(metadata_title))


def _opened(path: str) -> pypdfium2.PdfDocument:
    try:
        document = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        if error.err_code in (pdfium.FPDF_ERR_PASSWORD, pdfium.FPDF_ERR_SECURITY):
            raise EncryptedDocument("The PDF asks for a password. Save it without one and upload it again.") from None
        raise DamagedDocument("The file begins like a PDF, but its structure cannot be read.") from None
    if len(document) == 0:
        document.close()
        raise DamagedDocument("The PDF holds no page that can be read.")
    return document


def _pages(document: pypdfium2.PdfDocument, max_characters: int) -> Iterator[Page]:
    """One page open at a time, so that memory does not grow with the document."""
    characters = unreadable = 0
    scratch, fonts = Scratch(), Fonts()
    for index in range(len(document)):
        raw_page = pdfium.FPDF_LoadPage(document.raw, index)
        if not raw_page:
            unreadable += 1
            yield Page(index + 1, 1.0, [])
            continue
        text_page = pdfium.FPDFText_LoadPage(raw_page)
        try:
            lines = PageLines(raw_page, text_page, scratch, fonts)
            items = reading_order(lines.rows(), lines)
            yield Page(index + 1, lines.height, items)
        finally:
            pdfium.FPDFText_ClosePage(text_page)
            pdfium.FPDF_ClosePage(raw_page)
        characters += sum([len(item.text) for item in items if isinstance(item, Line)])
        if characters > max_characters:
            raise DocumentTooLarge(f"The document has more than {max_characters} characters of text.")
    if unreadable == len(document):
        raise DamagedDocument("No page of the PDF can be read.")


def _blocks(groups: Sequence[Group], max_characters: int) -> BlockList:
    join = word_joiner([line.text for group in groups for line in group.lines])
    blocks = BlockList(max_characters)
    indents: list[float] = []
    for group in groups:
        if group.kind == "list_item":
            indents = [*(indent for indent in indents if indent < group.lines[0].x0 - 3), group.lines[0].x0]
        else:
            indents = []
        if group.table is not None:
            blocks.add_table(group.table.rows, group.page, _box(group.table))
        elif group.kind == "code":
            blocks.add("code", _code(group.lines), group.page, None, _enclosing(group))
        else:
            text = join(" ".join(line.text for line in group.lines))
            if group.kind == "list_item":
                text = text[len(list_marker(text) or "") :]
            level = len(indents) if group.kind == "list_item" else group.level
            blocks.add(group.kind, text, group.page, level, _enclosing(group))
    return blocks


def _code(lines: Sequence[Line]) -> str:
    left = min(line.x0 for line in lines)
    widths = [(line.x1 - line.x0) / len(line.text) for line in lines]
    advance = max(1.0, sorted(widths)[len(widths) // 2])
    return "\n".join(" " * round((line.x0 - left) / advance) + line.text.replace(HYPHEN, "-") for line in lines)


def _box(place: Line | Table) -> Box:
    return place.x0, place.top, place.x1, place.bottom


def _enclosing(group: Group) -> Box:
    """The box of the lines on the group's first page: those that go down from the first line."""
    lines = group.lines
    for position, (above, below) in enumerate(pairwise(lines), 1):
        if below.top < above.top:
            lines = lines[:position]
            break
    x0, x1 = min([line.x0 for line in lines]), max([line.x1 for line in lines])
    bottom = max([line.bottom for line in lines])
    return round(x0, 1), round(lines[0].top, 1), round(x1, 1), round(bottom, 1)


def _usable(title: str) -> str | None:
    """A title that a person gave, not the program's own ("Microsoft Word - draft7.doc")."""
    cleaned = " ".join(title.split())
    return cleaned if len(cleaned) > 3 and not re.search(r"\.\w{3,4}$|^untitled", cleaned, re.IGNORECASE) else None
