"""Finds what is printed on every page but belongs to none: running headers, footers, page numbers."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import takewhile

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
    edges = [_edge_lines(page) for page in pages]
    judge = _Judge(pages, edges, body_size)
    kept: list[list[Line | Table]] = []
    for page, (top, bottom) in zip(pages, edges, strict=True):
        # From the outside in: behind the first line of the text itself there is no furniture.
        dropped = {
            id(line) for edge in (top, bottom) for line in takewhile(partial(judge.is_furniture, page.number), edge)
        }
        kept.append([item for item in page.items if id(item) not in dropped] if dropped else page.items)
    # A document of one recurring line a page, a deck of title slides say, has no furniture: that is its text.
    return kept if any(kept) else [page.items for page in pages]


def _edge_lines(page: Page) -> tuple[list[Line], list[Line]]:
    """Lines near the top and near the bottom of the page, each from the outside in."""
    lines = [item for item in page.items if isinstance(item, Line)]
    top = sorted((line for line in lines if line.bottom < _ZONE * page.height), key=lambda line: line.top)
    bottom = sorted((line for line in lines if line.top > (1 - _ZONE) * page.height), key=lambda line: -line.top)
    return top, bottom


class _Judge:
    """Knows what recurs in the whole document."""

    def __init__(self, pages: Sequence[Page], edges: Sequence[tuple[list[Line], list[Line]]], body_size: float) -> None:
        self._body_size = body_size
        self._needed = 2 if len(pages) <= 4 else 3
        self._seen: Counter[tuple[str, int]] = Counter()
        self._numbered_pages = 0
        small: Counter[int] = Counter()
        for top, bottom in edges:
            lines = [*top, *bottom]
            self._seen.update({_key(line) for line in lines})
            self._numbered_pages += any(_PAGE_NUMBER.match(line.text) for line in lines)
            small.update({round(line.top / 3) for line in lines if self._is_small(line)})
        # A small line at one height on most pages is a header, even if its words change with the chapter.
        needed = max(3, 0.6 * len(pages))
        self._small_heights = {place for place, count in small.items() if count >= needed}

    def is_furniture(self, page_number: int, line: Line) -> bool:
        if _PAGE_NUMBER.match(line.text):
            found = _DIGITS.search(line.text)
            return self._numbered_pages > 1 or (found is not None and int(found[0]) == page_number)
        if self._is_small(line) and round(line.top / 3) in self._small_heights:
            return True
        return line.size < 1.15 * self._body_size and len(line.text) < 100 and self._recurs(line)

    def _is_small(self, line: Line) -> bool:
        return line.size < 0.93 * self._body_size and len(line.text) < 100

    def _recurs(self, line: Line) -> bool:
        # The place may differ by a rounding step from page to page.
        text, place = _key(line)
        return sum(self._seen[text, place + step] for step in (-1, 0, 1)) >= self._needed


def _key(line: Line) -> tuple[str, int]:
    return _DIGITS.sub("#", line.text.casefold()), round(line.top / 6)
