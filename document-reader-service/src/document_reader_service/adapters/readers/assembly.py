"""Puts blocks together for every reader: cleaned, numbered, within the limit, with the language told."""

from collections.abc import Iterable, Sequence

import py3langid  # type: ignore[import-untyped]

from document_reader_service.adapters.readers.cleaning import clean_code, clean_prose
from document_reader_service.domain.processing_errors import DocumentTooLarge, NoText
from document_reader_service.domain.text import Block, BlockKind, Box, DocumentText

_LANGUAGE_SAMPLE_CHARACTERS = 4_000
_LANGUAGE_MINIMUM_CHARACTERS = 50


class BlockList:
    """Grows block by block; empty ones are left out. Raises DocumentTooLarge beyond `max_characters`."""

    def __init__(self, max_characters: int) -> None:
        self._blocks: list[Block] = []
        self._max_characters = max_characters
        self._characters = 0

    def __len__(self) -> int:
        return len(self._blocks)

    def add(self, kind: BlockKind, text: str, page: int | None, level: int | None, box: Box = None) -> None:
        """`text` is raw; a level outside 1–6 is brought inside."""
        cleaned = clean_code(text) if kind == "code" else clean_prose(text)
        if cleaned:
            self._append(kind, cleaned, page, min(6, max(1, level)) if level is not None else None, box)

    def add_table(self, rows: Iterable[Sequence[str]], page: int | None, box: Box = None) -> None:
        cleaned = [[clean_prose(cell) for cell in row] for row in rows]
        lines = ["\t".join(row) for row in cleaned if any(row)]
        if lines:
            self._append("table", "\n".join(lines), page, None, box)

    def _append(self, kind: BlockKind, text: str, page: int | None, level: int | None, box: Box) -> None:
        self._characters += len(text)
        if self._characters > self._max_characters:
            raise DocumentTooLarge(f"The document has more than {self._max_characters} characters of text.")
        self._blocks.append(Block(len(self._blocks), page, kind, level, text, box))

    def blocks(self) -> tuple[Block, ...]:
        return tuple(self._blocks)


def document_text(blocks: BlockList, page_count: int, title: str | None) -> DocumentText:
    """Raises NoText if nothing was found."""
    found = blocks.blocks()
    if not found:
        raise NoText("The document holds no text.")
    return DocumentText(found, page_count, _language(found), clean_prose(title) or None if title else None)


def _language(blocks: Sequence[Block]) -> str | None:
    sample: list[str] = []
    characters = 0
    for block in blocks:
        if block.kind in ("paragraph", "list_item", "heading"):
            sample.append(block.text)
            characters += len(block.text)
        if characters > _LANGUAGE_SAMPLE_CHARACTERS:
            break
    if characters < _LANGUAGE_MINIMUM_CHARACTERS:
        return None
    language: str = py3langid.classify("\n".join(sample))[0]
    return language
