"""Sentences of the material, each with its place, and the ones that can be understood without what is around them."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from sentencex import segment

from quiz_service.adapters.extractive.language import (
    FUNCTION_WORDS,
    PERSON_PRONOUNS,
    POINTING,
    POINTING_OPENERS,
    REMOVABLE_OPENERS,
    THING_PRONOUNS,
    VAGUE_NOUNS,
    stems,
)
from quiz_service.domain.material import Block, BlockKind, Material

MIN_WORDS, MAX_WORDS = 5, 34
TITLE_CASE = 0.8
EVERYWHERE, MIN_EVERYWHERE = 0.1, 5
WORD = re.compile(r"[^\W\d_][\w'’-]*|\d[\d.,]*")
_REMOVABLE = re.compile(rf"^(?:{'|'.join(REMOVABLE_OPENERS)})(?:,\s+|\s+(?<=that ))", re.IGNORECASE)
_CITATION = re.compile(
    r"\s*(?:\[\d+(?:[,–-]\s*\d+)*\]|\((?:see |cf\. |e\.g\.|i\.e\.|fig|table|p\.)[^()]*\))", re.IGNORECASE
)
_NAME_BEFORE = re.compile(r"\b[A-Z][a-z]+ (?:[A-Z]|\w+ed\b|was\b|had\b|wrote\b)")
_VAGUE = re.compile(
    rf"\bthe (?:{'|'.join(VAGUE_NOUNS)})s?\b(?! (?:of|that|which|who|whose|for|in|by|between|behind|from|with|on|to)\b)"
)
# "the disease" needs the heading to say which; "the disease of …" does not.
_BARE_OBJECT = re.compile(
    r"\bthe [a-z-]{4,}\b(?! (?:of|that|which|who|whose|for|in|by|between|behind|from|with|on|to|[a-z-]+)\b)"
)
_CLAUSE = re.compile(r",|\b(?:that|which|because|when|if|so|before|after|until|although|while)\b")
_NUMBERING = re.compile(r"^(?:chapter |section )?\d+(?:\.\d+)*[.:)]?\s+", re.IGNORECASE)
_SPACES = re.compile(r"\s+")
_BARE_SUBJECT = re.compile(r"^The [a-z]+ ")


@dataclass(frozen=True, slots=True)
class Sentence:
    """`quote` is verbatim in block `block`; `text` is the same on one line, without citations and linking openers."""

    text: str
    quote: str
    block: int
    kind: BlockKind
    page: int | None
    heading: str
    position: int


def sentences(material: Material) -> Iterator[Sentence]:
    """Every sentence of running text and lists, in reading order."""
    heading, position, seen = "", 0, set[str]()
    for block in material.blocks:
        if block.kind == "heading":
            heading = heading_text(block)
        elif block.kind in ("paragraph", "list_item"):
            for quote in _split(block, material.language):
                text = _trimmed(quote)
                # A sentence that stands in the text twice is one fact.
                if text and text not in seen:
                    seen.add(text)
                    yield Sentence(text, quote, block.index, block.kind, block.page, heading, position)
                    position += 1


def heading_text(block: Block) -> str:
    """A heading without its number."""
    return _NUMBERING.sub("", _on_one_line(block.text))


def _split(block: Block, language: str | None) -> Iterator[str]:
    for piece in segment(language or "en", block.text):
        quote = piece.strip()
        if quote:
            yield quote


def _trimmed(quote: str) -> str:
    text = _CITATION.sub("", _on_one_line(quote))
    shorter = _REMOVABLE.sub("", text)
    return shorter[:1].upper() + shorter[1:]


def _on_one_line(text: str) -> str:
    return _SPACES.sub(" ", text.replace("\u00ad", "")).strip()


def stands_alone(text: str) -> bool:
    """Whether a learner who sees only this sentence knows what it speaks of."""
    words = WORD.findall(text)
    return (
        MIN_WORDS <= len(words) <= MAX_WORDS
        and text[0].isupper() | text[0].isdigit()
        and text.endswith(".")
        and not re.search(r"[?!;:]|\.\.\.|…|https?:|www\.|[=<>{}|\\]|\w/\w+/", text)
        and _is_balanced(text)
        and words[0].lower() not in POINTING_OPENERS
        and not POINTING.search(text)
        and not _VAGUE.search(text)
        and not _is_a_title(words)
        and _pronouns_are_bound(text)
    )


def names_its_subject(text: str) -> bool:
    """False for "The process …": which one, only the heading can say."""
    return not _BARE_SUBJECT.match(text)


def names_its_objects(text: str) -> bool:
    """False for "… declared the disease eradicated.": the heading helps to see which one."""
    return not _BARE_OBJECT.search(text)


def _is_balanced(text: str) -> bool:
    return all(text.count(left) == text.count(right) for left, right in ("()", "[]", "“”")) and text.count('"') % 2 == 0


def _pronouns_are_bound(text: str) -> bool:
    person = PERSON_PRONOUNS.search(text)
    if person and not _NAME_BEFORE.search(text[: person.start()]):
        return False
    return all(_is_bound(text[: thing.start()]) for thing in THING_PRONOUNS.finditer(text))


def _is_bound(before: str) -> bool:
    """Whether a clause before the pronoun can hold what it stands for."""
    clauses = list(_CLAUSE.finditer(before))
    if not clauses:
        return False
    boundary = clauses[-1]
    words = WORD.findall(before[: boundary.start()])
    if len(WORD.findall(before[boundary.end() :])) > 2:
        return False
    return sum(word.lower() not in FUNCTION_WORDS and not word[0].isdigit() for word in words) >= 2


def _is_a_title(words: Sequence[str]) -> bool:
    """Such as that of a book: nearly every word that can has a capital."""
    content = [word for word in words[1:] if word.lower() not in FUNCTION_WORDS and word[0].isalpha()]
    return bool(content) and sum(word[0].isupper() for word in content) > TITLE_CASE * len(content)


def frequency(every: Sequence[Sentence]) -> Callable[[str], bool]:
    """A test whether a term is in so many sentences that it is what the whole text is about."""
    mentions = Counter(word for sentence in every for word in stems(sentence.text))
    limit = max(MIN_EVERYWHERE, EVERYWHERE * len(every))
    return lambda term: all(mentions[word] > limit for word in stems(term))
