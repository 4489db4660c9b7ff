"""Terms and what they mean: from definition sentences, from acronyms in brackets, and from the notes' glossary."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from quiz_service.adapters.extractive.facts import RECOGNITION, Candidate, Fact, capitalised, uncapitalised
from quiz_service.adapters.extractive.language import TERM_OPENERS_REFUSED, stems
from quiz_service.adapters.extractive.sentences import WORD, Sentence, stands_alone
from quiz_service.adapters.extractive.spans import Names
from quiz_service.domain.material import Note
from quiz_service.domain.questions import QuestionType

MAX_TERM_WORDS = 4
MIN_DEFINITION_WORDS, MAX_DEFINITION_WORDS = 5, 30

_IS_A = re.compile(
    r"^(?P<phrase>(?:(?:The|An?) )?(?P<term>[^,;:()]{2,60}?))(?: \((?P<alias>[^()]{2,40})\))?"
    r"(?:, (?:also|sometimes|or|often|formerly) [^,]{2,60},)? (?P<verb>is|are|was|were) "
    r"(?P<definition>(?:an?|the|one of the|any) .+)\.$"
)
_MEANS = re.compile(
    r"^(?P<phrase>(?:(?:The|An?) )?(?P<term>[^,;:()]{2,60}?))(?: \((?P<alias>[^()]{2,40})\))? "
    r"(?P<verb>refers to|means|denotes|describes|is defined as|are defined as) "
    r"(?P<definition>(?:an?|the|any|how) .+)\.$"
)
_IS_CALLED = re.compile(
    r"^(?P<definition>(?:The|An?|Any) [^,;:()]+?) (?:is|are) (?:called|termed|known as|referred to as|named) "
    r"(?P<phrase>(?:the |an? )?(?P<term>[^,;:()]{2,60}?))(?: \((?P<alias>[^()]{2,40})\))?\.$"
)
_ENTRY = re.compile(r"^(?P<phrase>(?P<term>[^,;:()–—]{2,60}?))(?P<alias>)\s*(?::|–|—| - )\s*(?P<definition>.{15,})$")
_ACRONYM = re.compile(r"(?P<long>(?:[A-Za-z][\w-]+ ){1,5}[A-Za-z][\w-]+) \((?P<short>[A-Z]{2,6})\)")
_PLURAL = re.compile(r"[^sui]s$")
_FINITE = re.compile(r"\b(?:is|are|was|were|has|have|can|will|does|do|that|which|who|because|if|when)\b")
_IS_CALLED_VERB, _ENTRY_VERB = "is called", ""


@dataclass(frozen=True, slots=True)
class Definition:
    """`phrase` is the term with its article, `verb` the copula that joins it to `text`; `text` has no full stop."""

    term: str
    phrase: str
    verb: str
    text: str
    alias: str | None
    sentence: Sentence

    @property
    def is_plural(self) -> bool:
        return self.verb in ("are", "were", "are defined as") or (not self.verb and bool(_PLURAL.search(self.term)))

    @property
    def like(self) -> tuple[str, ...]:
        """Terms stand in for terms of the same number; names for names: an expedition is no disease."""
        last = self.term.split()[-1]
        is_name = last[0].isupper() and not last.isupper()
        return ("term", "plural" if self.is_plural else "singular", "name" if is_name else "word")


def definitions(sentences: Iterable[Sentence], notes: Iterable[Note], names: Names) -> dict[str, Definition]:
    """The first good definition of each term, by the term in lower case."""
    found: dict[str, Definition] = {}
    sentences = tuple(sentences)
    for sentence in sentences:
        definition = _defined_in(sentence, names)
        if definition is not None:
            found.setdefault(definition.term.lower(), definition)
    for note in notes:
        definition = _from_glossary(note, sentences, names)
        if definition is not None:
            found.setdefault(definition.term.lower(), definition)
    return found


def _defined_in(sentence: Sentence, names: Names) -> Definition | None:
    for pattern in (_IS_CALLED, _IS_A, _MEANS):
        match = pattern.match(sentence.text)
        if match is not None:
            return _definition(match, sentence, names) if stands_alone(sentence.text) else None
    match = _ENTRY.match(sentence.text) if sentence.kind == "list_item" else None
    return _definition(match, sentence, names) if match is not None else None


def _definition(match: re.Match[str], sentence: Sentence, names: Names) -> Definition | None:
    term = uncapitalised(match["term"].strip(), names.is_proper)
    text = uncapitalised(match["definition"].strip().removesuffix("."), names.is_proper)
    if not is_term(term) or not _is_definition(text, term):
        return None
    verb = match.groupdict().get("verb") or (_IS_CALLED_VERB if match.re is _IS_CALLED else _ENTRY_VERB)
    phrase = uncapitalised(match["phrase"].strip(), names.is_proper)
    return Definition(term, phrase, verb, text, match["alias"] or None, sentence)


def _from_glossary(note: Note, sentences: Iterable[Sentence], names: Names) -> Definition | None:
    # An acronym's "definition" is what it stands for, which is asked in a way of its own.
    if note.kind != "glossary" or not note.term or note.term.isupper() or not note.definition or not note.quotes:
        return None
    quote = note.quotes[0]
    sentence = next((one for one in sentences if one.block == quote.block and one.quote in quote.text), None)
    term = uncapitalised(note.term.strip(), names.is_proper)
    text = uncapitalised(note.definition.strip().removesuffix("."), names.is_proper)
    if sentence is None or not is_term(term) or not _is_definition(text, term) or _FINITE.match(text):
        return None
    return Definition(term, term, _ENTRY_VERB, text, None, sentence)


def is_term(text: str) -> bool:
    words = text.split()
    return (
        0 < len(words) <= MAX_TERM_WORDS
        and len(text) >= 3
        and words[0].lower() not in TERM_OPENERS_REFUSED
        and not _FINITE.search(text.lower())
        and not re.search(r"\d{3}|[“”\"/]", text)
        and not any(word.lower() in ("by", "to", "for", "with", "at", "from", "as") for word in words)
    )


def _is_definition(text: str, term: str) -> bool:
    words = WORD.findall(text)
    return (
        MIN_DEFINITION_WORDS <= len(words) <= MAX_DEFINITION_WORDS
        and not re.search("[;:]", text)
        and _keeps_secret(text, term)
    )


def _keeps_secret(text: str, term: str) -> bool:
    """Whether a definition does not say its term; "a good whose …" may define a "normal good"."""
    said = stems(term) & stems(text)
    return not said or (said == stems(term.split()[-1]) and " " in term)


def definition_facts(definition: Definition) -> Iterator[Fact]:
    """Two ways to ask for one definition: the term by its meaning, and the meaning by the term."""
    key = f"definition:{definition.term.lower()}"
    yield Fact(
        key,
        ask=f"Which term is described here: “{definition.text}”?",
        choose=f"Which term fits this description: “{definition.text}”?",
        assertion=lambda phrase: _stated(definition, phrase, definition.text),
        answer=term_candidate(definition),
        depth=0,
        weight=3.0,
        accepted=(definition.alias,) if definition.alias else (),
        topic_stems=stems(definition.text),
    )
    yield Fact(
        key,
        ask="",
        choose=_what_is(definition),
        assertion=lambda text: _stated(definition, definition.phrase, text),
        answer=meaning_candidate(definition),
        depth=1,
        weight=2.4,
        types=RECOGNITION,
        topic_stems=stems(definition.term),
    )


def term_candidate(definition: Definition) -> Candidate:
    return Candidate(definition.term, definition.like, definition.sentence, phrase=definition.phrase)


def meaning_candidate(definition: Definition) -> Candidate:
    return Candidate(definition.text, ("meaning", definition.verb), definition.sentence)


def _what_is(definition: Definition) -> str:
    if definition.verb in ("is", "are"):
        return f"What {definition.verb} {definition.phrase}?"
    return f"Which description fits the term “{definition.term}”?"


def _stated(definition: Definition, phrase: str, text: str) -> str:
    if definition.verb == _ENTRY_VERB:
        return f"The description “{text}” fits “{phrase}”."
    if definition.verb == _IS_CALLED_VERB:
        return f"{capitalised(text)} is called {phrase}."
    return f"{capitalised(phrase)} {definition.verb} {text}."


def acronym_facts(sentences: Iterable[Sentence]) -> Iterator[Fact]:
    seen: set[str] = set()
    for sentence in sentences:
        for match in _ACRONYM.finditer(sentence.text):
            long = _spelt_out(match["long"], match["short"])
            if long is None or match["short"] in seen:
                continue
            seen.add(match["short"])
            yield _acronym_fact(match["short"], long, sentence)


def _acronym_fact(short: str, long: str, sentence: Sentence) -> Fact:
    ask = f"What does “{short}” stand for?"
    return Fact(
        f"acronym:{short}",
        ask=ask,
        choose=ask,
        assertion=lambda text: f"“{short}” stands for “{text}”.",
        answer=Candidate(long, ("expansion",), sentence),
        depth=1,
        weight=1.6,
        # Other expansions have other initials, so as options they would give the answer away.
        types=frozenset({QuestionType.SHORT_ANSWER}),
        topic_stems=frozenset({short.lower()}),
    )


def _spelt_out(words: str, short: str) -> str | None:
    """The shortest ending of `words` whose initials make the acronym."""
    parts = words.split()
    for count in range(1, len(parts) + 1):
        tail = parts[-count:]
        initials = "".join(
            part[0] for word in tail for part in word.split("-") if word not in ("of", "and", "for", "the", "in")
        )
        if initials.upper() == short and count > 1:
            return " ".join(tail)
    return None
