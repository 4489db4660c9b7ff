"""The quiz itself: options that tell nothing, attempts, and what is refused."""

from collections import Counter
from datetime import UTC, datetime
from random import SystemRandom
from uuid import UUID

import pytest
from chassis.ids import uuid7
from support.scene import ALICE, LECTURE, PLAN

from quiz_service.adapters.extractive import generate_questions
from quiz_service.adapters.similarity import edit_similarity
from quiz_service.domain.errors import InvalidAnswers, NotEnoughContent, QuizNotReady
from quiz_service.domain.questions import Answer, MultipleChoice, QuestionType
from quiz_service.domain.quiz import Attempt, QuestionPlan, Quiz

NOW = datetime(2026, 1, 31, tzinfo=UTC)


def new_quiz(plan: QuestionPlan = PLAN) -> Quiz:
    return Quiz(uuid7(), ALICE, uuid7(), None, plan, NOW)


def made_quiz(plan: QuestionPlan = PLAN) -> Quiz:
    quiz = new_quiz(plan)
    quiz.complete(generate_questions(LECTURE, plan), NOW, uuid7, SystemRandom().shuffle)
    return quiz


def submitted(quiz: Quiz, answers: list[tuple[UUID, Answer]]) -> Attempt:
    return quiz.submit(answers, attempt_id=uuid7(), now=NOW, similarity=edit_similarity)


def right(quiz: Quiz) -> list[tuple[UUID, Answer]]:
    return [(question.stem.question_id, question.correct_answer) for question in quiz.questions]


def test_right_answers_earn_every_point() -> None:
    quiz = made_quiz()
    attempt = submitted(quiz, right(quiz))
    assert attempt.score == attempt.max_score == sum(question.stem.points for question in quiz.questions)
    assert (attempt.percentage, quiz.best_percentage, quiz.attempts) == (100.0, 100.0, 1)
    assert all(answer.is_correct for answer in attempt.answers)


def test_questions_left_out_are_wrong_and_the_best_attempt_counts() -> None:
    quiz = made_quiz()
    submitted(quiz, right(quiz))
    attempt = submitted(quiz, [])
    assert (attempt.number, attempt.score) == (2, 0)
    assert {answer.feedback for answer in attempt.answers} == {"Not answered."}
    assert (quiz.best_percentage, quiz.attempts) == (100.0, 2)


def test_a_wrong_choice_is_told_the_answer_and_where_the_chosen_option_belongs() -> None:
    quiz = made_quiz(QuestionPlan(3, (QuestionType.MULTIPLE_CHOICE,), "mixed", 1))
    question = quiz.questions[0]
    assert isinstance(question, MultipleChoice)
    wrong = next(option for option in question.options if not option.is_correct)
    graded = submitted(quiz, [(question.stem.question_id, str(wrong.option_id))]).answers[0]
    assert question.correct_option.text in graded.feedback
    assert wrong.note in graded.feedback


def test_an_unknown_and_a_doubled_question_are_refused_by_name() -> None:
    quiz = made_quiz()
    stranger, (known, answer) = uuid7(), right(quiz)[0]
    with pytest.raises(InvalidAnswers) as refusal:
        submitted(quiz, [(known, answer), (stranger, True), (known, answer)])
    assert [error.pointer for error in refusal.value.errors] == ["/answers/1/question_id", "/answers/2/question_id"]
    assert str(stranger) in refusal.value.detail
    assert str(known) in refusal.value.detail
    assert quiz.attempts == 0


@pytest.mark.parametrize(
    ("question_type", "answer"),
    [
        (QuestionType.MULTIPLE_CHOICE, True),
        (QuestionType.MULTIPLE_CHOICE, "not an option"),
        (QuestionType.TRUE_FALSE, "true"),
        (QuestionType.SHORT_ANSWER, False),
    ],
)
def test_an_answer_of_the_wrong_form_is_refused_by_name(question_type: QuestionType, answer: Answer) -> None:
    quiz = made_quiz(QuestionPlan(3, (question_type,), "mixed", 1))
    with pytest.raises(InvalidAnswers) as refusal:
        submitted(quiz, [*right(quiz)[:1], (quiz.questions[1].stem.question_id, answer)])
    assert [error.pointer for error in refusal.value.errors] == ["/answers/1/answer"]


def test_a_quiz_that_is_not_made_takes_no_answers() -> None:
    quiz = new_quiz()
    with pytest.raises(QuizNotReady) as waiting:
        submitted(quiz, [])
    assert waiting.value.retry_after_seconds is not None
    quiz.fail(NotEnoughContent().reason(), NOW)
    with pytest.raises(QuizNotReady) as failed:
        submitted(quiz, [])
    assert failed.value.retry_after_seconds is None


def test_neither_order_nor_id_of_the_options_tells_the_answer() -> None:
    plan = QuestionPlan(10, (QuestionType.MULTIPLE_CHOICE,), "mixed", 1)
    generated = generate_questions(LECTURE, plan)
    places: Counter[int] = Counter()
    for _ in range(60):
        quiz = new_quiz(plan)
        quiz.complete(generated, NOW, uuid7, SystemRandom().shuffle)
        for question in quiz.questions:
            assert isinstance(question, MultipleChoice)
            ids = [option.option_id for option in question.options]
            assert ids == sorted(ids)  # handed out after shuffling
            places[ids.index(question.correct_option.option_id)] += 1
    assert set(places) == {0, 1, 2, 3}
    assert min(places.values()) > places.total() / 8


def test_every_change_a_reader_can_see_raises_the_revision() -> None:
    quiz = new_quiz()
    seen = [quiz.revision]
    assert quiz.name_after("Cells")
    seen.append(quiz.revision)
    assert not quiz.name_after("Other")
    quiz.complete(generate_questions(LECTURE, PLAN), NOW, uuid7, SystemRandom().shuffle)
    seen.append(quiz.revision)
    assert seen == sorted(set(seen))
