"""Facts of tables: what a column says of a row. Cells are parted by "|" or a tab, the first row names the columns."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from quiz_service.adapters.extractive.facts import Candidate, Fact
from quiz_service.adapters.extractive.language import stems
from quiz_service.adapters.extractive.sentences import Sentence, heading_text
from quiz_service.domain.material import Block, Material
from quiz_service.domain.questions import QuestionType

MAX_CELL_CHARACTERS = 80
POSITION_OF_ROWS = 1_000_000
_RULE = re.compile(r"^[\s|:+=-]+$")
_CAPTION = re.compile(r"^\s*Table \S+[.:]? (\S.*\S)\s*$")
_VALUE = re.compile(r"\d")


@dataclass(frozen=True, slots=True)
class Row:
    cells: tuple[str, ...]
    line: str


def table_facts(material: Material) -> Iterator[Fact]:
    heading, before = "", ""
    for block in material.blocks:
        if block.kind == "heading":
            heading = heading_text(block)
        elif block.kind == "table":
            caption = _CAPTION.match(before)
            yield from _facts(
                block, heading, f"In the table “{caption[1]}”" if caption else f"In the table under “{heading}”"
            )
        before = block.text


def _facts(block: Block, heading: str, table: str) -> Iterator[Fact]:
    rows = [
        Row(_cells(line), line.strip()) for line in block.text.splitlines() if line.strip() and not _RULE.match(line)
    ]
    if len(rows) < 3 or len({len(row.cells) for row in rows}) != 1 or len(rows[0].cells) < 2:
        return
    header, *body = rows
    if not all(header.cells) or len({row.cells[0] for row in body}) != len(body):
        return
    telling = [column for column in range(1, len(header.cells)) if len({row.cells[column] for row in body}) > 1]
    for number, row in enumerate(body):
        for column in telling:
            if _is_askable(row.cells[0], row.cells[column], header.cells[column]):
                yield _fact(block, heading, table, header, row, column, number)


def _cells(line: str) -> tuple[str, ...]:
    separator = "|" if "|" in line else "\t"
    return tuple(cell.strip() for cell in line.strip().strip("|").split(separator))


def _is_askable(name: str, cell: str, column: str) -> bool:
    return (
        bool(re.search(r"\w", cell))
        and bool(name)
        and len(cell) <= MAX_CELL_CHARACTERS
        and cell != name
        and bool(column)
    )


def _fact(block: Block, heading: str, table: str, header: Row, row: Row, column: int, number: int) -> Fact:
    name, title, cell = row.cells[0], header.cells[column], row.cells[column]
    ask = f"{table}: which entry stands under “{title}” for “{name}”?"
    position = POSITION_OF_ROWS + block.index * 1000 + number
    sentence = Sentence(row.line, row.line, block.index, block.kind, block.page, heading, position)
    is_short = len(cell.split()) <= 4
    return Fact(
        f"table:{block.index}:{number}",
        ask=ask,
        choose=ask,
        assertion=lambda text: f"{table}, the entry for “{name}” under “{title}” is “{text}”.",
        answer=Candidate(cell, ("cell", str(block.index), str(column)), sentence),
        depth=2 if _VALUE.search(cell) else 1,
        weight=1.8,
        types=frozenset(QuestionType) if is_short else frozenset(QuestionType) - {QuestionType.SHORT_ANSWER},
        topic_stems=stems(name) | {"|"},
    )
