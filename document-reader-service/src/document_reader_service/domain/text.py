"""The text of a document as ordered blocks with page, kind, level and place: what every reader yields and notes cite.

Invariant: `blocks[i].index == i`, so a quote is found again by block number and character offsets.
"""

from dataclasses import dataclass
from itertools import groupby
from typing import Literal

Box = tuple[float, float, float, float] | None
"""x0, y0, x1, y1 in PDF points, origin top left; None where the format has no geometry."""

BlockKind = Literal["heading", "paragraph", "list_item", "table", "code"]


@dataclass(frozen=True, slots=True)
class Block:
    """One heading, paragraph, list item, table (rows by newline, cells by tab) or piece of code.

    `page` counts from 1 and is None where the format has no pages. `level` is 1–6 for headings,
    the nesting depth from 1 for list items, else None.
    """

    index: int
    page: int | None
    kind: BlockKind
    level: int | None
    text: str
    box: Box = None


@dataclass(frozen=True, slots=True)
class OutlineEntry:
    heading: str
    level: int
    page: int | None


@dataclass(frozen=True, slots=True)
class DocumentText:
    """All text of one document in reading order. `language` is an ISO 639-1 code, None when it cannot be told."""

    blocks: tuple[Block, ...]
    page_count: int
    language: str | None
    title: str | None

    @property
    def word_count(self) -> int:
        return sum(len(block.text.split()) for block in self.blocks)

    @property
    def character_count(self) -> int:
        return sum(len(block.text) for block in self.blocks)

    @property
    def outline(self) -> tuple[OutlineEntry, ...]:
        return tuple(
            OutlineEntry(block.text, block.level or 1, block.page) for block in self.blocks if block.kind == "heading"
        )

    def to_markdown(self) -> str:
        """The whole text as CommonMark with pipe tables; successive list items form one list."""
        parts: list[str] = []
        for is_list, group in groupby(self.blocks, key=lambda block: block.kind == "list_item"):
            if is_list:
                parts.append("\n".join(_block_markdown(block) for block in group))
            else:
                parts.extend(_block_markdown(block) for block in group)
        return "\n\n".join(parts) + "\n" if parts else ""


def _block_markdown(block: Block) -> str:
    match block.kind:
        case "heading":
            return f"{'#' * (block.level or 1)} {_one_line(block.text)}"
        case "list_item":
            return f"{'  ' * ((block.level or 1) - 1)}- {_one_line(block.text)}"
        case "code":
            # The fence must be longer than any run of backticks inside.
            fence = "````" if "```" in block.text else "```"
            return f"{fence}\n{block.text}\n{fence}"
        case "table":
            return _table_markdown(block.text)
        case "paragraph":
            return block.text


def _table_markdown(text: str) -> str:
    rows = [[cell.replace("|", "\\|") for cell in row.split("\t")] for row in text.split("\n")]
    width = max(len(row) for row in rows)
    lines = ["| " + " | ".join([*row, *[""] * (width - len(row))]) + " |" for row in rows]
    lines.insert(1, "|" + " --- |" * width)
    return "\n".join(lines)


def _one_line(text: str) -> str:
    return " ".join(text.split())
