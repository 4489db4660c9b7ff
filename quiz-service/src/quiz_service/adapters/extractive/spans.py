"""Spans of a sentence that can be asked for: dates, years, numbers with their unit, proper names.

A span's `like` says what may stand in its place: only spans of equal `like` are ever exchanged for each other.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from quiz_service.adapters.extractive.language import (
    DIRECTIONS,
    FUNCTION_WORDS,
    HEDGES,
    LABELS,
    MONTHS,
    PERSON_VERBS,
    PLACE_PREPOSITIONS,
    SYMBOL_UNITS,
    TEMPORAL_PREPOSITIONS,
    TITLES,
    stem,
)
from quiz_service.domain.vocabulary import NUMBER_WORDS, listed


class Kind(StrEnum):
    YEAR = "year"
    DATE = "date"
    CENTURY = "century"
    NUMBER = "number"
    PERSON = "person"
    PLACE = "place"
    NAME = "name"
    TERM = "term"


@dataclass(frozen=True, slots=True)
class Span:
    kind: Kind
    text: str
    start: int
    like: tuple[str, ...]
    value: float | None = None

    @property
    def end(self) -> int:
        return self.start + len(self.text)


_MONTH = f"(?:{'|'.join(MONTHS)})"
_FULL_DATE = re.compile(rf"\b(?:\d{{1,2}} {_MONTH}|{_MONTH} \d{{1,2}},?) [12]\d{{3}}\b")
_MONTH_YEAR = re.compile(rf"\b{_MONTH} [12]\d{{3}}\b")
_YEAR = re.compile(r"\b(?:[12]\d{3}|\d{1,4}(?= (?:BC|BCE|AD|CE)\b))\b(?![,.]\d|%|–|-\d)")
_ERA = re.compile(r" (BC|BCE|AD|CE)\b")
_CENTURY = re.compile(r"\b(?:\d{1,2}(?:st|nd|rd|th)|[a-z]+(?:th|first|second|third)) century\b", re.IGNORECASE)
_NUMBER = re.compile(
    rf"(?<![\w.,$€£#/-])(?P<number>\d{{1,3}}(?:,\d{{3}})+(?:\.\d+)?|\d+(?:\.\d+)?|{'|'.join(NUMBER_WORDS[2:])})"
    rf"(?P<scale> (?:thousand|million|billion|trillion))?"
    rf"(?P<unit> ?(?:%|°C|°F)| (?:{SYMBOL_UNITS})(?![\w-])|"
    rf" (?:[a-z]+(?:al|ic|ive|ary|ous|ed|ing|ble|main|different|major) )?[a-z]+s\b)",
)
_CAPITAL = r"[A-Z][\w'’-]*\w|[A-Z]\."
_NAME = re.compile(rf"(?:{_CAPITAL})(?: (?:(?:of|de|von|van|der|du|al|ibn) (?:the )?)?(?:{_CAPITAL}))*")
_SPECIAL = frozenset((*MONTHS, *listed("Monday Tuesday Wednesday Thursday Friday Saturday Sunday BC AD BCE CE")))
_HEADS = frozenset(
    listed(
        "university institute college school academy society treaty battle war act law empire republic kingdom river "
        "sea ocean lake mountains island islands company committee union bank church theorem revolution party "
        "conference prize house museum observatory laboratory project model method test protocol convention council "
        "league army"
    )
)
# "… Programme on Immunization", "Open Systems Interconnection (OSI)": only a part of what is meant.
_GOES_ON = re.compile(r" (?:\(|(?:on|for|against) (?:the )?[A-Z])")
_BY_NAME_AND = re.compile(r"\bby (?:[A-Z][\w.'’-]* )+and $")
_OCCUPATION = re.compile(
    r", (?:an?|the) (?:[\w-]+ ){0,3}\w+(?:ist|ian|er|or|man|woman|boy|girl|cook|monk|king|queen)\b"
)
_SCALES = {"thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12}


def dates(text: str) -> Iterator[Span]:
    taken: list[tuple[int, int]] = []
    for pattern, like in ((_FULL_DATE, "day"), (_MONTH_YEAR, "month")):
        for match in pattern.finditer(text):
            if not _overlaps(taken, match.start(), match.end()):
                taken.append(match.span())
                yield Span(Kind.DATE, match.group(), match.start(), ("date", like))
    for match in _CENTURY.finditer(text):
        if match.group()[0].isdigit() or match.group().split()[0].lower() not in FUNCTION_WORDS:
            yield Span(Kind.CENTURY, match.group(), match.start(), ("century",))
    for match in _YEAR.finditer(text):
        if _overlaps(taken, match.start(), match.end()) or not _is_year(text, match):
            continue
        era = _ERA.match(text, match.end())
        value = -float(match.group()) if era and era[1].startswith("B") else float(match.group())
        yield Span(Kind.YEAR, match.group(), match.start(), ("year", era[1] if era else ""), value)


def _is_year(text: str, match: re.Match[str]) -> bool:
    if _ERA.match(text, match.end()):
        return True
    before = WORDS_BEFORE.search(text[: match.start()])
    counted = re.match(r" ([a-z]+s)\b", text[match.end() :])
    counts = counted is not None and counted[1] not in FUNCTION_WORDS
    return before is not None and before[1].lower() in TEMPORAL_PREPOSITIONS and not counts


WORDS_BEFORE = re.compile(r"([\w'’.]+),?[\s(]+$")


def numbers(text: str) -> Iterator[Span]:
    """Numbers with a unit, or counting things; bounds and guesses ("more than 20") are left out."""
    for match in _NUMBER.finditer(text):
        start, end = match.span("number")[0], match.end("scale") if match["scale"] else match.end("number")
        before = WORDS_BEFORE.search(text[:start])
        unit = match["unit"].split()[-1]
        if (before and before[1].lower() in LABELS) or unit in FUNCTION_WORDS:
            continue
        if HEDGES.search(text[:start]) or re.match(r"\s*(?:to|or|and|[-–])\s*\d", text[end:]):
            continue
        symbol = re.fullmatch(SYMBOL_UNITS, unit) is not None
        kind = ("unit", stem(unit.lower())) if symbol else ("count",)
        yield Span(Kind.NUMBER, text[start:end], start, ("number", *kind), number_value(text[start:end]))


def number_value(text: str) -> float:
    digits, _, scale = text.replace(",", "").partition(" ")
    value = float(NUMBER_WORDS.index(digits)) if digits in NUMBER_WORDS else float(digits)
    return value * _SCALES.get(scale, 1.0)


def _overlaps(taken: Iterable[tuple[int, int]], start: int, end: int) -> bool:
    return any(start < other_end and other_start < end for other_start, other_end in taken)


class Names:
    """The proper names of a text, told by their capitals inside sentences, and what each is a name of."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._proper: Counter[str] = Counter()
        self._common: Counter[str] = Counter()
        self._votes: dict[str, Counter[Kind]] = {}
        texts = tuple(texts)
        for text in texts:
            for match in re.finditer(r"(?<=[\w,)] )[^\W\d_][\w'’-]*", text):
                (self._proper if match.group()[0].isupper() else self._common)[match.group().lower()] += 1
        for text in texts:
            self._vote(text)
        self._kinds: dict[str, Kind] = {}
        self._by_surname: Counter[str] = Counter()
        for name, votes in self._votes.items():
            self._by_surname[name.split()[-1]] += votes[Kind.PERSON]

    def is_proper(self, word: str) -> bool:
        """Whether a capital belongs to the word itself, not to its place in the sentence."""
        return (word.isupper() and len(word) > 1) or self._proper[word.lower()] > self._common[word.lower()]

    def find(self, text: str) -> Iterator[Span]:
        for name, start in self._candidates(text):
            if self._stands_for_itself(text, start, start + len(name)):
                kind = self._kind(name)
                like = (kind.value, *self._shape(name, kind), self._article(text, start))
                yield Span(kind, name, start, like)

    def _candidates(self, text: str) -> Iterator[tuple[str, int]]:
        for match in _NAME.finditer(text):
            name, start = match.group(), match.start()
            if start == 0:
                name, start = self._without_opener(name)
            name, start = _without_people(_without_origin(name), start)
            if not name or name.split()[0] in _SPECIAL or name.isupper() or len(name) < 3 or name.startswith("I "):
                continue
            if start == 0 or self.is_proper(name.split()[0]) or " " in name:
                yield name, start

    def _without_opener(self, name: str) -> tuple[str, int]:
        first, _, rest = name.partition(" ")
        if first.lower() in FUNCTION_WORDS or not (self.is_proper(first) or (rest and first not in self._common)):
            return (rest, len(first) + 1) if rest and first.lower() in FUNCTION_WORDS else ("", 0)
        return name, 0

    @staticmethod
    def _stands_for_itself(text: str, start: int, end: int) -> bool:
        """False for a part of a longer expression: "Calvin cycle", "Ohm's law", "western Europe"."""
        before = WORDS_BEFORE.search(text[:start])
        if (before and before[1].lower() in DIRECTIONS) or _GOES_ON.match(text[end:]):
            return False
        following = re.match(r"(['’]s\b| |-)([\w]+)?", text[end:])
        if following is None:
            return True
        if following[1] != " ":
            return False
        word = following[2] or ""
        return (
            not word[:1].isalpha()
            or word in FUNCTION_WORDS
            or word in PERSON_VERBS
            or (word.endswith("ed") and word.islower())
        )

    def _vote(self, text: str) -> None:
        for name, start in self._candidates(text):
            votes = self._votes.setdefault(name, Counter())
            before = WORDS_BEFORE.search(text[:start])
            after = re.match(r" (\w+)", text[start + len(name) :])
            if before and before[1].lower() in ("the", "a", "an"):
                votes[Kind.NAME] += 3
                continue
            if name.split()[0] in TITLES or (before and before[1] in TITLES):
                votes[Kind.PERSON] += 3
            if _OCCUPATION.match(text[start + len(name) :]):
                votes[Kind.PERSON] += 2
            if before and before[1] == "by":
                votes[Kind.PERSON] += 2
            if after and after[1] in PERSON_VERBS:
                votes[Kind.PERSON] += 2 if " " in name else 1
            elif after and after[1].endswith("ed") and " " in name:
                votes[Kind.PERSON] += 1
            if before and before[1].lower() in PLACE_PREPOSITIONS:
                votes[Kind.PLACE] += 2
            if before and before[1] == "and" and _BY_NAME_AND.search(text[:start]):
                votes[Kind.PERSON] += 2

    def _kind(self, name: str) -> Kind:
        if name not in self._kinds:
            self._kinds[name] = self._judged(name)
        return self._kinds[name]

    def _judged(self, name: str) -> Kind:
        if _head(name):
            return Kind.NAME
        votes = Counter(self._votes.get(name, Counter()))
        # A surname alone is the person named in full elsewhere.
        votes[Kind.PERSON] = self._by_surname[name.split()[-1]]
        best = max(votes, key=lambda kind: votes[kind])
        return best if votes[best] else Kind.NAME

    def is_surely_a_person(self, name: str) -> bool:
        """Whether one may ask "Who …?"."""
        return self._kind(name) is Kind.PERSON and self._votes.get(name, Counter())[Kind.PERSON] >= 2

    def _shape(self, name: str, kind: Kind) -> tuple[str, ...]:
        if kind is not Kind.NAME:
            return ()
        # A name of nobody knows what is like no other: nothing can stand in for it.
        return (_head(name) or ("" if self._takes_the(name) else name),)

    def _takes_the(self, name: str) -> bool:
        return self._votes.get(name, Counter())[Kind.NAME] > 0

    @staticmethod
    def _article(text: str, start: int) -> str:
        return "the" if text[:start].lower().endswith("the ") else ""


def _without_origin(name: str) -> str:
    """ "Frank Burnet" of "Frank Burnet of Melbourne"; "Treaty of Paris" stays whole."""
    before, _, _ = name.partition(" of ")
    is_title = before.partition(" ")[0].lower() in FUNCTION_WORDS
    return before if " " in before and not is_title and not _head(before) else name


def _without_people(name: str, start: int) -> tuple[str, int]:
    """ "Daniel Salmon" of "the Americans Daniel Salmon"."""
    people = re.match(r"[A-Z]\w+ans (?=[A-Z]\w+ )", name)
    return (name[people.end() :], start + people.end()) if people else (name, start)


def _head(name: str) -> str | None:
    return next((word.lower() for word in name.split() if word.lower() in _HEADS), None)
