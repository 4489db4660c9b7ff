"""The sentences of a document with their exact place, and what speaks for or against quoting each by itself."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import sentencex  # type: ignore[import-untyped]

from document_reader_service.adapters.extractive import wording
from document_reader_service.adapters.extractive.vocabulary import stop_words, terms_of, word_count
from document_reader_service.domain.notes import Point, Source
from document_reader_service.domain.text import Block, DocumentText


@dataclass(frozen=True, slots=True)
class Sentence:
    """`fitness` 0–1: how well it can be quoted alone; 0 = it cannot."""

    order: int
    block: int
    page: int | None
    start: int
    end: int
    text: str
    section: int
    position: int
    terms: tuple[str, ...]
    fitness: float

    def point(self) -> Point:
        return Point(self.text, (Source(self.page, self.block, self.start, self.end, self.text),))


@dataclass(slots=True)
class Part:
    """The text under one heading (None: before the first). `heading_terms` are those of the heading."""

    heading: str | None
    level: int | None
    page: int | None
    heading_terms: frozenset[str]
    sentences: list[Sentence]


def parts_of(text: DocumentText) -> list[Part]:
    """Parts in document order; reference lists, contents and exercises are left out, headings without text are kept."""
    stopped = stop_words(text.language)
    leaning = wording.LEANING.get(text.language or "", frozenset())
    pointing = wording.POINTING.get(text.language or "")
    parts: list[Part] = []
    skipping_below: int | None = None
    order = 0
    for block in text.blocks:
        if block.kind == "heading":
            level = block.level or 1
            if skipping_below is not None and level > skipping_below:
                continue
            skipping_below = level if wording.APPENDED.match(block.text) else None
            if skipping_below is None:
                parts.append(Part(block.text, level, block.page, frozenset(terms_of(block.text, stopped)), []))
            continue
        if skipping_below is not None or block.kind not in ("paragraph", "list_item"):
            continue
        if not parts:
            parts.append(Part(None, None, block.page, frozenset(), []))
        part = parts[-1]
        for start, end in sentence_spans(block.text, text.language):
            sentence = block.text[start:end]
            position = len(part.sentences)
            fitness = _fitness(sentence, block, start, leaning, pointing)
            terms = tuple(terms_of(sentence, stopped)) if fitness > 0 else ()
            part.sentences.append(
                Sentence(order, block.index, block.page, start, end, sentence, len(parts) - 1, position, terms, fitness)
            )
            order += 1
    return parts


def sentence_spans(text: str, language: str | None) -> Iterator[tuple[int, int]]:
    """Start and end of each sentence without the space around it."""
    begin = 0
    for boundary in sentencex.get_sentence_boundaries(language or "en", text):
        end: int = boundary["end_index"]
        # A full stop with no space after it stands inside a name or a number.
        inside = text[end - 1 : end] == "."
        if end < len(text) and (inside or wording.NO_END.search(text, max(begin, end - 12), end)):
            continue
        stripped = text[begin:end].strip()
        if stripped:
            start = begin + text[begin:end].index(stripped)
            yield start, start + len(stripped)
        begin = end
    rest = text[begin:].strip()
    if rest:
        start = begin + text[begin:].index(rest)
        yield start, start + len(rest)


def _fitness(
    sentence: str, block: Block, start: int, leaning: frozenset[str], pointing: re.Pattern[str] | None
) -> float:
    words = word_count(sentence)
    if (
        not 5 <= words <= 60
        or len(sentence) > 450
        or wording.QUESTION.search(sentence)
        or wording.UNFIT.search(sentence)
    ):
        return 0.0
    if (start == 0 and wording.CAPTION.match(sentence)) or not _begins_well(sentence):
        return 0.0
    fitness = 1.0
    if not wording.CLOSED.search(sentence):
        # A list item often has no full stop; running text without one was cut off or leads to a list.
        fitness = 0.5 if block.kind == "list_item" and not sentence.endswith((":", ";", ",")) else 0.0
    elif block.kind == "list_item":
        fitness = 0.8
    if _leans(sentence, leaning):
        fitness *= 0.2
    elif pointing is not None and pointing.search(sentence):
        fitness *= 0.7
    if wording.ABOUT_THE_TEXT.search(sentence):
        fitness *= 0.4
    if words < 8 or words > 40:
        fitness *= 0.7
    return fitness


def _begins_well(sentence: str) -> bool:
    first = sentence.lstrip("\"'“‘«([¿¡")[:1]
    return bool(first) and (first.isdigit() or (first.isalpha() and not first.islower()))


def _leans(sentence: str, leaning: frozenset[str]) -> bool:
    found = wording.FIRST_WORD.search(sentence)
    return (found is not None and found[0].casefold() in leaning) or wording.LEANING_PHRASES.match(sentence) is not None
