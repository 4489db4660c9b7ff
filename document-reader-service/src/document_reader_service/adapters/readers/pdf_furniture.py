"""Finds what is printed on every page but belongs to none: running headers, footers, page numbers."""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from document_reader_service.adapters.readers.pdf_layout import Table
from document_reader_service.adapters.readers.pdf_lines import Line

_ZONE = 0.12  # share of the page's height at its top and bottom where furniture stands
_DIGITS = re.compile(r"\d+")
_PAGE_NUMBER = re.compile(
    r"\W*(?:(?:page|seite|página|pagina|pág\.|p\.|s\.)\s*)?(?:\d{1,4}|[ivxlc]{1,7})(?:\s*(?:/|of|von|de|di|sur|\|)\s*\d{1,4})?\W*\Z",
    re.IGNORECASE,
)


@dataclass(slots=True)
class Page:
    number: int
    height: float
    items: list[Line | Table]


def without_furniture(pages: Sequence[Page], body_size: float) -> list[list[Line | Table]]:
    """The items of each page without its running headers, footers and page numbers."""
    seen: Counter[tuple[str, int]] = Counter()
    numbers = 0
    edges: dict[int, list[Line]] = {}
    for page in pages:
        edges[page.number] = [item for item in page.items if isinstance(item, Line) and _in_zone(item, page.height)]
        seen.update({_key(line) for line in edges[page.number]})
        numbers += any(_PAGE_NUMBER.match(line.text) for line in edges[page.number])
    small = _small_edge_heights(pages, edges, body_size)
    needed = 2 if len(pages) <= 4 else 3
    kept: list[list[Line | Table]] = []
    for page in pages:
        dropped = {
            id(line)
            for line in edges[page.number]
            if (line.size < 1.15 * body_size and len(line.text) < 100 and _recurs(seen, line, needed))
            or (_PAGE_NUMBER.match(line.text) and (numbers > 1 or _names(line.text, page.number)))
            or round(line.top / 3) in small
        }
        kept.append([item for item in page.items if id(item) not in dropped] if dropped else page.items)
    return kept


def _in_zone(line: Line, height: float) -> bool:
    return line.bottom < _ZONE * height or line.top > (1 - _ZONE) * height


def _key(line: Line) -> tuple[str, int]:
    return _DIGITS.sub("#", line.text.casefold()), round(line.top / 6)


def _recurs(seen: Counter[tuple[str, int]], line: Line, needed: int) -> bool:
    # The place may differ by a rounding step from page to page.
    text, place = _key(line)
    return sum(seen[text, place + step] for step in (-1, 0, 1)) >= needed


def _names(text: str, number: int) -> bool:
    found = _DIGITS.search(text)
    return found is not None and int(found[0]) == number


def _small_edge_heights(pages: Sequence[Page], edges: dict[int, list[Line]], body_size: float) -> set[int]:
    """Heights at which most pages carry a small line: a header that changes with the chapter."""
    if len(pages) < 4:
        return set()
    count: dict[int, int] = defaultdict(int)
    for lines in edges.values():
        for place in {round(line.top / 3) for line in lines if line.size < 0.93 * body_size and len(line.text) < 100}:
            count[place] += 1
    return {place for place, pages_seen in count.items() if pages_seen >= 0.6 * len(pages)}
