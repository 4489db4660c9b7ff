"""A question of a given type about a fact, or None where it would not be a sound one.

Difficulty: the fact's depth (0 a definition, 1 a name or member, 2 a detail such as a number), one more where the
answer must be written, one less where it is only true or false. 0 and below is easy, 1 medium, 2 and above hard.
"""

from collections.abc import Sequence
from random import Random

from quiz_service.adapters.extractive.distractors import DISTRACTORS
from quiz_service.adapters.extractive.facts import Candidate, Fact, capitalised
from quiz_service.adapters.extractive.language import stems, words_of
from quiz_service.domain.questions import Difficulty, OptionDraft, QuestionDraft, QuestionType, Source
from quiz_service.domain.vocabulary import NUMBER_WORDS

_EFFORT = {QuestionType.TRUE_FALSE: -1, QuestionType.MULTIPLE_CHOICE: 0, QuestionType.SHORT_ANSWER: 1}
MAX_SHORT_ANSWER_WORDS = 5


def difficulty(fact: Fact, question_type: QuestionType) -> Difficulty:
    demand = fact.depth + _EFFORT[question_type]
    return Difficulty.EASY if demand <= 0 else Difficulty.MEDIUM if demand == 1 else Difficulty.HARD


def possible_types(fact: Fact, distractors: Sequence[Candidate]) -> frozenset[QuestionType]:
    """The types of question that can be asked about the fact."""
    types = set(fact.types)
    if len(distractors) < DISTRACTORS or not stems(fact.answer.text) - stems(fact.choose):
        types.discard(QuestionType.MULTIPLE_CHOICE)
    if not fact.ask or len(fact.answer.text.split()) > MAX_SHORT_ANSWER_WORDS or _gives_away(fact.ask, fact):
        types.discard(QuestionType.SHORT_ANSWER)
    return frozenset(types)


def _gives_away(question: str, fact: Fact) -> bool:
    """Whether the question holds a part of what is to be written."""
    answer, asked = words_of(fact.answer.text), set(words_of(question))
    return bool(stems(fact.answer.text) & stems(question)) or all(word in asked for word in answer)


def draft(
    fact: Fact, question_type: QuestionType, distractors: Sequence[Candidate], says_true: bool, rng: Random
) -> QuestionDraft:
    match question_type:
        case QuestionType.MULTIPLE_CHOICE:
            return _multiple_choice(fact, distractors, rng)
        case QuestionType.TRUE_FALSE:
            return _true_false(fact, distractors, says_true, rng)
        case QuestionType.SHORT_ANSWER:
            return _short_answer(fact)


def _multiple_choice(fact: Fact, distractors: Sequence[Candidate], rng: Random) -> QuestionDraft:
    options = (
        OptionDraft(capitalised(fact.answer.text), is_correct=True),
        *(
            OptionDraft(capitalised(_like_the_answer(one, fact)), False, _where_it_belongs(one))
            for one in rng.sample(distractors, DISTRACTORS)
        ),
    )
    return QuestionDraft(
        QuestionType.MULTIPLE_CHOICE,
        fact.context + fact.choose,
        capitalised(fact.answer.text),
        fact.statement,
        _source(fact),
        difficulty(fact, QuestionType.MULTIPLE_CHOICE),
        options=options,
    )


def _true_false(fact: Fact, distractors: Sequence[Candidate], says_true: bool, rng: Random) -> QuestionDraft:
    if says_true or not distractors:
        prompt, is_true, explanation = fact.statement, True, f"True. {fact.statement}"
    else:
        other = rng.choice(distractors)
        prompt, is_true = fact.assertion(other.phrase or _like_the_answer(other, fact)), False
        explanation = f"False. {fact.statement}"
    return QuestionDraft(
        QuestionType.TRUE_FALSE,
        f"True or false? {fact.context}{prompt}",
        is_true,
        explanation,
        _source(fact),
        difficulty(fact, QuestionType.TRUE_FALSE),
    )


def _short_answer(fact: Fact) -> QuestionDraft:
    return QuestionDraft(
        QuestionType.SHORT_ANSWER,
        fact.context + fact.ask,
        fact.answer.text,
        fact.statement,
        _source(fact),
        difficulty(fact, QuestionType.SHORT_ANSWER),
        accepted=fact.accepted,
    )


def _source(fact: Fact) -> Source:
    return Source(fact.sentence.page, fact.sentence.block, fact.sentence.quote)


def _where_it_belongs(distractor: Candidate) -> str:
    return f"“{capitalised(distractor.text)}” belongs elsewhere: “{distractor.sentence.text}”"


def _like_the_answer(candidate: Candidate, fact: Fact) -> str:
    """A small number in words where the answer is one, in digits where it is not."""
    value = candidate.value
    if value is None or fact.answer.like[0] != "number" or not value.is_integer() or not 0 <= value < len(NUMBER_WORDS):
        return candidate.text
    return NUMBER_WORDS[int(value)] if fact.answer.text in NUMBER_WORDS else str(int(value))
