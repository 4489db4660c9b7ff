"""What every reader does to raw text: no control characters, one kind of space, one form of each letter."""

import re
import unicodedata

_LAYOUT = {"\t", "\n"}
DROPPED_CHARACTERS: dict[int, str | None] = (
    {
        code: None
        for code in (*range(0x20), *range(0x7F, 0xA0), 0xAD, 0x200B, 0x2060, 0xFEFF, 0xFFFD, 0xFFFE, 0xFFFF)
        if chr(code) not in _LAYOUT
    }
    | dict.fromkeys(range(0xD800, 0xE000))
    | {0xA0: " ", 0x2028: "\n", 0x2029: "\n"}
)
"""For str.translate: controls (PostgreSQL refuses NUL), soft hyphens, invisible marks and lone surrogates go."""

_LIGATURES = {code: unicodedata.normalize("NFKC", chr(code)) for code in range(0xFB00, 0xFB07)}
_HAS_LIGATURE = re.compile("[\ufb00-\ufb06]")
_SPACES = re.compile(r"[^\S\n]+")
_BREAKS = re.compile(r" ?\n ?")


def clean_prose(text: str) -> str:
    """Running text: typographic ligatures spelt out, composed letters (NFC), every run of white space one space."""
    cleaned = _normalised(text)
    # Of all white space only the plain space is printable: nearly every text has nothing to divide and join again.
    if cleaned.isprintable() and "  " not in cleaned:
        return cleaned.strip()
    return " ".join(cleaned.split())


def clean_lines(text: str) -> str:
    """As `clean_prose`, but line breaks stay (verse, addresses)."""
    return _BREAKS.sub("\n", _SPACES.sub(" ", _normalised(text))).strip()


def clean_code(text: str) -> str:
    """Code: indentation stays."""
    return "\n".join(line.rstrip() for line in _normalised(text).split("\n")).strip("\n")


def _normalised(text: str) -> str:
    if not text.isprintable():
        text = text.replace("\r\n", "\n").replace("\r", "\n").translate(DROPPED_CHARACTERS)
    if text.isascii():
        return text
    return unicodedata.normalize("NFC", text.translate(_LIGATURES) if _HAS_LIGATURE.search(text) else text)
