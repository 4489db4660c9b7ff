"""The embedded question engine: from a text to questions without a model, by asking only for what the text states."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from random import Random, SystemRandom

from quiz_service.adapters.extractive.clozes import candidate, cloze_facts, spans
from quiz_service.adapters.extractive.definitions import (
    Definition,
    acronym_facts,
    definition_facts,
    definitions,
    meaning_candidate,
    term_candidate,
)
from quiz_service.adapters.extractive.distractors import Material as Candidates
from quiz_service.adapters.extractive.drafting import draft
from quiz_service.adapters.extractive.excerpts import excerpt
from quiz_service.adapters.extractive.facts import Candidate, Fact
from quiz_service.adapters.extractive.language import reads_as_english
from quiz_service.adapters.extractive.lists import enumerations, list_facts
from quiz_service.adapters.extractive.selection import Chosen, possible_questions, select
from quiz_service.adapters.extractive.sentences import Sentence, frequency, sentences, stands_alone
from quiz_service.adapters.extractive.spans import Names
from quiz_service.adapters.extractive.tables import table_facts
from quiz_service.domain.errors import NotEnoughContent
from quiz_service.domain.material import Material
from quiz_service.domain.questions import QuestionDraft, QuestionType
from quiz_service.domain.quiz import GeneratedQuiz, QuestionPlan, Shortfall

ENGINE = "extractive"
NOTED = 0.8
LOOKED_AT = 200


def generate_questions(material: Material, plan: QuestionPlan) -> GeneratedQuiz:
    """As many sound questions as asked for, or fewer with the shortfall said.

    Pure and picklable, for a process pool. The same seed chooses the same questions of the same material; how the
    options are ordered is not decided here. Raises NotEnoughContent where there is not one.
    """
    material = excerpt(material)
    if not reads_as_english(material.language, (block.text for block in material.blocks[:LOOKED_AT])):
        language = material.language or "this"
        raise NotEnoughContent(f"The embedded question engine does not ask in the language “{language}”.")
    rng: Random = SystemRandom() if plan.seed is None else Random(plan.seed)
    facts, candidates = _read(material)
    chosen = select(possible_questions(facts, candidates, plan, rng), plan)
    if not chosen:
        raise NotEnoughContent("The text states nothing that a question of the types asked for could be made of.")
    questions = tuple(_drafted(chosen, rng))
    return GeneratedQuiz(questions, _shortfall(plan, len(questions)), ENGINE)


def _read(material: Material) -> tuple[list[Fact], Candidates]:
    every = tuple(sentences(material))
    names = Names(sentence.text for sentence in every)
    terms = definitions(every, material.notes, names)
    facts = [_weighed(fact, material) for fact in _facts(material, every, names, terms)]
    candidates = Candidates(_candidates(facts, every, names, terms), every)
    return facts, candidates


def _facts(material: Material, every: Sequence[Sentence], names: Names, terms: dict[str, Definition]) -> Iterator[Fact]:
    for definition in terms.values():
        yield from definition_facts(definition)
    yield from acronym_facts(every)
    yield from table_facts(material)
    for number, enumeration in enumerate(enumerations(material, every, names)):
        yield from list_facts(enumeration, number)
    frequent = frequency(every)
    for sentence in every:
        if stands_alone(sentence.text):
            yield from cloze_facts(sentence, names, terms, frequent)


def _candidates(
    facts: Sequence[Fact], every: Sequence[Sentence], names: Names, terms: dict[str, Definition]
) -> Iterator[Candidate]:
    for definition in terms.values():
        yield term_candidate(definition)
        yield meaning_candidate(definition)
    yield from (fact.answer for fact in facts)
    for sentence in every:
        for span in spans(sentence.text, names, {}):
            yield candidate(span, sentence)


def _weighed(fact: Fact, material: Material) -> Fact:
    """What the notes found worth saying is worth asking."""
    quotes = (quote for note in material.notes for quote in note.quotes)
    noted = any(quote.block == fact.sentence.block and fact.sentence.quote in quote.text for quote in quotes)
    return replace(fact, weight=fact.weight + NOTED) if noted else fact


def _drafted(chosen: Sequence[Chosen], rng: Random) -> Iterator[QuestionDraft]:
    statements = sum(one.type is QuestionType.TRUE_FALSE for one in chosen)
    truths = [number % 2 == 0 for number in range(statements)]
    if statements % 2:
        truths[-1] = rng.random() < 0.5
    rng.shuffle(truths)
    for one in chosen:
        says_true = truths.pop() if one.type is QuestionType.TRUE_FALSE else True
        yield draft(one.possible.fact, one.type, one.possible.distractors, says_true, rng)


def _shortfall(plan: QuestionPlan, made: int) -> Shortfall | None:
    if made == plan.count:
        return None
    return Shortfall(plan.count, made, "The text does not state more facts that make sound, separate questions.")
