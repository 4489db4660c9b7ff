"""The lecture texts under tests/lectures as material, the way the document reader would send them."""

from pathlib import Path

from quiz_service.domain.material import Block, BlockKind, Material

FOLDER = Path(__file__).parent.parent / "lectures"


def lecture(name: str) -> Material:
    """Paragraphs are separated by blank lines; `#` heads, `-` lists, `|` tables, a comment turns the page."""
    blocks: list[Block] = []
    page = 1
    text = (FOLDER / f"{name}.md").read_text()
    for chunk in text.split("\n\n"):
        if chunk.startswith("<!--"):
            page += 1
        elif chunk.startswith("- "):
            for line in chunk.splitlines():
                _add(blocks, page, "list_item", line.removeprefix("- "))
        elif chunk.startswith("#"):
            _add(blocks, page, "heading", chunk.lstrip("# "), level=len(chunk) - len(chunk.lstrip("#")))
        else:
            _add(blocks, page, "table" if chunk.startswith("|") else "paragraph", chunk)
    return Material(blocks[0].text, "en", tuple(blocks))


def _add(blocks: list[Block], page: int, kind: BlockKind, text: str, level: int | None = None) -> None:
    blocks.append(Block(len(blocks), page, kind, level, text))
