"""Notes made from a document: every point carries the verbatim quotes it rests on.

Invariant: `source.quote == document.blocks[source.block].text[source.start:source.end]`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Detail = Literal["brief", "standard", "detailed"]


@dataclass(frozen=True, slots=True)
class Source:
    """A verbatim place in the document: characters `start` to `end` (exclusive) of a block."""

    page: int | None
    block: int
    start: int
    end: int
    quote: str


@dataclass(frozen=True, slots=True)
class Point:
    text: str
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """The points under one heading; `heading` and `level` are None for text before the first heading."""

    heading: str | None
    level: int | None
    page: int | None
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class GlossaryEntry:
    term: str
    definition: str
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class Notes:
    engine: str
    language: str | None
    title: str | None
    summary: tuple[Point, ...]
    key_points: tuple[Point, ...]
    sections: tuple[Section, ...]
    glossary: tuple[GlossaryEntry, ...]

    def to_markdown(self) -> str:
        """The notes as Markdown; each point ends with the pages it comes from."""
        parts = [f"# {self.title or 'Notes'}"]
        if self.summary:
            parts += ["## Summary", " ".join(_with_pages(point.text, point.sources) for point in self.summary)]
        if self.key_points:
            parts += ["## Key points", _bullets(self.key_points)]
        if self.sections:
            parts.append("## Notes by section")
            for section in self.sections:
                if section.heading is not None:
                    parts.append(f"{'#' * min(6, 2 + (section.level or 1))} {section.heading}")
                if section.points:
                    parts.append(_bullets(section.points))
        if self.glossary:
            parts += [
                "## Glossary",
                "\n".join(
                    f"- **{entry.term}**: {_with_pages(entry.definition, entry.sources)}" for entry in self.glossary
                ),
            ]
        return "\n\n".join(parts) + "\n"


def _bullets(points: Iterable[Point]) -> str:
    return "\n".join(f"- {_with_pages(point.text, point.sources)}" for point in points)


def _with_pages(text: str, sources: Iterable[Source]) -> str:
    pages = sorted({source.page for source in sources if source.page is not None})
    if not pages:
        return text
    return f"{text} ({'p.' if len(pages) == 1 else 'pp.'} {', '.join(map(str, pages))})"
