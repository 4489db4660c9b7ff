"""From a PDFium text page to printed lines with their place, letter height and weight.

One call of PDFium costs about as much as slicing a line of text, so it is asked per line, never per character,
except for lines whose width says that they hold a gap.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

import pypdfium2.raw as pdfium

from document_reader_service.adapters.readers.cleaning import DROPPED_CHARACTERS
from document_reader_service.adapters.readers.hyphenation import HYPHEN
from document_reader_service.adapters.readers.pdf_calls import Scratch, angle, count_runs

_LINE = re.compile(r"([^\r\n\ufffe\x02]+)([\ufffe\x02]?)")
_SPACE = re.compile(r" (?!\Z)")
_BETWEEN_WORDS = re.compile(r"(?<=\S)\s+(?=\S)")
_BOLD_NAME = re.compile(rb"bold|black|heavy|semibold|demi", re.IGNORECASE)
_FIXED_PITCH_NAME = re.compile(rb"courier|mono|consolas|menlo|typewriter|cmtt", re.IGNORECASE)
_FIXED_PITCH, _FORCE_BOLD = 1, 1 << 18  # font descriptor flags, ISO 32000-1 table 123
_FONT_ASKED_CHARACTERS = 72
_PAGE_OBJECTS = 5_000  # a drawing with more is no ruled table
_GAP_EMS = 1.2  # wider than the widest word space of justified text
_NARROW_GAP_EMS = 0.5  # enough between cells of a table already known as one
_WIDE_CHARACTERS = 0.72  # mean advance over letter height that running text never reaches


@dataclass(slots=True)
class Line:
    """A printed line, or the part of it on one side of a gap. Points, origin top left; `size` = letter height.

    `start` is PDFium's index of its first character.
    """

    text: str
    x0: float
    top: float
    x1: float
    bottom: float
    size: float
    bold: bool
    fixed_pitch: bool
    start: int


Row = list[Line]
"""What PDFium holds for one line: more than one member where a wide gap (column gutter, table) divides it."""


class Fonts:
    """The fonts of a document, each judged once by its name and flags: is it bold, are all letters of one width."""

    def __init__(self) -> None:
        self._judged: dict[tuple[bytes, int], tuple[bool, bool]] = {}

    def judge(self, font: tuple[bytes, int]) -> tuple[bool, bool]:
        known = self._judged.get(font)
        if known is None:
            name, flags = font
            known = self._judged[font] = (
                bool(flags & _FORCE_BOLD or _BOLD_NAME.search(name)),
                bool(flags & _FIXED_PITCH or _FIXED_PITCH_NAME.search(name)),
            )
        return known


class PageLines:
    """Reads the rows of one page. Keep it only while the text page is open."""

    def __init__(self, page: pdfium.FPDF_PAGE, text_page: pdfium.FPDF_TEXTPAGE, scratch: Scratch, fonts: Fonts) -> None:
        self._page, self._text_page, self._scratch, self._fonts = page, text_page, scratch, fonts
        bounds = pdfium.FS_RECTF()
        self._letter_boxes: dict[int, tuple[float, float, float, float]] = {}
        self._special_font = False
        self._rulings: list[float] | None = None
        pdfium.FPDF_GetPageBoundingBox(page, bounds)
        self._left, self._bottom, self._right, self._top = bounds.left, bounds.bottom, bounds.right, bounds.top
        self._count = max(0, pdfium.FPDFText_CountChars(text_page))
        self._turns = self._quarter_turns()
        sides = (self._right - self._left, self._top - self._bottom)
        self.width, self.height = sides if self._turns % 2 == 0 else sides[::-1]

    def _quarter_turns(self) -> int:
        """Turns to the right that make the text stand upright; asked of the text, the page's rotation may lie."""
        turns = [
            round(-radians / (math.pi / 2)) % 4
            for radians in (angle(self._text_page, self._count * part // 4) for part in (2, 1, 3) if self._count)
            if radians >= 0
        ]
        return max(set(turns), key=turns.count) if turns else 0

    def rows(self) -> list[Row]:
        text = self._text()
        pieces = list(_LINE.finditer(text))
        # More rectangles than lines: some line is made of several runs and may hold a gap.
        several_runs = bool(pieces) and count_runs(self._text_page, 0, -1) > len(pieces)
        rows: list[Row] = []
        for piece in pieces:
            raw, mark = piece.groups()
            content = raw.strip()
            if not content:
                continue
            start = piece.start() + (0 if content is raw else raw.index(content[0]))
            line = self._line(content, mark != "", start)
            if line is None:
                continue
            cuts = self._cuts(line, start, content, several_runs)
            rows.append([line] if not cuts else self._split(content, mark != "", start, cuts))
        return rows

    def rulings(self) -> list[float]:
        """Heights from the top of horizontal lines and of the edges of boxes, ascending."""
        if self._rulings is None:
            self._rulings = self._find_rulings()
        return self._rulings

    def _find_rulings(self) -> list[float]:
        count = pdfium.FPDFPage_CountObjects(self._page)
        heights: set[int] = set()
        for index in range(count if count <= _PAGE_OBJECTS else 0):
            bounds = self._scratch.drawn_path(self._page, index)
            if bounds is None:
                continue
            x0, y0, x1, y1 = self._upright(*bounds)
            if x1 - x0 > 10:
                heights.update((round(y0), round(y1)))
        return sorted(heights)

    def _text(self) -> str:
        """The page's text, one character per PDFium character index."""
        count = self._count
        if count == 0:
            return ""
        text = self._scratch.text(self._text_page, count)
        if len(text) == count:
            return text
        # GetText knows no characters beyond U+FFFF and leaves some out: then indices no longer agree.
        codes = (pdfium.FPDFText_GetUnicode(self._text_page, index) for index in range(count))
        return "".join(chr(code) if 0 < code < 0x110000 else "\x00" for code in codes)

    def _line(self, content: str, hyphenated: bool, start: int) -> Line | None:
        # Nearly every line is printable; looking is far cheaper than translating.
        text = content
        if not content.isprintable():
            text = content.translate(DROPPED_CHARACTERS)
            if not text or text.isspace():
                return None
        x0, top, x1, bottom = self._span(start, start + len(content) - 1)
        # A long line between lines of plain letters is no heading and no code: its font is not asked for.
        if len(text) <= _FONT_ASKED_CHARACTERS or self._special_font:
            font = self._scratch.font(self._text_page, start + len(content) // 2)
            bold, fixed_pitch = self._fonts.judge(font)
            self._special_font = bold or fixed_pitch
        else:
            bold = fixed_pitch = False
        if hyphenated:
            text += HYPHEN
        return Line(text, x0, top, x1, bottom, bottom - top, bold, fixed_pitch, start)

    def _span(self, first: int, last: int) -> tuple[float, float, float, float]:
        """From the left edge of one letter to the right edge of another in the same line, as high as the first."""
        if self._turns:
            x0, top, x1, bottom = self._letter_box(first)
            end_x0, _, end_x1, _ = self._letter_box(last)
            return min(x0, end_x0), top, max(x1, end_x1), bottom
        # The way of nearly every line, so without further calls.
        letter, text_page, left = self._scratch.letter, self._text_page, self._left
        x0, high, x1, low = letter(text_page, first)
        end_x0, _, end_x1, _ = letter(text_page, last)
        return (
            (x0 if x0 < end_x0 else end_x0) - left,
            self._top - high,
            (x1 if x1 > end_x1 else end_x1) - left,
            self._top - low,
        )

    def _letter_box(self, index: int) -> tuple[float, float, float, float]:
        """x0, top, x1, bottom of the space a letter takes (ascent to descent) on the upright page.

        Kept, since the letters beside a gap are looked at for the line, for its columns and for its cells.
        """
        box = self._letter_boxes.get(index)
        if box is None:
            left, top, right, bottom = self._scratch.letter(self._text_page, index)
            box = self._letter_boxes[index] = self._upright(left, bottom, right, top)
        return box

    def _upright(self, left: float, bottom: float, right: float, top: float) -> tuple[float, float, float, float]:
        match self._turns:
            case 1:
                return bottom - self._bottom, left - self._left, top - self._bottom, right - self._left
            case 2:
                return self._right - right, bottom - self._bottom, self._right - left, top - self._bottom
            case 3:
                return self._top - top, self._right - right, self._top - bottom, self._right - left
            case _:
                return left - self._left, self._top - top, right - self._left, self._top - bottom

    def _cuts(self, line: Line, start: int, content: str, several_runs: bool) -> list[int]:
        """Offsets into the line after which a wide gap follows."""
        if len(content) < 2:
            return []
        if several_runs:
            return self._cuts_between_runs(line, start, content)
        if line.x1 - line.x0 > _WIDE_CHARACTERS * line.size * len(content):
            return self._cuts_between_words(content, start, _GAP_EMS * line.size)
        return []

    def _cuts_between_runs(self, line: Line, start: int, content: str) -> list[int]:
        count = count_runs(self._text_page, start, len(content))
        if count < 2:
            return []
        previous = self._run(0)
        for index in range(1, count):
            run = self._run(index)
            if run[0] - previous[2] > _GAP_EMS * line.size or run[2] < previous[0]:
                return self._cuts_between_words(content, start, _GAP_EMS * line.size)
            previous = run
        return []

    def _run(self, index: int) -> tuple[float, float, float, float]:
        left, top, right, bottom = self._scratch.run(self._text_page, index)
        return self._upright(left, bottom, right, top)

    def _cuts_between_words(self, content: str, start: int, narrowest: float) -> list[int]:
        """Offsets of the words that stand at least so far from the word before, or to its left (points)."""
        cuts: list[int] = []
        # PDFium puts a space into every gap, so only words need to be looked at, not letters.
        for space in _BETWEEN_WORDS.finditer(content):
            before = self._letter_box(start + space.start() - 1)
            after = self._letter_box(start + space.end())
            if after[0] - before[2] > narrowest or after[2] < before[0]:
                cuts.append(space.end())
        return cuts

    def starts_after_gap(self, line: Line) -> list[float]:
        """Left edges of the words before which the line has more than a usual word space."""
        cuts = self._cuts_between_words(line.text, line.start, _NARROW_GAP_EMS * line.size)
        return [self._letter_box(line.start + offset)[0] for offset in cuts]

    def split_at(self, line: Line, edges: Sequence[float]) -> Row:
        """The parts of a line between vertical edges that it crosses, divided only where a word begins."""
        cuts: list[int] = []
        waiting = [edge for edge in edges if line.x0 < edge < line.x1]
        for space in _SPACE.finditer(line.text) if waiting else ():
            if self._letter_box(line.start + space.end())[0] > waiting[0] - 0.2 * line.size:
                cuts.append(space.end())
                waiting.pop(0)
                if not waiting:
                    break
        return self._split(line.text, line.text.endswith(HYPHEN), line.start, cuts) if cuts else [line]

    def _split(self, content: str, hyphenated: bool, start: int, cuts: list[int]) -> Row:
        row: Row = []
        for begin, end in zip([0, *cuts], [*cuts, len(content)], strict=True):
            part = content[begin:end]
            stripped = part.strip()
            if not stripped:
                continue
            offset = start + begin + part.index(stripped[0])
            line = self._line(stripped, hyphenated and end == len(content), offset)
            if line is not None:
                row.append(line)
        return row
