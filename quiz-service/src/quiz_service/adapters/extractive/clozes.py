"""Facts asked by leaving out one span of a sentence: a date, a number, a name or a known term."""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache

from quiz_service.adapters.extractive.definitions import Definition
from quiz_service.adapters.extractive.facts import Candidate, Fact
from quiz_service.adapters.extractive.language import stems
from quiz_service.adapters.extractive.phrasing import BLANK, phrase
from quiz_service.adapters.extractive.sentences import Sentence, names_its_objects, names_its_subject
from quiz_service.adapters.extractive.spans import Kind, Names, Span, dates, numbers

_DEPTH = {
    Kind.PERSON: 1,
    Kind.PLACE: 1,
    Kind.NAME: 1,
    Kind.TERM: 1,
    Kind.CENTURY: 1,
    Kind.YEAR: 2,
    Kind.DATE: 2,
    Kind.NUMBER: 2,
}
_WEIGHT = {
    Kind.PERSON: 2.0,
    Kind.PLACE: 1.6,
    Kind.NAME: 1.7,
    Kind.TERM: 1.6,
    Kind.CENTURY: 1.6,
    Kind.YEAR: 1.9,
    Kind.DATE: 1.8,
    Kind.NUMBER: 1.5,
}


def spans(text: str, names: Names, terms: Mapping[str, Definition]) -> Iterator[Span]:
    """Everything in a sentence that can be asked for; of two that overlap, the one found first."""
    taken: list[Span] = []
    for span in (*dates(text), *numbers(text), *_terms(text, terms), *names.find(text)):
        if all(span.end <= other.start or other.end <= span.start for other in taken):
            taken.append(span)
            yield span


def _terms(text: str, terms: Mapping[str, Definition]) -> Iterator[Span]:
    for match in _pattern(tuple(terms)).finditer(text):
        yield Span(Kind.TERM, match.group(), match.start(), terms[match.group().lower()].like)


@lru_cache(maxsize=4)
def _pattern(terms: tuple[str, ...]) -> re.Pattern[str]:
    """One expression for all terms, the longest first; one that never matches where there are none."""
    longest_first = "|".join(re.escape(term) for term in sorted(terms, key=len, reverse=True))
    return re.compile(rf"(?<![\w-])(?:{longest_first})(?![\w-])" if terms else r"(?!)", re.IGNORECASE)


def cloze_facts(
    sentence: Sentence, names: Names, terms: Mapping[str, Definition], is_everywhere: Callable[[str], bool]
) -> Iterator[Fact]:
    """One fact per span of a sentence that stands alone; terms that are everywhere in the text ask nothing."""
    names_subject = _names_its_subject(sentence, terms)
    is_clear = names_subject and names_its_objects(sentence.text)
    for span in spans(sentence.text, names, terms):
        helps = bool(sentence.heading) and not stems(span.text) & stems(sentence.heading)
        if not names_subject and not helps:
            continue
        context = f"About “{sentence.heading}”: " if helps and not is_clear else ""
        if span.text in sentence.text[: span.start] + sentence.text[span.end :]:
            continue
        if span.kind is Kind.TERM and (is_everywhere(span.text) or _is_defined_by(sentence, terms, span)):
            continue
        yield _fact(sentence, span, names, context)


def _fact(sentence: Sentence, span: Span, names: Names, context: str) -> Fact:
    before, after = sentence.text[: span.start], sentence.text[span.end :]
    asked = phrase(sentence.text, span, names)
    return Fact(
        f"sentence:{sentence.position}",
        ask=asked.ask,
        choose=asked.choose,
        assertion=lambda text: f"{_fitted(before, text)}{after}",
        answer=candidate(span, sentence),
        depth=_DEPTH[span.kind],
        weight=_WEIGHT[span.kind] - (0.7 if context else 0.0) - (0.3 if BLANK in asked.ask else 0.0),
        accepted=_variants(span),
        context=context,
    )


def candidate(span: Span, sentence: Sentence) -> Candidate:
    return Candidate(span.text, span.like, sentence, span.value)


def _fitted(before: str, text: str) -> str:
    """`text` behind `before`, with the article that its sound asks for."""
    article = "an" if text[:1].lower() in "aeio" else "a"
    joined = re.sub(
        r"\b[Aa]n? $", lambda match: (article.capitalize() if match[0][0] == "A" else article) + " ", before
    )
    return joined + (text if joined else text[:1].upper() + text[1:])


def _names_its_subject(sentence: Sentence, terms: Mapping[str, Definition]) -> bool:
    if names_its_subject(sentence.text):
        return True
    opening = " ".join(sentence.text.lower().split()[1:4])
    return any(opening.startswith(term) for term in terms)


def _is_defined_by(sentence: Sentence, terms: Mapping[str, Definition], span: Span) -> bool:
    return terms[span.text.lower()].sentence.position == sentence.position


def _variants(span: Span) -> tuple[str, ...]:
    """A person's surname alone will do."""
    surname = span.text.split()[-1]
    return (surname,) if span.kind is Kind.PERSON and surname != span.text and not surname.isupper() else ()
