"""Undoes hyphenation at line ends; a real compound keeps its hyphen where the document shows that it is one."""

import re
from collections.abc import Callable, Sequence

HYPHEN = "\ufffe"
"""Stands at the end of a line whose last word goes on in the next; PDFium's own mark, no character of any text."""

_BROKEN_WORD = re.compile(rf"(\w*){HYPHEN} (\w*)")


def word_joiner(lines: Sequence[str]) -> Callable[[str], str]:
    """A function that joins the broken words of lines put together by a space; `lines` are the whole document's."""
    words: set[str] = set()
    if any(line.endswith(HYPHEN) for line in lines):
        words.update(" ".join(lines).casefold().split())

    def joined(found: re.Match[str]) -> str:
        left, right = found[1], found[2]
        if (left + right).casefold() in words:
            return left + right
        is_compound = (
            f"{left}-{right}".casefold() in words
            or right[:1].isupper()
            or left[-1:].isdigit()
            or (len(left) > 2 and len(right) > 2 and left.casefold() in words and right.casefold() in words)
        )
        return f"{left}-{right}" if is_compound else left + right

    return lambda text: _BROKEN_WORD.sub(joined, text).replace(HYPHEN, "-") if HYPHEN in text else text
