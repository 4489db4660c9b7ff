"""Rows of one page put into the order a person reads them: columns one after the other, aligned cells as tables.

PDFium's own order (that of the page's content) is kept wherever no gap in a line contradicts it.
"""

import re
from bisect import bisect
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Protocol

from document_reader_service.adapters.readers.hyphenation import HYPHEN
from document_reader_service.adapters.readers.pdf_lines import Line, Row

_MARKER = re.compile(r"(?:[^\w\s]|[\uf000-\uf0ff]|(?:\d{1,3}\.)*\d{1,3}[.):]?|[A-Za-z][.)]|[ivxIVX]{1,5}[.)])\Z")
_MARKER_GAP_EMS = 4.0
_PROSE_CHARACTERS = 24  # mean length of a line of text in a column; table cells are shorter
_PROSE_ROWS = 4
_BRIDGING_SHARE = 0.15
_TALLEST_CELL = 150.0  # points between two lines of one table
_ALIGNED = 1.5  # points by which the left edges of one column may differ


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells; the box encloses them."""

    rows: tuple[tuple[str, ...], ...]
    x0: float
    top: float
    x1: float
    bottom: float


@dataclass(slots=True)
class _Interval:
    start: float
    end: float


class PageGeometry(Protocol):
    """What is asked of the page only where a gap in a line calls for it."""

    def rulings(self) -> list[float]:
        """Heights of horizontal lines, from the top, ascending."""

    def starts_after_gap(self, line: Line) -> list[float]:
        """Left edges of the words before which the line has more than a usual word space."""

    def split_at(self, line: Line, edges: Sequence[float]) -> Row:
        """The parts of the line between vertical edges."""


def reading_order(rows: Sequence[Row], page: PageGeometry) -> list[Line | Table]:
    merged = [_join_marker(row) for row in _join_level_rows(rows)]
    if all(len(row) == 1 for row in merged):
        return [row[0] for row in merged]
    ordered: list[Line | Table] = []
    position = 0
    while position < len(merged):
        if len(merged[position]) == 1:
            ordered.append(merged[position][0])
            position += 1
            continue
        end = _stretch_end(merged, position, _ruled_extent(merged[position], page.rulings()))
        ordered.extend(_arrange(merged[position:end], page))
        position = end
    return ordered


def _join_level_rows(rows: Sequence[Row]) -> list[Row]:
    """Rows that stand beside each other although PDFium breaks the line between them become one row."""
    joined: list[Row] = []
    for row in rows:
        if joined:
            last, first = joined[-1][-1], row[0]
            if first.x0 >= last.x1 and _stand_level(last, first):
                joined[-1] = [*joined[-1], *row]
                continue
        joined.append(row)
    return joined


def _stand_level(left: Line, right: Line) -> bool:
    overlap = min(left.bottom, right.bottom) - max(left.top, right.top)
    return overlap > 0.5 * min(left.size, right.size)


def _join_marker(row: Row) -> Row:
    """A bullet or number set apart from its text is no table cell."""
    if len(row) == 2 and _MARKER.match(row[0].text) and row[1].x0 - row[0].x1 < _MARKER_GAP_EMS * row[0].size:
        return [_one_line(row)]
    return row


def _one_line(row: Row) -> Line:
    first = row[0]
    return Line(
        " ".join(line.text for line in row),
        min(line.x0 for line in row),
        min(line.top for line in row),
        max(line.x1 for line in row),
        max(line.bottom for line in row),
        first.size,
        all(line.bold for line in row),
        first.fixed_pitch,
        first.start,
    )


def _ruled_extent(row: Row, rulings: Sequence[float]) -> tuple[float, float]:
    """Top and bottom of the ruled table that begins at the row; nothing between them if there is none."""
    top, bottom = _extent(row)
    after = bisect(rulings, (top + bottom) / 2)
    if after == 0 or after == len(rulings) or top - rulings[after - 1] > 2 * row[0].size:
        return top, top
    last = after
    while last + 1 < len(rulings) and rulings[last + 1] - rulings[last] < _TALLEST_CELL:
        last += 1
    return rulings[after - 1], rulings[last]


def _stretch_end(rows: Sequence[Row], start: int, ruled: tuple[float, float]) -> int:
    """Where the neighbourhood of divided rows that begins at `start` ends (exclusive)."""
    top, bottom = _extent(rows[start])
    end = start + 1
    columns: list[_Interval] | None = None  # of the rows so far; rows inside a ruled table do not ask for them
    while end < len(rows):
        row = rows[end]
        row_top, row_bottom = _extent(row)
        if ruled[0] <= row_top and row_bottom <= ruled[1] + row[0].size:
            top, bottom = min(top, row_top), max(bottom, row_bottom)
            columns = None
            end += 1
            continue
        beside = row_top < bottom and row_bottom > top
        near = 0 <= row_top - bottom + row[0].size < 2.5 * row[0].size
        if not beside and not near:
            break
        if len(row) == 1 and not beside:
            columns = columns or _columns(rows[start:end])
            if _touched(row[0], columns) != 1:
                break
        columns = _columns(rows[start : end + 1])
        if len(columns) < 2:
            break
        top, bottom = min(top, row_top), max(bottom, row_bottom)
        end += 1
    return end


def _extent(row: Row) -> tuple[float, float]:
    return min(line.top for line in row), max(line.bottom for line in row)


def _columns(rows: Sequence[Row]) -> list[_Interval]:
    """The disjoint horizontal intervals that the lines cover; a few long lines may bridge a gap between them."""
    edges = sorted(
        [(line.x0, 1) for row in rows for line in row] + [(line.x1, -1) for row in rows for line in row],
        key=lambda edge: (edge[0], -edge[1]),
    )
    tolerated = int(_BRIDGING_SHARE * len(rows))
    columns: list[_Interval] = []
    covering = 0
    for place, step in edges:
        if step > 0 and covering == tolerated:
            columns.append(_Interval(place, place))
        covering += step
        if step < 0 and covering == tolerated:
            columns[-1].end = place
    return [column for column in columns if column.end > column.start]


def _touched(line: Line, columns: Sequence[_Interval]) -> int:
    return sum(1 for column in columns if line.x0 < column.end and line.x1 > column.start)


def _arrange(rows: Sequence[Row], page: PageGeometry) -> list[Line | Table]:
    divided = [row for row in rows if len(row) > 1]
    columns = _columns(rows)
    if len(columns) < 2 or len(divided) < 2:
        return [_one_line(row) for row in rows]
    if len(divided) >= _PROSE_ROWS and len(columns) <= 3 and _is_prose(rows, columns):
        return [
            line
            for column in columns
            for line in sorted(
                (line for row in rows for line in row if line.x0 <= column.end and line.x1 >= column.start),
                key=lambda line: line.top,
            )
        ]
    return _table(rows, columns, page)


def _is_prose(rows: Sequence[Row], columns: Sequence[_Interval]) -> bool:
    for column in columns:
        texts = [line.text for row in rows for line in row if column.start <= line.x0 <= column.end]
        if sum(map(len, texts)) < _PROSE_CHARACTERS * len(texts):
            return False
    return True


def _table(rows: Sequence[Row], columns: Sequence[_Interval], page: PageGeometry) -> list[Line | Table]:
    starts = _starts(rows, columns, page)
    parts = [part for row in rows for line in row for part in page.split_at(line, starts)]
    lines = sorted(parts, key=lambda line: line.top)
    inside = [y for y in page.rulings() if lines[0].top - 12 <= y <= lines[-1].bottom + 12]
    printed = _printed_rows(lines)
    # A lone line under an unruled table is text, not a row.
    rest: list[Line | Table] = []
    while not inside and len(printed) > 2 and len(printed[-1]) == 1:
        rest[:0] = printed.pop()
    cells: list[list[str]] = []
    for members in _logical_rows(printed, starts, inside):
        row = [""] * len(starts)
        for line in members:
            index = max(0, bisect(starts, line.x0 + _ALIGNED) - 1)
            row[index] = f"{row[index]} {line.text}".strip()
        cells.append([cell.replace(f"{HYPHEN} ", "").replace(HYPHEN, "") for cell in row])
    kept = [line for members in printed for line in members]
    table = Table(
        tuple(tuple(row) for row in cells),
        min(line.x0 for line in kept),
        min(line.top for line in kept),
        max(line.x1 for line in kept),
        max(line.bottom for line in kept),
    )
    return [table, *rest]


def _starts(rows: Sequence[Row], columns: Sequence[_Interval], page: PageGeometry) -> list[float]:
    """Left edges of the columns: those seen already, and where words align after narrower gaps."""
    starts = [column.start for column in columns]
    aligned: Counter[int] = Counter()
    exact: dict[int, float] = {}
    for row in rows:
        for line in row:
            for start in page.starts_after_gap(line):
                aligned[round(start)] += 1
                exact[round(start)] = min(start, exact.get(round(start), start))
    needed = max(3, round(0.6 * sum(1 for row in rows if len(row) > 1)))
    for place, count in aligned.items():
        if count >= needed and all(abs(place - start) > 4 * _ALIGNED for start in starts):
            starts.append(exact[place])
    return sorted(starts)


def _printed_rows(lines: Sequence[Line]) -> list[Row]:
    """Lines by ascending top, grouped by common height on the page."""
    printed: list[Row] = []
    for line in lines:
        if printed and line.top < (printed[-1][0].top + printed[-1][0].bottom) / 2:
            printed[-1].append(line)
        else:
            printed.append([line])
    return [sorted(row, key=lambda line: line.x0) for row in printed]


def _logical_rows(printed: Sequence[Row], starts: Sequence[float], rulings: list[float]) -> list[Row]:
    """Printed rows of which several may belong to one table row, because a cell is wrapped."""
    bands: dict[int, list[Row]] = {}
    ruling_heights = sorted(rulings)
    for row in printed:
        bands.setdefault(bisect(ruling_heights, (row[0].top + row[0].bottom) / 2), []).append(row)
    full = sum(1 for row in printed if len(row) == len(starts))
    if (
        len(bands) > 1
        and all(sum(1 for row in band if len(row) == len(starts)) <= 1 for band in bands.values())
        and full
    ):
        return [[line for row in band for line in row] for band in bands.values()]
    pitch = median(after[0].top - before[0].top for before, after in pairwise(printed))
    logical: list[Row] = []
    for index, row in enumerate(printed):
        first_is_empty = row[0].x0 > starts[1] - 0.1
        wrapped = len(row) < len(starts) and index > 0 and row[0].top - printed[index - 1][0].top < 0.8 * pitch
        if logical and (first_is_empty or wrapped):
            logical[-1] = [*logical[-1], *row]
        else:
            logical.append(list(row))
    return logical
