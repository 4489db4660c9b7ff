"""Rows of one page put into the order a person reads them: columns one after the other, aligned cells as tables.

PDFium's own order (that of the page's content) is kept wherever no gap in a line contradicts it.
"""

import re
from bisect import bisect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

from document_reader_service.adapters.readers.hyphenation import HYPHEN
from document_reader_service.adapters.readers.pdf_lines import Line, Row

_MARKER = re.compile(r"(?:[^\w\s]|[\uf000-\uf0ff]|(?:\d{1,3}\.)*\d{1,3}[.):]?|[A-Za-z][.)]|[ivxIVX]{1,5}[.)])\Z")
_MARKER_GAP_EMS = 4.0
_PROSE_CHARACTERS = 24  # mean length of a line of text in a column; table cells are shorter
_PROSE_ROWS = 4


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


def reading_order(rows: Sequence[Row], rulings: Callable[[], list[float]]) -> list[Line | Table]:
    """`rulings` gives the heights of the page's horizontal lines; it is asked only if there is a table."""
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
        end = _stretch_end(merged, position)
        ordered.extend(_arrange(merged[position:end], rulings))
        position = end
    return ordered


def _join_level_rows(rows: Sequence[Row]) -> list[Row]:
    """Rows that stand beside each other although PDFium breaks the line between them become one row."""
    joined: list[Row] = []
    for row in rows:
        if joined:
            last, first = joined[-1][-1], row[0]
            overlap = min(last.bottom, first.bottom) - max(last.top, first.top)
            if overlap > 0.5 * min(last.size, first.size) and first.x0 >= last.x1:
                joined[-1] = [*joined[-1], *row]
                continue
        joined.append(row)
    return joined


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
    )


def _stretch_end(rows: Sequence[Row], start: int) -> int:
    """Where the neighbourhood of divided rows that begins at `start` ends (exclusive)."""
    columns = _columns(rows[start])
    top, bottom = _extent(rows[start])
    end = start + 1
    while end < len(rows):
        row = rows[end]
        row_top, row_bottom = _extent(row)
        beside = row_top < bottom and row_bottom > top
        near = 0 <= row_top - bottom + row[0].size < 2.5 * row[0].size
        if len(row) == 1 and not beside and not (near and _touched(row[0], columns) == 1):
            break
        if len(row) > 1 and not beside and not near:
            break
        columns = _columns([line for member in rows[start : end + 1] for line in member])
        if len(columns) < 2:
            break
        top, bottom = min(top, row_top), max(bottom, row_bottom)
        end += 1
    return end


def _extent(row: Row) -> tuple[float, float]:
    return min(line.top for line in row), max(line.bottom for line in row)


def _columns(lines: Sequence[Line]) -> list[_Interval]:
    """The disjoint horizontal intervals that the lines cover."""
    columns: list[_Interval] = []
    for line in sorted(lines, key=lambda line: line.x0):
        if columns and line.x0 <= columns[-1].end:
            columns[-1].end = max(columns[-1].end, line.x1)
        else:
            columns.append(_Interval(line.x0, line.x1))
    return columns


def _touched(line: Line, columns: Sequence[_Interval]) -> int:
    return sum(1 for column in columns if line.x0 < column.end and line.x1 > column.start)


def _arrange(rows: Sequence[Row], rulings: Callable[[], list[float]]) -> list[Line | Table]:
    divided = [row for row in rows if len(row) > 1]
    columns = _columns([line for row in rows for line in row])
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
    return _table(rows, columns, rulings())


def _is_prose(rows: Sequence[Row], columns: Sequence[_Interval]) -> bool:
    for column in columns:
        texts = [line.text for row in rows for line in row if column.start <= line.x0 <= column.end]
        if sum(map(len, texts)) < _PROSE_CHARACTERS * len(texts):
            return False
    return True


def _table(rows: Sequence[Row], columns: Sequence[_Interval], rulings: list[float]) -> list[Line | Table]:
    lines = sorted((line for row in rows for line in row), key=lambda line: line.top)
    inside = [y for y in rulings if lines[0].top - 12 <= y <= lines[-1].bottom + 12]
    printed = _printed_rows(lines)
    # A lone line under an unruled table is text, not a row.
    rest: list[Line | Table] = []
    while not inside and len(printed) > 2 and len(printed[-1]) == 1:
        rest[:0] = printed.pop()
    starts = [column.start for column in columns]
    cells: list[list[str]] = []
    for members in _logical_rows(printed, starts, inside):
        row = [""] * len(columns)
        for line in members:
            index = max(0, bisect(starts, line.x0 + 0.1) - 1)
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
    pitch = median(after[0].top - before[0].top for before, after in zip(printed, printed[1:], strict=False))
    logical: list[Row] = []
    for index, row in enumerate(printed):
        first_is_empty = row[0].x0 > starts[1] - 0.1
        wrapped = len(row) < len(starts) and index > 0 and row[0].top - printed[index - 1][0].top < 0.8 * pitch
        if logical and (first_is_empty or wrapped):
            logical[-1] = [*logical[-1], *row]
        else:
            logical.append(list(row))
    return logical
