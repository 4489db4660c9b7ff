"""Which of the possible questions make the quiz: the types asked for in equal shares, spread over the material, at most
one per fact and per sentence, no question that tells another's answer."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from random import Random

from quiz_service.adapters.extractive.distractors import Material
from quiz_service.adapters.extractive.drafting import difficulty, possible_types
from quiz_service.adapters.extractive.facts import Candidate, Fact
from quiz_service.adapters.extractive.language import words_of
from quiz_service.domain.questions import Difficulty, QuestionType
from quiz_service.domain.quiz import QuestionPlan

_LEVEL = {Difficulty.EASY: 0, Difficulty.MEDIUM: 1, Difficulty.HARD: 2}
CHANCE = 1.2
REPEATED_SECTION = 0.6
REPEATED_KIND = 0.35
OFF_LEVEL = 5.0
ONLY_TRUE = 1.0
TELLING = 0.6
FACTS_PER_QUESTION, FEWEST_FACTS = 6, 100


@dataclass(frozen=True, slots=True)
class Possible:
    """A fact with what may be asked about it; `chance` lets the seed decide between facts of like worth."""

    fact: Fact
    distractors: tuple[Candidate, ...]
    types: frozenset[QuestionType]
    chance: float
    words: frozenset[str]
    answer_words: frozenset[str]
    asked_words: frozenset[str]


@dataclass(frozen=True, slots=True)
class Chosen:
    possible: Possible
    type: QuestionType


def possible_questions(facts: Iterable[Fact], material: Material, plan: QuestionPlan, rng: Random) -> list[Possible]:
    """What can be asked, of as many facts as leave a choice: a book holds thousands."""
    drawn = sorted(((fact, rng.random() * CHANCE) for fact in facts), key=lambda one: -(one[0].weight + one[1]))
    found: list[Possible] = []
    for fact, chance in drawn[: FACTS_PER_QUESTION * plan.count + FEWEST_FACTS]:
        distractors = tuple(material.distractors(fact, rng))
        types = possible_types(fact, distractors) & frozenset(plan.types)
        if types:
            found.append(_possible(fact, distractors, types, chance))
    return found


def _possible(
    fact: Fact, distractors: tuple[Candidate, ...], types: frozenset[QuestionType], chance: float
) -> Possible:
    answer = frozenset(words_of(fact.answer.text))
    asked = frozenset(words_of(fact.assertion(""))) - answer
    return Possible(fact, distractors, types, chance, frozenset(words_of(fact.statement)), answer, asked)


def select(possible: Sequence[Possible], plan: QuestionPlan) -> list[Chosen]:
    """At most `plan.count` questions, in the order of the material."""
    chosen: list[Chosen] = []
    left = list(possible)
    while len(chosen) < plan.count:
        question_type = _next_type(plan, chosen, left)
        if question_type is None:
            break
        worth = _Worth(plan, chosen, question_type)
        best = max((one for one in left if question_type in one.types), key=worth)
        chosen.append(Chosen(best, question_type))
        left = [one for one in left if not _repeats(one, best)]
    return sorted(chosen, key=lambda one: (one.possible.fact.sentence.block, one.possible.fact.sentence.position))


def _next_type(plan: QuestionPlan, chosen: Sequence[Chosen], left: Sequence[Possible]) -> QuestionType | None:
    """The type asked for that is had least so far and can still be made."""
    had = Counter(one.type for one in chosen)
    able = [one for one in plan.types if any(one in possible.types for possible in left)]
    return min(able, key=lambda one: had[one], default=None)


def _repeats(one: Possible, other: Possible) -> bool:
    return (
        one.fact.key == other.fact.key
        or one.fact.sentence.position == other.fact.sentence.position
        or one.answer_words == other.answer_words
        or _tells(one, other)
        or _tells(other, one)
    )


def _tells(one: Possible, other: Possible) -> bool:
    """Whether the statement of one fact holds the answer of the other together with most of what is asked of it."""
    return other.answer_words <= one.words and len(other.asked_words & one.words) >= TELLING * len(other.asked_words)


class _Worth:
    """What a possible question of one type is worth beside those already chosen."""

    def __init__(self, plan: QuestionPlan, chosen: Sequence[Chosen], question_type: QuestionType) -> None:
        self._type = question_type
        self._level = None if plan.difficulty == "mixed" else _LEVEL[Difficulty(plan.difficulty)]
        self._sections = Counter(one.possible.fact.sentence.heading for one in chosen)
        self._kinds = Counter(one.possible.fact.answer.like[0] for one in chosen)

    def __call__(self, one: Possible) -> float:
        fact = one.fact
        worth = fact.weight + one.chance
        worth -= REPEATED_SECTION * self._sections[fact.sentence.heading]
        worth -= REPEATED_KIND * self._kinds[fact.answer.like[0]]
        if self._level is not None:
            worth -= OFF_LEVEL * abs(_LEVEL[difficulty(fact, self._type)] - self._level)
        if self._type is QuestionType.TRUE_FALSE and not one.distractors:
            worth -= ONLY_TRUE
        return worth
