"""What a quiz is made from: the blocks of a document and the notes about it, as they came in events."""

from dataclasses import dataclass
from typing import Literal

BlockKind = Literal["heading", "paragraph", "list_item", "table", "code"]
NoteKind = Literal["summary", "key_point", "section_point", "glossary"]


@dataclass(frozen=True, slots=True)
class Block:
    index: int
    page: int | None
    kind: BlockKind
    level: int | None
    text: str


@dataclass(frozen=True, slots=True)
class Quote:
    """`text` stands verbatim in block `block`, beginning at character `start`."""

    block: int
    page: int | None
    start: int
    text: str


@dataclass(frozen=True, slots=True)
class Note:
    kind: NoteKind
    text: str
    term: str | None
    definition: str | None
    quotes: tuple[Quote, ...]


@dataclass(frozen=True, slots=True)
class Material:
    """`language` is a BCP 47 tag, or None where it was not recognised. `blocks` are in reading order."""

    title: str
    language: str | None
    blocks: tuple[Block, ...]
    notes: tuple[Note, ...] = ()
