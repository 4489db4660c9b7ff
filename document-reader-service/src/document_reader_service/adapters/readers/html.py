"""HTML to blocks: what a visitor reads of the page's main content; scripts, menus and hidden parts are left out."""

from typing import Literal

from selectolax.lexbor import LexborHTMLParser, LexborNode

from document_reader_service.adapters.readers.assembly import BlockList, document_text
from document_reader_service.adapters.readers.plain_text import decode, read_bytes
from document_reader_service.domain.text import DocumentText

_DROPPED = frozenset(
    [
        "script",
        "style",
        "noscript",
        "template",
        "svg",
        "math",
        "iframe",
        "object",
        "canvas",
        "nav",
        "aside",
        "form",
        "button",
        "select",
        "input",
        "textarea",
        "head",
        "audio",
        "video",
        "map",
        "dialog",
    ]
)
_PAGE_FRAME = frozenset(("header", "footer"))
_INLINE = frozenset(
    [
        "a",
        "abbr",
        "b",
        "bdi",
        "bdo",
        "big",
        "cite",
        "code",
        "data",
        "del",
        "dfn",
        "em",
        "font",
        "i",
        "ins",
        "kbd",
        "label",
        "mark",
        "q",
        "s",
        "samp",
        "small",
        "span",
        "strike",
        "strong",
        "sub",
        "sup",
        "time",
        "tt",
        "u",
        "var",
        "wbr",
    ]
)
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_DEEPEST = 150  # nesting beyond which only the bare text is taken: Python's stack is finite
_MAIN_SHARE = 0.25


def read_html(path: str, max_characters: int) -> DocumentText:
    # Markup may be far longer than its text: the limit on bytes is wider than for plain text.
    return html_text(decode(read_bytes(path, 5 * max_characters)), max_characters)


def html_text(markup: str, max_characters: int) -> DocumentText:
    parser = LexborHTMLParser(markup)
    title_node = parser.css_first("head > title")
    blocks = BlockList(max_characters)
    body = parser.body
    if body is not None:
        _Walker(blocks).read(_main_content(body))
    headings = [block for block in blocks.blocks() if block.kind == "heading" and block.level == 1]
    page_title = title_node.text(strip=True) if title_node is not None else None
    return document_text(blocks, 1, (headings[0].text if headings else None) or page_title)


def _main_content(body: LexborNode) -> LexborNode:
    whole = len(body.text())
    for selector in ("main", "[role=main]", "article"):
        found = body.css(selector)
        # Several articles are a list of teasers: then the page as a whole is the content.
        if len(found) == 1 and len(found[0].text()) >= _MAIN_SHARE * whole:
            return found[0]
    return body


def _is_hidden(node: LexborNode) -> bool:
    attributes = node.attributes
    style = (attributes.get("style") or "").replace(" ", "").lower()
    return (
        "hidden" in attributes
        or attributes.get("aria-hidden") == "true"
        or "display:none" in style
        or "visibility:hidden" in style
    )


class _Walker:
    """Collects inline text until a block element begins or ends, then makes a block of it."""

    def __init__(self, blocks: BlockList) -> None:
        self._blocks = blocks
        self._inline: list[str] = []
        self._list_depth = 0
        self._in_article = False

    def read(self, node: LexborNode) -> None:
        self._in_article = node.tag in ("main", "article")
        self._children(node, 0)
        self._flush()

    def _children(self, node: LexborNode, depth: int) -> None:
        child = node.child
        while child is not None:
            self._node(child, depth + 1)
            child = child.next

    def _node(self, node: LexborNode, depth: int) -> None:
        tag = node.tag or ""
        if tag == "-text":
            self._inline.append(node.text_content or "")
            return
        if tag.startswith(("-", "!")) or tag in _DROPPED or _is_hidden(node):
            return
        if tag in _PAGE_FRAME and not self._in_article:
            return
        if depth > _DEEPEST:
            self._inline.append(node.text())
        elif tag in _INLINE:
            self._children(node, depth)
        elif tag == "br":
            self._inline.append("\n")
        else:
            self._block(node, tag, depth)

    def _block(self, node: LexborNode, tag: str, depth: int) -> None:
        if tag != "dd":  # its term is still waiting
            self._flush()
        if tag in _HEADINGS:
            self._children(node, depth)
            self._flush("heading", _HEADINGS[tag])
        elif tag == "pre":
            self._blocks.add("code", node.text(), None, None)
        elif tag == "table" and not _is_layout(node):
            self._table(node)
        elif tag in ("ul", "ol", "menu"):
            self._list_depth += 1
            self._children(node, depth)
            self._flush()
            self._list_depth -= 1
        elif tag == "dt":
            self._children(node, depth)
            self._inline.append(": ")
        else:
            if tag in ("article", "section", "main"):
                was, self._in_article = self._in_article, True
                self._children(node, depth)
                self._in_article = was
            else:
                self._children(node, depth)
            self._flush()

    def _flush(self, kind: Literal["heading"] | None = None, level: int | None = None) -> None:
        text, self._inline = "".join(self._inline).strip(), []
        if kind is not None:
            self._blocks.add(kind, text, None, level)
        elif self._list_depth:
            self._blocks.add("list_item", text, None, self._list_depth)
        else:
            self._blocks.add("paragraph", text, None, None)

    def _table(self, table: LexborNode) -> None:
        caption = table.css_first("caption")
        if caption is not None:
            self._blocks.add("paragraph", caption.text(), None, None)
        rows = [[cell.text(separator=" ") for cell in row.css("th, td")] for row in table.css("tr")]
        self._blocks.add_table(rows, None)


def _is_layout(table: LexborNode) -> bool:
    """A table that arranges a page rather than data: it holds headings, lists, tables or has a single column."""
    return table.css_first("table table, h1, h2, h3, h4, ul, ol, pre") is not None or not any(
        len(row.css("th, td")) > 1 for row in table.css("tr")
    )
