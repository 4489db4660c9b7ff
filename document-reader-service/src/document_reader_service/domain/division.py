"""No block is longer than an event can carry: longer ones are divided before they are stored or cited."""

from collections.abc import Iterator
from dataclasses import replace

from document_reader_service.domain.text import Block, DocumentText

# At most 12 bytes of JSON per character (an escaped pair of surrogates): 240 kB, half of what an event may weigh.
MAX_BLOCK_CHARACTERS = 20_000


def with_short_blocks(text: DocumentText, limit: int = MAX_BLOCK_CHARACTERS) -> DocumentText:
    """The same text with no block above `limit` characters, numbered anew; nothing but white space at a cut is lost."""
    if all(len(block.text) <= limit for block in text.blocks):
        return text
    short = (piece for block in text.blocks for piece in _pieces(block, limit))
    return replace(text, blocks=tuple(replace(block, index=index) for index, block in enumerate(short)))


def _pieces(block: Block, limit: int) -> Iterator[Block]:
    rest = block.text
    while len(rest) > limit:
        cut = _last_gap(rest, limit)
        yield replace(block, text=rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    if rest:
        yield replace(block, text=rest)


def _last_gap(text: str, limit: int) -> int:
    """Where to cut: after the last line within the limit, else the last sentence, else the last word, else hard."""
    for gap in ("\n", ". ", " "):
        position = text.rfind(gap, 1, limit)
        if position > limit // 2:
            return position + len(gap)
    return limit
