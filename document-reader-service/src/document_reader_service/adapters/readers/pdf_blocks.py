"""Lines of all pages in reading order joined to headings, paragraphs, list items, code and tables.

Judged against the document's own body text: its letter height and its distance between lines.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from document_reader_service.adapters.readers.list_markers import is_bullet, list_marker
from document_reader_service.adapters.readers.pdf_layout import Table
from document_reader_service.adapters.readers.pdf_lines import Line
from document_reader_service.domain.text import BlockKind

_LARGER = 1.12
_NUMBER = re.compile(
    r"(\d{1,2}(?:\.\d{1,2}){0,4})\.?\s+(?=\S)|((?:chapter|part|kapitel|teil|chapitre|capítulo|appendix)\s+[\dA-Z]+)\b",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"[.!?:;…][\"'”’)\]]*\Z")
_HEADING_CHARACTERS = 160


@dataclass(slots=True)
class Group:
    """Lines that make one block, before headings are told and levels given."""

    page: int
    kind: BlockKind
    lines: list[Line]
    level: int | None = None
    table: Table | None = None

    @property
    def size(self) -> float:
        return self.lines[0].size

    @property
    def bold(self) -> bool:
        return self.lines[0].bold and all(line.bold for line in self.lines)


@dataclass(frozen=True, slots=True)
class Body:
    """What the running text looks like: letter height, distance from line to line (points), bold, of one width."""

    size: float
    pitch: float
    bold: bool
    fixed_pitch: bool


def body_of(pages: Sequence[Sequence[Line | Table]]) -> Body:
    """Judged by some forty pages, evenly taken: more would tell the same."""
    sizes: Counter[float] = Counter()
    bold = fixed = total = 0
    pitches: Counter[int] = Counter()
    for items in pages[:: max(1, len(pages) // 40)]:
        previous: Line | None = None
        for item in items:
            if isinstance(item, Table):
                previous = None
                continue
            length = len(item.text)
            sizes[round(item.size * 4) / 4] += length
            total += length
            bold += length * item.bold
            fixed += length * item.fixed_pitch
            if (
                previous is not None
                and 0 < item.top - previous.top < 3 * item.size
                and abs(item.size - previous.size) < 1
            ):
                pitches[round(item.top - previous.top)] += 1
            previous = item
    size = sizes.most_common(1)[0][0] if sizes else 12.0
    # Of equally frequent distances the smaller is the one inside paragraphs.
    pitch = max(pitches, key=lambda distance: (pitches[distance], -distance)) if pitches else 1.2 * size
    return Body(size, pitch, 2 * bold > total, 2 * fixed > total)


def group_lines(pages: Iterable[tuple[int, Sequence[Line | Table]]], body: Body) -> list[Group]:
    """Groups in reading order; a paragraph that runs over a column or a page stays one, with its first page."""
    groups: list[Group] = []
    for number, items in pages:
        for run in _runs(items):
            if isinstance(run, Table):
                groups.append(Group(number, "table", [], table=run))
                continue
            left, right = min([line.x0 for line in run]), max([line.x1 for line in run])
            for position, line in enumerate(run):
                previous = run[position - 1] if position else None
                _place(groups, number, line, previous, left, right, body)
    return groups


def _runs(items: Sequence[Line | Table]) -> list[list[Line] | Table]:
    """Stretches of lines that go down one column."""
    runs: list[list[Line] | Table] = []
    for item in items:
        last = runs[-1] if runs else None
        if isinstance(item, Table):
            runs.append(item)
        elif isinstance(last, list) and item.top > last[-1].top - 0.5 * item.size and _share_column(last[-1], item):
            last.append(item)
        else:
            runs.append([item])
    return runs


def _share_column(above: Line, below: Line) -> bool:
    return (below.x0 < above.x1 and below.x1 > above.x0) or abs(below.x0 - above.x0) < 4 * below.size


def _place(
    groups: list[Group], page: int, line: Line, previous: Line | None, left: float, right: float, body: Body
) -> None:
    group = groups[-1] if groups else None
    if line.fixed_pitch and not body.fixed_pitch:
        if group is not None and group.kind == "code" and previous is group.lines[-1]:
            group.lines.append(line)
        else:
            groups.append(Group(page, "code", [line]))
        return
    marker = list_marker(line.text)
    if marker is not None and (is_bullet(marker) or not _stands_out(line, body)):
        groups.append(Group(page, "list_item", [line]))
        return
    if group is None or not group.lines or group.kind == "code" or not _alike(group.lines[-1], line):
        groups.append(Group(page, "paragraph", [line]))
    elif previous is None:
        if _runs_on(group, line, body):
            group.lines.append(line)
        else:
            groups.append(Group(page, "paragraph", [line]))
    elif _continues(group, previous, line, left, right, body):
        group.lines.append(line)
    else:
        groups.append(Group(page, "paragraph", [line]))


def _stands_out(line: Line, body: Body) -> bool:
    return line.size > _LARGER * body.size or (line.bold and not body.bold)


def _alike(above: Line, below: Line) -> bool:
    """Same letters; a bold word at the start or the end of a paragraph does not divide it."""
    return abs(above.size - below.size) <= 0.08 * above.size


def _runs_on(group: Group, line: Line, body: Body) -> bool:
    """Does the text go on over the break of column or page."""
    text = group.lines[-1].text
    if group.kind not in ("paragraph", "list_item") or _stands_out(line, body) or _stands_out(group.lines[0], body):
        return False
    return line.text[0].islower() or (not _SENTENCE_END.search(text) and not line.text[0].isdigit() and len(text) > 30)


def _continues(group: Group, previous: Line, line: Line, left: float, right: float, body: Body) -> bool:
    heading_like = _stands_out(line, body) and line.size > _LARGER * body.size
    allowed = 1.35 * body.pitch if not heading_like else 1.6 * line.size
    if line.top - previous.top > allowed:
        return False
    if not line.bold and group.bold:
        return False
    if line.bold and not previous.bold and _NUMBER.match(line.text):
        return False
    if group.kind == "list_item":
        return line.x0 > group.lines[0].x0 + 0.3 * line.size or previous.x1 > right - 0.12 * (right - left)
    if heading_like or group.bold:
        return True
    ended = _SENTENCE_END.search(previous.text) is not None
    indented = line.x0 > previous.x0 + 0.8 * line.size and abs(previous.x0 - left) < 0.5 * line.size
    short = previous.x1 < right - 0.15 * (right - left)
    return not (ended and (indented or short))


def mark_headings(groups: Sequence[Group], body: Body) -> str | None:
    """Turns groups that stand out into headings with levels; returns the title if the first page shows one."""
    headings = [group for group in groups if group.kind in ("paragraph", "list_item") and _is_heading(group, body)]
    for group in headings:
        group.kind = "heading"
    title = _title(groups, headings)
    styles = _style_levels([group for group in headings if group is not title])
    for group in headings:
        depth = _numbered_depth(group.lines[0].text)
        group.level = 1 if group is title else depth or styles[_style(group)]
    return " ".join(line.text for line in title.lines) if title is not None else None


def _is_heading(group: Group, body: Body) -> bool:
    text = " ".join(line.text for line in group.lines)
    if len(text) > _HEADING_CHARACTERS or len(group.lines) > 4 or not any(character.isalpha() for character in text):
        return False
    if group.kind == "list_item" and (is_bullet(text) or not _stands_out(group.lines[0], body)):
        return False
    numbered = _NUMBER.match(text)
    ends_as_sentence = _SENTENCE_END.search(text) is not None and not text.endswith(("?", "!"))
    if group.size > _LARGER * body.size:
        return not ends_as_sentence or group.size > 1.3 * body.size or numbered is not None
    if ends_as_sentence or len(group.lines) > 2 or group.size < 0.9 * body.size:
        return False
    if group.bold and not body.bold:
        return True
    alone = len(group.lines) == 1 and len(text) < 80
    # A number with two parts or more before a capital, alone on its line, is a heading in any type.
    return alone and numbered is not None and "." in (numbered[1] or "") and text[numbered.end() :][:1].isupper()


def _numbered_depth(text: str) -> int | None:
    found = _NUMBER.match(text)
    if found is None:
        return None
    return min(6, found[1].count(".") + 1) if found[1] else 1


def _title(groups: Sequence[Group], headings: Sequence[Group]) -> Group | None:
    """The largest heading, if it is the only one of its size and stands on the first page with text."""
    if len(headings) < 2:
        return headings[0] if headings and headings[0] is groups[0] else None
    largest = max(headings, key=lambda group: group.size)
    unique = sum(1 for group in headings if group.size > 0.95 * largest.size) == 1
    return largest if unique and largest.page == groups[0].page else None


def _style(group: Group) -> tuple[float, bool]:
    return round(group.size * 2) / 2, group.bold


def _style_levels(headings: Sequence[Group]) -> dict[tuple[float, bool], int]:
    """Level of each style: that of its numbered headings where it has some, else by size within the others."""
    depths: dict[tuple[float, bool], Counter[int]] = {}
    for group in headings:
        counter = depths.setdefault(_style(group), Counter())
        depth = _numbered_depth(group.lines[0].text)
        if depth is not None:
            counter[depth] += 1
    levels: dict[tuple[float, bool], int] = {}
    level = 0
    for style in sorted(depths, reverse=True):
        known = depths[style].most_common(1)
        level = known[0][0] if known else min(6, level + 1)
        levels[style] = level
    return levels
