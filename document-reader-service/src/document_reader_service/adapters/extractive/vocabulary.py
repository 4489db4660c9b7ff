"""Words of a text as terms to compare: stop words out, endings cut, scripts without spaces as pairs of characters."""

import re
from functools import lru_cache

import stopwordsiso

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
# Cutting words after a few letters serves ranking about as well as a stemmer, in every language that is written with
# endings (McNamee & Mayfield, "Character N-Gram Tokenization for European Language Text Retrieval", 2004).
_TERM_LETTERS = 6


@lru_cache(maxsize=16)
def stop_words(language: str | None) -> frozenset[str]:
    """Empty where no list exists: then the weights by frequency alone keep common words down."""
    if language is None or not stopwordsiso.has_lang(language):
        return frozenset()
    return frozenset(word.casefold() for word in stopwordsiso.stopwords(language))


def terms_of(text: str, stopped: frozenset[str]) -> list[str]:
    terms: list[str] = []
    for word in _WORD.findall(text.casefold()):
        if _UNSPACED.match(word):
            terms.extend(word[index : index + 2] for index in range(max(1, len(word) - 1)))
        elif word not in stopped and (len(word) > 2 or word.isdigit()):
            terms.append(word[:_TERM_LETTERS])
    return terms


def word_count(text: str) -> int:
    """Words; in scripts without spaces two characters count as one."""
    if _UNSPACED.search(text):
        return sum(max(1, len(word) // 2) for word in _WORD.findall(text))
    return len(text.split())
