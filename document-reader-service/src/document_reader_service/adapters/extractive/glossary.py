"""Terms that the document itself defines: "X is a …", "… is called X", "X: …", "Long Name (LN)"."""

import re
from collections.abc import Iterator, Sequence

from document_reader_service.adapters.extractive.sentences import Part, Sentence
from document_reader_service.adapters.extractive.vocabulary import stop_words
from document_reader_service.domain.notes import GlossaryEntry, Source
from document_reader_service.domain.text import DocumentText

_TERM = r"(?P<term>[^\W\d_][\w'’\-]*(?:\s+[\w'’\-]+){0,4}?)"
_ASIDE = r"(?:\s*\([^)]{1,60}\))?(?:,[^,]{2,80},)?"
_PATTERNS: dict[str, tuple[str, ...]] = {
    "en": (
        rf"(?:The |A |An )?{_TERM}{_ASIDE}\s+(?:is|was|are|were)\s+(?P<definition>(?:an?|the|any|one of)\s+.{{15,}})",
        rf"(?:The |A |An )?{_TERM}{_ASIDE}\s+are\s+(?P<definition>(?:[\w\-]+\s+){{1,6}}(?:that|which|who|whose|used|made|found|formed|produced|given)\s+.{{8,}})",
        rf"(?:The |A |An )?(?:term |word )?[\"“‘]?{_TERM}[\"”’]?{_ASIDE}\s+(?:refers? to|means|denotes?|is defined as|are defined as|is known as|describes?|stands for)\s+(?P<definition>.{{12,}})",
    ),
    "de": (
        rf"(?:Der |Die |Das |Ein |Eine )?{_TERM}{_ASIDE}\s+(?:ist|sind|war|waren)\s+(?P<definition>(?:eine?|der|die|das)\s+.{{15,}})",
        rf"Unter (?:der |dem |einem |einer )?{_TERM}\s+versteht man\s+(?P<definition>.{{15,}})",
        rf"(?:Der |Die |Das )?(?:Begriff |Ausdruck )?[\"„]?{_TERM}[\"“]?\s+bezeichnet\s+(?P<definition>.{{12,}})",
    ),
    "fr": (
        rf"(?:Le |La |L['’]|Un |Une )?{_TERM}{_ASIDE}\s+(?:est|était|désigne)\s+(?P<definition>(?:une?|le|la|l['’]|des)\s*.{{15,}})",
    ),
    "es": (
        rf"(?:El |La |Un |Una )?{_TERM}{_ASIDE}\s+(?:es|era|son)\s+(?P<definition>(?:una?|el|la|los|las)\s+.{{15,}})",
    ),
    "it": (
        rf"(?:Il |Lo |La |L['’]|Un |Una )?{_TERM}{_ASIDE}\s+(?:è|era)\s+(?P<definition>(?:una?|uno|il|la|lo)\s+.{{15,}})",
    ),
    "pt": (rf"(?:O |A |Um |Uma )?{_TERM}{_ASIDE}\s+(?:é|era|são)\s+(?P<definition>(?:uma?|o|a|os|as)\s+.{{15,}})",),
    "nl": (rf"(?:De |Het |Een )?{_TERM}{_ASIDE}\s+(?:is|was|zijn)\s+(?P<definition>(?:een|de|het)\s+.{{15,}})",),
}
_COMPILED = {language: tuple(map(re.compile, patterns)) for language, patterns in _PATTERNS.items()}
_CALLED = re.compile(
    r"(?:called|known as|termed|named|referred to as)\s+(?:an?\s+|the\s+)?[\"“‘]?(?P<term>[^\W\d_][\w'’\-]*(?:\s+(?!and\b|or\b|in\b|by\b|that\b|which\b|is\b|was\b)[\w'’\-]+){0,2})[\"”’]?(?=\s*(?:[.,;:)]|\b(?:and|in|by|that|which|is|was)\b))"
)
_LABELLED = re.compile(r"(?P<term>[^\W\d_][\w'’\- ]{1,40}?)(?::| [–—-])\s+(?P<definition>\S.{15,})")
_ACRONYM = re.compile(r"\((?P<short>[A-Z][A-Za-z]*[A-Z][A-Za-z0-9\-]{0,7}s?|[A-Z][A-Za-z0-9\-]{1,8}[A-Z0-9])\)")
_VAGUE_HEADS = frozenset(
    "reason example result goal aim problem question advantage disadvantage step way first second third most many some others "
    "answer idea point thing things cause effect purpose difference fact case part all each both one two key main there what "
    "which who where when why how if because when while after before although since as here once today now".split()
)


def glossary_of(text: DocumentText, parts: Sequence[Part], most: int) -> list[GlossaryEntry]:
    """Entries by alphabet, each term once, with its first definition; at most `most`, the most used terms first."""
    found: dict[str, GlossaryEntry] = {}
    for part in parts:
        for sentence in part.sentences:
            for entry in _entries(sentence, text.language):
                found.setdefault(entry.term.casefold(), entry)
    whole = "\n".join(block.text for block in text.blocks).casefold()
    uses = {key: whole.count(key) for key in found}
    kept = sorted(found, key=lambda key: (-uses[key], key))[:most]
    return [found[key] for key in sorted(kept)]


def _entries(sentence: Sentence, language: str | None) -> Iterator[GlossaryEntry]:
    body = sentence.text
    stopped = stop_words(language)
    source = Source(sentence.page, sentence.block, sentence.start, sentence.end, body)
    for long, short in _acronyms(body):
        yield GlossaryEntry(short, long, (source,))
    labelled = _LABELLED.match(body) if sentence.start == 0 and sentence.fitness > 0 else None
    if labelled and _is_term(labelled["term"], stopped):
        yield _entry(labelled["term"], labelled["definition"], source)
        return
    if sentence.fitness < 0.3:  # leans on the sentence before it, or is none
        return
    for pattern in _COMPILED.get(language or "", ()):
        match = pattern.match(body)
        if match and _is_term(match["term"], stopped):
            yield _entry(match["term"], match["definition"], source)
            break
    if language == "en" and (match := _CALLED.search(body)) and _is_term(match["term"], stopped):
        yield GlossaryEntry(match["term"], body, (source,))


def _entry(term: str, definition: str, source: Source) -> GlossaryEntry:
    return GlossaryEntry(term.strip(), definition.rstrip(" .;,"), (source,))


def _is_term(term: str, stopped: frozenset[str]) -> bool:
    words = term.casefold().split()
    if not words or len(words) > 5 or words[0] in _VAGUE_HEADS or words[-1] in _VAGUE_HEADS:
        return False
    # "of" and the like may stand inside a name, never at its ends; verbs and pronouns are mostly stop words.
    return words[0] not in stopped and words[-1] not in stopped and len(term) > 2


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
