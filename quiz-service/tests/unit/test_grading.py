"""Written answers: what is right, what is partly right, and what a learner is told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quiz_service.adapters.similarity import edit_similarity
from quiz_service.domain.grading import Grade, grade_text, normalise


def grade(given_answer: str, *accepted: str) -> Grade:
    return grade_text(given_answer, accepted, edit_similarity)


@pytest.mark.parametrize(
    ("given_answer", "accepted"),
    [
        ("Photosynthesis", "photosynthesis"),
        ("  the   NUCLEUS. ", "nucleus"),
        ("Dupre", "Dupré"),
        ("twelve", "12"),
        ("12", "twelve"),
        ("10,000", "10000"),
        ("in 1789", "1789"),
        ("the power plant of the cell", "power plant of the cell"),
        ("Battle of Waterloo", "Waterloo, battle of"),
        ("mitochondira", "mitochondria"),
        ("photosyntesis", "photosynthesis"),
        ("It is called osmosis", "osmosis"),
    ],
)
def test_the_same_answer_written_otherwise_is_right(given_answer: str, accepted: str) -> None:
    assert grade(given_answer, accepted).is_correct


@pytest.mark.parametrize(
    ("given_answer", "accepted"),
    [
        ("1788", "1789"),
        ("14 July 1790", "14 July 1789"),
        ("mitosis", "meiosis"),
        ("not osmosis", "osmosis"),
        ("osmosis mitosis meiosis diffusion digestion", "osmosis"),
        ("cat", "car"),
        ("", "osmosis"),
        ("  ?! ", "osmosis"),
        ("of the", "University of Paris"),
        ("1789 or 1790", "1789"),
    ],
)
def test_another_answer_is_wrong_and_the_right_one_is_told(given_answer: str, accepted: str) -> None:
    result = grade(given_answer, accepted)
    assert result.fraction == 0
    assert accepted in result.feedback


def test_half_of_the_words_earn_half_of_the_points_and_the_missing_ones_are_named() -> None:
    result = grade("respiration", "cellular respiration")
    assert result.fraction == 0.5
    assert "“cellular” is missing" in result.feedback


def test_a_slip_of_the_pen_is_forgiven_and_corrected() -> None:
    assert grade("Robespiere", "Maximilien Robespierre", "Robespierre").feedback.startswith("Right. It is spelt")


def test_any_accepted_variant_is_right() -> None:
    assert grade("DNA", "deoxyribonucleic acid", "DNA").is_correct


@given(st.text(max_size=60), st.text(min_size=1, max_size=30).filter(normalise))
def test_grading_never_fails_and_gives_one_of_three_grades(given_answer: str, accepted: str) -> None:
    first, second = grade(given_answer, accepted), grade(given_answer, accepted)
    assert first == second
    assert first.fraction in (0.0, 0.5, 1.0)
    assert first.feedback


@given(st.text(min_size=1, max_size=30).filter(normalise))
def test_the_answer_itself_is_always_right(answer: str) -> None:
    assert grade(answer, answer).is_correct
