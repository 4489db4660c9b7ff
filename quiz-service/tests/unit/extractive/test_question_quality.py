"""What holds for every question of every quiz, whatever the lecture and the seed."""

import pickle
import re
from collections import Counter
from functools import cache

import pytest
from support.lectures import lecture

from quiz_service.adapters.extractive import generate_questions
from quiz_service.domain.grading import normalise
from quiz_service.domain.questions import QuestionDraft, QuestionType
from quiz_service.domain.quiz import AskedDifficulty, GeneratedQuiz, QuestionPlan

LECTURES = ("cells", "revolution", "networks")
EVERY_TYPE = tuple(QuestionType)
CASES = [(name, seed, count) for name in LECTURES for seed, count in ((1, 10), (2, 50))]

everywhere = pytest.mark.parametrize(("name", "seed", "count"), CASES)


@cache
def quiz(
    name: str,
    seed: int | None,
    count: int = 10,
    types: tuple[QuestionType, ...] = EVERY_TYPE,
    difficulty: AskedDifficulty = "mixed",
) -> GeneratedQuiz:
    return generate_questions(lecture(name), QuestionPlan(count, types, difficulty, seed))


def of_type(made: GeneratedQuiz, question_type: QuestionType) -> list[QuestionDraft]:
    return [question for question in made.questions if question.type is question_type]


@everywhere
def test_the_quote_stands_verbatim_in_its_block_on_its_page(name: str, seed: int, count: int) -> None:
    blocks = {block.index: block for block in lecture(name).blocks}
    for question in quiz(name, seed, count).questions:
        block = blocks[question.source.block]
        assert question.source.quote in block.text
        assert question.source.page == block.page


@everywhere
def test_a_question_does_not_hold_its_answer(name: str, seed: int, count: int) -> None:
    for question in quiz(name, seed, count).questions:
        if isinstance(question.answer, str):
            answer, prompt = normalise(question.answer), normalise(question.prompt)
            assert not set(answer) <= set(prompt), question.prompt


@everywhere
def test_a_choice_has_one_right_option_and_three_others_that_say_something_else(
    name: str, seed: int, count: int
) -> None:
    for question in of_type(quiz(name, seed, count), QuestionType.MULTIPLE_CHOICE):
        texts = [normalise(option.text) for option in question.options]
        assert len(texts) == 4
        assert sum(option.is_correct for option in question.options) == 1
        for number, text in enumerate(texts):
            for other in texts[number + 1 :]:
                assert not set(text) <= set(other), question.options
                assert not set(other) <= set(text), question.options


@everywhere
def test_no_wrong_option_stands_with_the_fact_in_the_material(name: str, seed: int, count: int) -> None:
    for question in of_type(quiz(name, seed, count), QuestionType.MULTIPLE_CHOICE):
        for option in question.options:
            if not option.is_correct and "table" not in question.prompt:
                assert normalise(option.text) != normalise(question.source.quote)
                assert option.text not in question.source.quote, question


@everywhere
def test_no_two_questions_rest_on_the_same_sentence_or_have_the_same_answer(name: str, seed: int, count: int) -> None:
    questions = quiz(name, seed, count).questions
    assert max(Counter(question.source.quote for question in questions).values()) == 1
    assert len({question.prompt for question in questions}) == len(questions)
    answers = Counter(normalise(question.answer) for question in questions if isinstance(question.answer, str))
    assert max(answers.values()) == 1


@everywhere
def test_a_prompt_reads_on_its_own(name: str, seed: int, count: int) -> None:
    for question in quiz(name, seed, count).questions:
        prompt = re.sub(r"^(?:True or false\? )?(?:About “[^”]*”: )?", "", question.prompt)
        assert not re.match(r"(?:It|They|This|These|He|She|However|Therefore)\b", prompt), prompt
        assert not re.search(
            r"\b(?:the following|see (?:figure|table)|as we|mentioned above|the former|the latter)\b", prompt, re.I
        )
        assert prompt[0].isupper() or prompt[0] in "“_", prompt
        assert re.search(r"[.?”]$", prompt), prompt
        assert "  " not in prompt
        assert not re.search(r"\b(\w+) \1\b", prompt), prompt


@everywhere
def test_what_fills_the_blank_fits_it(name: str, seed: int, count: int) -> None:
    for question in quiz(name, seed, count).questions:
        if "_____" in question.prompt:
            assert question.prompt.count("_____") == 1
            assert not re.search(r"\ban? _____", question.prompt)
            filled = re.search(r"“(.*)”", question.prompt)
            assert filled is not None
            texts = [option.text for option in question.options] or [str(question.answer)]
            for text in texts:
                assert not re.search(r"\bthe the\b|\b(\w+) \1\b", filled[1].replace("_____", text), re.IGNORECASE)


@everywhere
def test_every_question_is_explained_and_every_wrong_option_too(name: str, seed: int, count: int) -> None:
    for question in quiz(name, seed, count).questions:
        assert question.explanation.endswith(".")
        assert all(option.is_correct or option.note for option in question.options)


@pytest.mark.parametrize("name", LECTURES)
@pytest.mark.parametrize("types", [EVERY_TYPE, EVERY_TYPE[:1], EVERY_TYPE[1:2], EVERY_TYPE[2:], EVERY_TYPE[1:]])
def test_the_types_asked_for_come_in_equal_shares(name: str, types: tuple[QuestionType, ...]) -> None:
    made = Counter(question.type for question in quiz(name, 1, 12, types).questions)
    assert set(made) == set(types)
    assert max(made.values()) - min(made.values()) <= 1
    assert made.total() == 12


@pytest.mark.parametrize("name", LECTURES)
def test_true_and_false_statements_are_of_like_number(name: str) -> None:
    for seed in range(3):
        statements = quiz(name, seed, 10, (QuestionType.TRUE_FALSE,)).questions
        true = sum(statement.answer is True for statement in statements)
        assert 4 <= true <= 7
        for statement in statements:
            assert statement.explanation.startswith("True." if statement.answer else "False.")


@pytest.mark.parametrize("difficulty", ["easy", "medium", "hard"])
def test_questions_have_the_difficulty_asked_for_as_far_as_the_text_carries_it(difficulty: AskedDifficulty) -> None:
    for name in LECTURES:
        made = quiz(name, 1, 6, EVERY_TYPE[:2] if difficulty == "easy" else EVERY_TYPE, difficulty)
        met = sum(question.difficulty == difficulty for question in made.questions)
        assert met >= 4, (name, [question.difficulty for question in made.questions])


def test_the_same_seed_chooses_the_same_questions_and_another_seed_others() -> None:
    plan = QuestionPlan(10, EVERY_TYPE, "mixed", 7)
    first, second = (generate_questions(lecture("cells"), plan) for _ in range(2))
    assert first == second
    assert {one.prompt for one in quiz("cells", 7).questions} != {one.prompt for one in quiz("cells", 8).questions}


def test_without_a_seed_questions_are_chosen_by_chance() -> None:
    plan = QuestionPlan(10, EVERY_TYPE, "mixed", None)
    made = {tuple(one.prompt for one in generate_questions(lecture("cells"), plan).questions) for _ in range(3)}
    assert len(made) > 1


def test_fewer_questions_are_made_rather_than_bad_ones() -> None:
    made = quiz("networks", 1, 50)
    assert made.shortfall is not None
    assert (made.shortfall.asked, made.shortfall.made) == (50, len(made.questions))
    assert 20 <= len(made.questions) < 50


def test_engine_and_results_can_be_sent_to_another_process() -> None:
    made = quiz("cells", 1)
    assert pickle.loads(pickle.dumps(made)) == made
    assert pickle.loads(pickle.dumps(generate_questions)) is generate_questions
