"""Plain text of any encoding to blocks: paragraphs by blank lines, headings only where they are plain to see."""

import codecs
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from charset_normalizer import from_bytes

from document_reader_service.adapters.readers.assembly import BlockList, document_text
from document_reader_service.adapters.readers.hyphenation import HYPHEN, word_joiner
from document_reader_service.adapters.readers.list_markers import list_marker
from document_reader_service.domain.processing_errors import DocumentTooLarge
from document_reader_service.domain.text import DocumentText

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    # UTF-32 first: its little-endian mark begins with that of UTF-16.
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_GUESS_BYTES = 200_000
_MAX_BYTES_PER_CHARACTER = 4
_UNDERLINE = re.compile(r"(=|-|~|\*)\1{2,}\s*\Z")
_NUMBERED = re.compile(r"(\d{1,2}(?:\.\d{1,2})*)\.?\s+[^\W\d_a-zß-ÿ]")
_NAMED = re.compile(r"(?:chapter|part|section|kapitel|teil|chapitre|capítulo|lecture)\s+[\dIVXLC]+\b", re.IGNORECASE)


def read_plain_text(path: str, max_characters: int) -> DocumentText:
    text = decode(read_bytes(path, max_characters))
    pages = text.replace("\r\n", "\n").replace("\r", "\n").split("\f")
    while len(pages) > 1 and not pages[-1].strip():
        pages.pop()
    join = word_joiner([line for page in pages for line in _lines(page)])
    blocks = BlockList(max_characters)
    title: str | None = None
    for number, page in enumerate(pages, start=1):
        for paragraph in _paragraphs(_lines(page)):
            page_number = number if len(pages) > 1 else None
            level = _heading_level(paragraph)
            if level is not None:
                title = title or (paragraph[0].strip() if len(blocks) == 0 else None)
                blocks.add("heading", paragraph[0], page_number, level)
                continue
            for is_item, lines in _items(paragraph):
                content = join(" ".join(line.strip() for line in lines))
                if is_item:
                    blocks.add("list_item", content[len(list_marker(content) or "") :], page_number, 1)
                else:
                    blocks.add("paragraph", content, page_number, None)
    return document_text(blocks, len(pages), title)


def read_bytes(path: str, max_characters: int) -> bytes:
    """The file; raises DocumentTooLarge if no encoding could keep it within the limit."""
    file = Path(path)
    if file.stat().st_size > max_characters * _MAX_BYTES_PER_CHARACTER:
        raise DocumentTooLarge(f"The document has more than {max_characters} characters of text.")
    return file.read_bytes()


def decode(data: bytes) -> str:
    """Text of unknown encoding: byte order mark, UTF-16 by its zero bytes, UTF-8, else by statistics."""
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return data.decode(encoding, errors="replace")
    wide = utf16_without_mark(data)
    if wide is not None:
        return data.decode(wide, errors="replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        best = from_bytes(data[:_GUESS_BYTES]).best()
        return data.decode(best.encoding if best is not None else "cp1252", errors="replace")


def utf16_without_mark(data: bytes) -> str | None:
    """`utf-16-le` or `utf-16-be` if most letters have a zero byte on the same side, as in Western text."""
    sample = data[:2_000]
    pairs = len(sample) // 2
    if pairs < 2 or b"\x00" not in sample:
        return None
    even, odd = sample[: 2 * pairs : 2].count(0), sample[1 : 2 * pairs : 2].count(0)
    if odd > 0.6 * pairs and even < 0.1 * pairs:
        return "utf-16-le"
    if even > 0.6 * pairs and odd < 0.1 * pairs:
        return "utf-16-be"
    return None


def _lines(page: str) -> list[str]:
    """Lines without trailing space; a hyphen before the line's end is marked as a possible broken word."""
    lines = [line.rstrip() for line in page.split("\n")]
    return [line[:-1] + HYPHEN if re.search(r"[^\W\d_]-\Z", line) else line for line in lines]


def _paragraphs(lines: Sequence[str]) -> Iterator[list[str]]:
    """Between blank lines; where a file has none, or lines far longer than a screen's, each line is a paragraph."""
    filled = [line for line in lines if line.strip()]
    one_each = len(filled) > 1 and (len(filled) == len(lines) or sorted(map(len, filled))[len(filled) // 2] > 120)
    paragraph: list[str] = []
    for line in lines:
        if not line.strip():
            if paragraph:
                yield paragraph
            paragraph = []
        elif one_each and not _UNDERLINE.match(line.strip()):
            if paragraph:
                yield paragraph
            paragraph = [line]
        else:
            paragraph.append(line)
            if len(paragraph) == 2 and _UNDERLINE.match(line.strip()):
                yield paragraph
                paragraph = []
    if paragraph:
        yield paragraph


def _heading_level(paragraph: Sequence[str]) -> int | None:
    line = paragraph[0].strip()
    if len(paragraph) == 2 and (underline := _UNDERLINE.match(paragraph[1].strip())):
        return 1 if underline[1] == "=" else 2
    if len(paragraph) > 1 or len(line) > 100 or line.endswith((".", ",", ";", ":")):
        return None
    if numbered := _NUMBERED.match(line):
        return min(6, numbered[1].count(".") + 1)
    if _NAMED.match(line) or (line.isupper() and len(line) > 3 and " " in line):
        return 1
    return None


def _items(paragraph: Sequence[str]) -> Iterator[tuple[bool, list[str]]]:
    """Pieces of a paragraph: each list item with the lines that continue it, or text."""
    piece: list[str] = []
    is_item = False
    for line in paragraph:
        if list_marker(line.strip()) is not None:
            if piece:
                yield is_item, piece
            piece, is_item = [line], True
        else:
            piece.append(line)
    if piece:
        yield is_item, piece
