"""DOCX to blocks by python-docx: paragraphs and tables in order, headings and lists by style and numbering.

Pages are known only where Word left its page breaks in the file (`lastRenderedPageBreak`).
"""

import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any

import docx
from docx.document import Document
from docx.opc.exceptions import PackageNotFoundError
from docx.oxml.ns import qn

from document_reader_service.adapters.readers.assembly import BlockList, document_text
from document_reader_service.domain.processing_errors import DamagedDocument, DocumentTooLarge, EncryptedDocument
from document_reader_service.domain.text import DocumentText

_OLE = bytes.fromhex("D0CF11E0A1B11AE1")  # the container Office wraps an encrypted document in
_XML_BYTES_OF_STYLES = 10_000_000  # styles, themes and settings, whatever the text
_XML_BYTES_PER_CHARACTER = 60  # a run of formatting around every word; beyond it is no document but a bomb
# What zipfile, zlib, lxml (a SyntaxError) and python-docx raise for a broken file.
_BROKEN = (
    PackageNotFoundError,
    zipfile.BadZipFile,
    zlib.error,
    SyntaxError,
    KeyError,
    ValueError,
    EOFError,
    NotImplementedError,
)
_HEADING = re.compile(r"heading (\d)", re.IGNORECASE)
_LIST = re.compile(r"list(?: (?:bullet|number|continue|paragraph))?(?: (\d))?\Z", re.IGNORECASE)
_CODE = re.compile(r"code|preformatted|macro text|plain text", re.IGNORECASE)


def read_docx(path: str, max_characters: int) -> DocumentText:
    document = _opened(path, max_characters)
    reader = _Reader(document, max_characters)
    reader.read(document.element.body)
    title = reader.title or document.core_properties.title
    return document_text(reader.blocks, reader.page or 1, title)


def _opened(path: str, max_characters: int) -> Document:
    with open(path, "rb") as file:  # noqa: PTH123
        if file.read(len(_OLE)) == _OLE:
            raise EncryptedDocument("The Word document asks for a password. Save it without one and upload it again.")
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(entry.file_size for entry in archive.infolist() if entry.filename.endswith(".xml")) > (
                _XML_BYTES_OF_STYLES + _XML_BYTES_PER_CHARACTER * max_characters
            ):
                raise DocumentTooLarge(f"The document has more than {max_characters} characters of text.")
        document = docx.Document(path)
        if document.element.body is None:
            raise ValueError("no body")
    except _BROKEN as error:
        raise DamagedDocument("The Word document cannot be opened: its archive or its XML is broken.") from error
    return document


class _Reader:
    def __init__(self, document: Document, max_characters: int) -> None:
        self.blocks = BlockList(max_characters)
        self.title: str | None = None
        self._styles = {style.style_id: style for style in document.styles}
        body = document.element.body
        self.page = 1 if next(body.iter(qn("w:lastRenderedPageBreak")), None) is not None else None

    def read(self, container: Any) -> None:
        for element in container:
            if element.tag == qn("w:p"):
                self._paragraph(element)
            elif element.tag == qn("w:tbl"):
                self._table(element)
            elif element.tag == qn("w:sdt") and not _is_contents(element):
                content = element.find(qn("w:sdtContent"))
                if content is not None:
                    self.read(content)

    def _paragraph(self, element: Any) -> None:
        # A break before the first word belongs to the page above.
        leading, inner = _page_breaks(element)
        self._turn_pages(leading)
        text = _text(element)
        name = self._style_name(element)
        level = self._heading_level(element, name)
        if name == "Title":
            self.title = self.title or text
            self.blocks.add("heading", text, self.page, 1)
        elif level is not None:
            self.blocks.add("heading", text, self.page, level)
        elif (depth := self._list_depth(element, name)) is not None:
            self.blocks.add("list_item", text, self.page, depth)
        elif _CODE.search(name):
            self.blocks.add("code", text, self.page, None)
        else:
            self.blocks.add("paragraph", text, self.page, None)
        self._turn_pages(inner)

    def _turn_pages(self, count: int) -> None:
        if self.page is not None:
            self.page += count

    def _table(self, element: Any) -> None:
        rows = [list(_cells(row)) for row in element.iter(qn("w:tr"))]
        if all(len(row) == 1 for row in rows):  # a box around text
            for cell in element.iter(qn("w:tc")):
                self.read(cell)
            return
        self.blocks.add_table([[_cell_text(cell) for cell in row] for row in rows], self.page)
        self._turn_pages(sum(1 for _ in element.iter(qn("w:lastRenderedPageBreak"))))

    def _style_name(self, element: Any) -> str:
        identifier = element.style
        style = self._styles.get(identifier) if identifier else None
        return style.name or "" if style is not None else ""

    def _heading_level(self, element: Any, name: str) -> int | None:
        if found := _HEADING.match(name):
            return int(found[1])
        for properties in self._properties(element):
            outline = properties.find(qn("w:outlineLvl"))
            if outline is not None:
                level = int(outline.get(qn("w:val"), "9"))
                return level + 1 if level < 6 else None
        return None

    def _list_depth(self, element: Any, name: str) -> int | None:
        for properties in self._properties(element):
            numbering = properties.find(qn("w:numPr"))
            if numbering is not None:
                identifier, level = numbering.find(qn("w:numId")), numbering.find(qn("w:ilvl"))
                if identifier is not None and identifier.get(qn("w:val")) == "0":  # numbering switched off here
                    return None
                if level is not None:
                    return int(level.get(qn("w:val"), "0")) + 1
                break
        found = _LIST.match(name)
        return int(found[1] or 1) if found else None

    def _properties(self, element: Any) -> Iterator[Any]:
        """Paragraph properties, nearest first: the paragraph's own, its style's, those of the styles it is based on."""
        if element.pPr is not None:
            yield element.pPr
        style = self._styles.get(element.style) if element.style else None
        seen: set[str] = set()
        while style is not None and style.style_id not in seen:
            seen.add(style.style_id)
            properties = style.element.pPr
            if properties is not None:
                yield properties
            style = getattr(style, "base_style", None)


def _is_contents(element: Any) -> bool:
    """A generated table of contents: it repeats the headings."""
    return any(
        "contents" in (gallery.get(qn("w:val")) or "").lower() for gallery in element.iter(qn("w:docPartGallery"))
    )


def _text(paragraph: Any) -> str:
    """The words as shown: insertions and links too, deletions and text boxes not."""
    parts: list[str] = []
    stack = list(reversed(paragraph))
    while stack:
        element = stack.pop()
        if element.tag == qn("w:t"):
            parts.append(element.text or "")
        elif element.tag in (qn("w:tab"), qn("w:br"), qn("w:cr")):
            parts.append("\n" if element.tag != qn("w:tab") else "\t")
        elif element.tag == qn("w:noBreakHyphen"):
            parts.append("-")
        elif element.tag not in (qn("w:pPr"), qn("w:del"), qn("w:moveFrom"), qn("w:drawing"), qn("w:pict")):
            stack.extend(reversed(element))
    return "".join(parts)


def _page_breaks(paragraph: Any) -> tuple[int, int]:
    """Rendered page breaks before the paragraph's first word and after it."""
    leading = inner = 0
    started = False
    for element in paragraph.iter(qn("w:lastRenderedPageBreak"), qn("w:t")):
        if element.tag == qn("w:t"):
            started = started or bool((element.text or "").strip())
        elif started:
            inner += 1
        else:
            leading += 1
    return leading, inner


def _cells(row: Any) -> Iterator[Any]:
    return (cell for cell in row if cell.tag == qn("w:tc"))


def _cell_text(cell: Any) -> str:
    merge = cell.find(f"{qn('w:tcPr')}/{qn('w:vMerge')}")
    if merge is not None and merge.get(qn("w:val")) != "restart":  # continues the cell above
        return ""
    return " ".join(_text(paragraph) for paragraph in cell.iter(qn("w:p")))
