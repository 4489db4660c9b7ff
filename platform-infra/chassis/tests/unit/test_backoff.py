"""Waiting longer each time, within bounds, never in step."""

from chassis.backoff import Backoff


def test_the_wait_doubles_up_to_the_bound_with_jitter() -> None:
    backoff = Backoff(first_seconds=1.0, most_seconds=60.0)
    for failures, longest in ((1, 1.0), (2, 2.0), (4, 8.0), (7, 60.0), (50, 60.0)):
        waits = {backoff.seconds(failures) for _ in range(100)}
        assert all(longest / 2 <= wait <= longest for wait in waits)
        assert len(waits) > 1


def test_an_outage_of_days_does_not_overflow() -> None:
    assert Backoff(0.5, 30.0).seconds(1_000_000) <= 30.0
