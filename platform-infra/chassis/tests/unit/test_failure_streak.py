"""The count of failures in a row: what stops a consumer, and what it takes over from its predecessor."""

import pytest

from chassis.kafka.errors import TooManyFailures
from chassis.kafka.failure_streak import FailureStreak

FAULT = ZeroDivisionError("a bug")


def after(failures: int, limit: int = 5) -> FailureStreak:
    streak = FailureStreak(limit)
    for _ in range(failures):
        streak.failed(FAULT)
    return streak


def test_the_last_of_so_many_failures_is_refused_and_names_the_fault() -> None:
    with pytest.raises(TooManyFailures, match=r"5 messages failed in a row.*a bug"):
        after(5)


def test_a_success_ends_the_streak() -> None:
    streak = after(4)
    streak.succeeded()
    streak.failed(FAULT)
    assert streak.note == after(1).note


def test_a_successor_goes_on_counting_where_the_highest_note_stopped() -> None:
    successor = FailureStreak(5)
    successor.resume([after(1).note, None, "", after(4).note, "somebody else's note"])
    with pytest.raises(TooManyFailures):
        successor.failed(FAULT)


def test_one_that_works_takes_over_no_count() -> None:
    working = FailureStreak(5)
    working.succeeded()
    working.resume([after(4).note])
    working.failed(FAULT)
    assert working.note == after(1).note


def test_without_failures_nothing_is_noted_and_nothing_is_resumed() -> None:
    streak = after(0)
    assert streak.note == ""
    streak.resume([])
    streak.failed(FAULT)
