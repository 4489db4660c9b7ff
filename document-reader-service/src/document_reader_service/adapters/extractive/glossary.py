"""Terms that the document itself defines: "X is a …", "… is called X", "X: …", "Long Name (LN)"."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from document_reader_service.adapters.extractive.definitions import CALLED, LABELLED, PATTERNS, SAYS_NO_KIND, VAGUE
from document_reader_service.adapters.extractive.sentences import Part, Sentence
from document_reader_service.adapters.extractive.vocabulary import stop_words
from document_reader_service.adapters.extractive.wording import LEANING
from document_reader_service.domain.notes import GlossaryEntry, Source
from document_reader_service.domain.text import DocumentText

_WORD = re.compile(r"\w+")
_ACRONYM = re.compile(
    r"\((?P<short>[A-Z][A-Za-z]*[A-Z][A-Za-z0-9\-]{0,7}s?|[A-Z][A-Za-z0-9\-]{1,8}[A-Z0-9]|[a-z][A-Z]{2,6})\)"
)


def glossary_of(text: DocumentText, parts: Sequence[Part], most: int) -> list[GlossaryEntry]:
    """Entries by alphabet, each term once, with its first definition; at most `most`, the most used terms first."""
    found: dict[str, GlossaryEntry] = {}
    for part in parts:
        for sentence in part.sentences:
            for entry in _entries(sentence, text.language):
                found.setdefault(entry.term.casefold(), entry)
    words = Counter(word for block in text.blocks for word in _WORD.findall(block.text.casefold()))
    # A term of several words is used at most as often as the rarest of them.
    uses = {key: min(words[word] for word in _WORD.findall(key)) for key in found}
    kept = sorted(found, key=lambda key: (-uses[key], key))[:most]
    return [found[key] for key in sorted(kept)]


def _entries(sentence: Sentence, language: str | None) -> Iterator[GlossaryEntry]:
    body = sentence.text
    source = Source(sentence.page, sentence.block, sentence.start, sentence.end, body)
    for long, short in _acronyms(body):
        yield GlossaryEntry(short, long, (source,))
    labelled = LABELLED.match(body) if sentence.start == 0 and sentence.fitness > 0 else None
    if labelled and _is_term(labelled["term"], language):
        yield _entry(labelled["term"], labelled["definition"], source)
        return
    if sentence.fitness < 0.3:  # leans on the sentence before it, or is none
        return
    for pattern in PATTERNS.get(language or "", ()):
        match = pattern.match(body)
        if match and _is_term(match["term"], language) and not SAYS_NO_KIND.match(match["definition"]):
            yield _entry(match["term"], match["definition"], source)
            break
    if language == "en" and (match := CALLED.search(body)) and _is_term(match["term"], language):
        yield GlossaryEntry(match["term"], body, (source,))


def _entry(term: str, definition: str, source: Source) -> GlossaryEntry:
    return GlossaryEntry(term.strip(), definition.rstrip(" .;,"), (source,))


def _is_term(term: str, language: str | None) -> bool:
    words = term.casefold().split()
    barred = VAGUE | LEANING.get(language or "", frozenset())
    if not words or len(words) > 5 or len(term) < 3 or words[0] in barred or words[-1] in barred:
        return False
    return not stop_words(language).issuperset(words)


def _acronyms(sentence: str) -> Iterator[tuple[str, str]]:
    """(long form, short form) pairs: the short form's letters found from right to left in the words before it.

    After Schwartz & Hearst, "A simple algorithm for identifying abbreviation definitions", 2003.
    """
    for match in _ACRONYM.finditer(sentence):
        short = match["short"].removesuffix("s") if match["short"][-2:-1].isupper() else match["short"]
        words = sentence[: match.start()].split()
        window = words[-min(len(short) + 5, 2 * len(short)) :]
        long = _long_form(short, " ".join(window))
        if long is not None and len(long) > len(short) + 2:
            yield long, short


def _long_form(short: str, before: str) -> str | None:
    position = len(before) - 1
    for index in range(len(short) - 1, -1, -1):
        letter = short[index].casefold()
        if not letter.isalnum():
            continue
        while position >= 0 and (
            before[position].casefold() != letter or (index == 0 and position > 0 and before[position - 1].isalnum())
        ):
            position -= 1
        if position < 0:
            return None
        position -= 1
    return before[position + 1 :].strip()
