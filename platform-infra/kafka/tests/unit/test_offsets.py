"""How far behind a group is, and where it goes when it goes back."""

import pytest

from learning_kafka.offsets import Move, Position, TopicLag, by_topic, moves


def at(committed: int | None, *, start: int = 0, end: int = 100, partition: int = 0) -> Position:
    return Position("quiz.requested", partition, committed, start, end)


@pytest.mark.parametrize(
    ("position", "lag"), [(at(100), 0), (at(40), 60), (at(None, start=10), 90), (at(None, start=0, end=0), 0)]
)
def test_lag_counts_what_is_still_to_be_read(position: Position, lag: int) -> None:
    assert position.lag == lag


def test_what_retention_deleted_unread_is_lost_and_not_waiting() -> None:
    position = at(20, start=50)
    assert (position.lag, position.lost) == (50, 30)


def test_a_group_that_never_read_has_lost_nothing_that_it_could_know_of() -> None:
    assert at(None, start=50).lost == 0


def test_a_topics_lag_is_the_sum_over_its_partitions() -> None:
    assert by_topic([at(90, partition=0), at(80, partition=1)]) == [TopicLag("quiz.requested", 2, 30, 0)]


def test_a_group_goes_back_to_the_first_message_since_the_time() -> None:
    [move] = moves([at(80)], {("quiz.requested", 0): 30})
    assert move == Move("quiz.requested", 0, committed=80, target=30)
    assert move.messages == 50


@pytest.mark.parametrize("first", [80, 95, None])
def test_a_group_never_goes_forward_and_so_skips_nothing(first: int | None) -> None:
    assert moves([at(80)], {("quiz.requested", 0): first}) == []


def test_a_group_without_a_position_begins_at_the_oldest_message_anyway() -> None:
    assert moves([at(None)], {("quiz.requested", 0): 0}) == []


def test_partitions_go_back_each_by_itself() -> None:
    since = {("quiz.requested", 0): 10, ("quiz.requested", 1): 70}
    found = moves([at(20, partition=0), at(60, partition=1)], since)
    assert [(move.partition, move.target) for move in found] == [(0, 10)]
