"""Chooses among ranked sentences: the best first, none that says nearly the same as one already chosen."""

from collections.abc import Iterable, Mapping, Sequence

from document_reader_service.adapters.extractive.sentences import Part, Sentence

_SAME = 0.5  # Jaccard likeness of terms from which two sentences say the same
_CONTAINED = 0.75
_MINIMUM_FITNESS = 0.3

Scores = Mapping[int, float]
"""Sentence order → score."""


def score(parts: Sequence[Part], ranks: Scores) -> dict[int, float]:
    """Rank in the whole text, raised for openings and for speaking of what the heading names."""
    scores: dict[int, float] = {}
    for part in parts:
        for sentence in part.sentences:
            if sentence.fitness <= 0:
                continue
            opening = 1.25 if sentence.position == 0 else 1.1 if sentence.start == 0 else 1.0
            shared = len(part.heading_terms.intersection(sentence.terms)) / max(1, len(part.heading_terms))
            scores[sentence.order] = ranks.get(sentence.order, 0.0) * sentence.fitness * opening * (1 + 0.5 * shared)
    return scores


def choose(
    candidates: Iterable[Sentence], scores: Scores, count: int, beside: Sequence[Sentence] = ()
) -> list[Sentence]:
    """Up to `count` sentences in document order, unlike each other and unlike those of `beside`."""
    chosen: list[Sentence] = []
    terms = [frozenset(sentence.terms) for sentence in beside]
    for sentence in sorted(candidates, key=lambda sentence: (-scores.get(sentence.order, 0.0), sentence.order)):
        if len(chosen) == count:
            break
        own = frozenset(sentence.terms)
        if any(_says_the_same(own, other) for other in terms):
            continue
        chosen.append(sentence)
        terms.append(own)
    return sorted(chosen, key=lambda sentence: sentence.order)


def quotable(part: Part) -> list[Sentence]:
    """Sentences that stand alone; where a part has none, the least bad ones, so that it is not passed over."""
    good = [sentence for sentence in part.sentences if sentence.fitness >= _MINIMUM_FITNESS and len(sentence.terms) > 2]
    return good or [sentence for sentence in part.sentences if sentence.fitness > 0]


def _says_the_same(left: frozenset[str], right: frozenset[str]) -> bool:
    if not left or not right:
        return left == right
    shared = len(left & right)
    return shared >= _SAME * len(left | right) or shared >= _CONTAINED * min(len(left), len(right))
