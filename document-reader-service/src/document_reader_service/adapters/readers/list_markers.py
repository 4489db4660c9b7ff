"""How a list item looks where the format only has lines of text."""

import re

_BULLET = r"[•◦▪▫‣⁃●○■□◆▶►➢➤✓·∙*–—\-\uf0b7\uf0a7\uf0d8\uf0fc\uf076]"
_ORDINAL = r"(?:\(?\d{1,3}[.)]|\(?[a-z][.)]|\(?[ivx]{1,5}[.)])"
_MARKER = re.compile(rf"(?P<bullet>{_BULLET})\s+(?=\S)|(?P<ordinal>{_ORDINAL})\s+(?=\S)")


def list_marker(text: str) -> str | None:
    """The marker at the start of the line with the space after it, or None."""
    found = _MARKER.match(text)
    return found[0] if found else None


def is_bullet(marker: str) -> bool:
    return re.match(_BULLET, marker) is not None
