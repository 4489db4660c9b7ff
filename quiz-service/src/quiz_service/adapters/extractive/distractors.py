"""Wrong answers that could be right: of the same kind, from the same material, and surely not true as well."""

from collections import defaultdict
from collections.abc import Iterable
from random import Random

from rapidfuzz.distance import Levenshtein

from quiz_service.adapters.extractive.facts import Candidate, Fact, Like
from quiz_service.adapters.extractive.language import stem, stemmed, stems, words_of
from quiz_service.adapters.extractive.sentences import Sentence

DISTRACTORS = 3
TOO_ALIKE = 0.8
SAME_FACT = 0.6
MAX_COUNT_RATIO = 6.0
LOOKED_AT, ENOUGH = 60, 6


class Material:
    """Every candidate of the material by what it may stand for, and every sentence by the words in it."""

    def __init__(self, candidates: Iterable[Candidate], sentences: Iterable[Sentence]) -> None:
        self._by_like: dict[Like, dict[tuple[str, ...], Candidate]] = defaultdict(dict)
        self._mentions: dict[str, list[frozenset[str]]] = defaultdict(list)
        for candidate in candidates:
            self._by_like[candidate.like].setdefault(words_of(candidate.text), candidate)
        for sentence in sentences:
            words = stemmed(sentence.text)
            for word in words:
                self._mentions[word].append(words)

    def distractors(self, fact: Fact, rng: Random) -> list[Candidate]:
        """What may stand in for the answer, the hardest to tell from it first; no two of them say the same."""
        chosen: list[Candidate] = []
        like = list(self._by_like[fact.answer.like].values())
        drawn = rng.sample(like, min(LOOKED_AT, len(like)))
        for candidate in sorted(drawn, key=lambda one: _distance(one, fact.answer)):
            if self._is_fair(candidate, fact) and not any(are_variants(candidate, other) for other in chosen):
                chosen.append(candidate)
                if len(chosen) == ENOUGH:
                    break
        return chosen

    def _is_fair(self, candidate: Candidate, fact: Fact) -> bool:
        if are_variants(candidate, fact.answer) or candidate.sentence.position == fact.sentence.position:
            return False
        if words_of(candidate.text) in fact.also_right:
            return False
        # What the question says of its answer must hold for every option: "a good whose …" asks for a kind of good.
        if not stems(fact.answer.text) & stems(fact.choose) <= stems(candidate.text):
            return False
        asked = f"{fact.choose} {fact.assertion('')}"
        if set(words_of(candidate.text)) <= set(words_of(asked)):
            return False
        return _is_of_like_size(candidate, fact.answer) and not self._may_be_true(candidate, fact)

    def _may_be_true(self, candidate: Candidate, fact: Fact) -> bool:
        """Whether some sentence that mentions the candidate says much the same as the fact."""
        context = fact.context_stems()
        words = [stem(word) for word in words_of(candidate.text)]
        if not context or not words:
            return not context
        rarest = min(words, key=lambda word: len(self._mentions[word]))
        return any(
            all(word in mention for word in words) and len(context & mention) >= SAME_FACT * len(context)
            for mention in self._mentions[rarest]
        )


def _distance(candidate: Candidate, answer: Candidate) -> float:
    if candidate.value is not None and answer.value is not None:
        return abs(candidate.value - answer.value)
    # Close values, words in common, close in the text.
    shared = stems(candidate.text) & stems(answer.text)
    length = abs(len(candidate.text) - len(answer.text)) / max(len(answer.text), 1)
    apart = min(abs(candidate.sentence.block - answer.sentence.block), 50) / 50
    return length + apart - 2 * bool(shared)


def are_variants(one: Candidate, other: Candidate) -> bool:
    """Whether one could be taken for another way to say the other."""
    if one.value is not None and other.value is not None:
        return one.value == other.value
    ours, theirs = stemmed(one.text), stemmed(other.text)
    if ours <= theirs or theirs <= ours:
        return True
    left, right = words_of(one.text), words_of(other.text)
    if any(character.isdigit() for character in one.text + other.text):
        return False
    return Levenshtein.normalized_similarity(" ".join(left), " ".join(right)) >= TOO_ALIKE


def _is_of_like_size(candidate: Candidate, answer: Candidate) -> bool:
    """Numbers within one order of magnitude, texts of comparable length: nothing given away by size."""
    if candidate.value is None or answer.value is None:
        return len(candidate.text) <= 3 * len(answer.text) + 8 and len(answer.text) <= 3 * len(candidate.text) + 8
    if answer.like[0] != "number":
        return True
    low, high = sorted((abs(candidate.value), abs(answer.value)))
    is_whole = candidate.value.is_integer() == answer.value.is_integer()
    return is_whole and low > 0 and high / low <= MAX_COUNT_RATIO
