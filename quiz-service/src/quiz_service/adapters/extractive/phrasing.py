"""How a span of a sentence is asked for: by a question where the sentence's form allows it, else by a blank."""

import re
from dataclasses import dataclass

from quiz_service.adapters.extractive.facts import uncapitalised
from quiz_service.adapters.extractive.language import PERSON_VERBS
from quiz_service.adapters.extractive.spans import Kind, Names, Span

BLANK = "_____"
_NOUNS = {
    Kind.YEAR: "year",
    Kind.DATE: "date",
    Kind.CENTURY: "century",
    Kind.NUMBER: "number",
    Kind.PERSON: "name",
    Kind.PLACE: "place",
    Kind.NAME: "name",
    Kind.TERM: "term",
}
_PASSIVE = re.compile(
    r"^(?P<subject>[^,]{2,70}?) (?P<verb>was|were) "
    r"(?P<rest>\w+(?:ed|en|wn|lt|nt|de|ld|un|ought|und|ut|born|won)\b[^,]*)$"
)
_ACTIVE_REST = re.compile(r"^ (?P<verb>\w+)(?P<rest>(?: [^,]*)?)$")


@dataclass(frozen=True, slots=True)
class Asked:
    """The open question, and the same for a choice of options."""

    ask: str
    choose: str


def phrase(text: str, span: Span, names: Names) -> Asked:
    """How to ask for `span` of the sentence `text`, which stands alone and ends with a full stop."""
    question = _question(text, span, names)
    if question is not None:
        return Asked(question, question)
    noun = _NOUNS[span.kind]
    gap = re.sub(r"\b([Aa])n? $", r"\1(n) ", text[: span.start]) + BLANK + text[span.end :]
    return Asked(f"Fill in the blank with a {noun}: “{gap}”", f"Which {noun} belongs in the blank? “{gap}”")


def _question(text: str, span: Span, names: Names) -> str | None:
    match span.kind:
        case Kind.PERSON if span.start == 0 and names.is_surely_a_person(span.text):
            return _who(text, span)
        case Kind.YEAR if span.like[1] == "":
            return _when(text, span, names, "in", "In which year")
        case Kind.DATE if span.like[1] == "day":
            return _when(text, span, names, "on", "On which date")
        case Kind.DATE:
            return _when(text, span, names, "in", "In which month of which year")
    return None


def _who(text: str, span: Span) -> str | None:
    rest = text[span.end : -1]
    verb = re.match(r" (\w+)", rest)
    if (
        verb is None
        or not (verb[1] in PERSON_VERBS or verb[1] in ("was", "fell") or verb[1].endswith("ed"))
        or "," in rest
    ):
        return None
    return f"Who{rest}?"


def _when(text: str, span: Span, names: Names, preposition: str, opening: str) -> str | None:
    """ "X was built in 1889." → "In which year was X built?"; the date must open or end the sentence."""
    clause = _without_date(text, span, preposition)
    if clause is None or re.search(r"\b(?:and|but|which|who|when|while|after|before|until)\b|,", clause):
        return None
    passive = _PASSIVE.match(clause)
    if passive is not None and len(passive["subject"].split()) <= 9:
        subject = uncapitalised(passive["subject"], names.is_proper)
        return f"{opening} {passive['verb']} {subject} {passive['rest']}?"
    return _when_did(clause, names, opening)


def _without_date(text: str, span: Span, preposition: str) -> str | None:
    if text[: span.start].lower() == f"{preposition} ":
        rest = text[span.end : -1].lstrip(",").strip()
        return rest[:1].upper() + rest[1:]
    ending = f" {preposition} "
    if text[span.end :] == "." and text[: span.start].endswith(ending):
        return text[: span.start].removesuffix(ending)
    return None


def _when_did(clause: str, names: Names, opening: str) -> str | None:
    subject = next((name for name in names.find(clause) if name.start == 0), None)
    if subject is None:
        return None
    active = _ACTIVE_REST.match(clause[subject.end :])
    if active is None or active["verb"] not in PERSON_VERBS:
        return None
    return f"{opening} did {subject.text} {PERSON_VERBS[active['verb']]}{active['rest']}?"
