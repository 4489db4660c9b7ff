"""Times are aware, in UTC and in whole milliseconds."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from chassis.clock import rfc3339, utc_now


def test_now_is_aware_and_has_no_fraction_of_a_millisecond() -> None:
    assert all(utc_now().microsecond % 1000 == 0 for _ in range(100))
    assert abs(utc_now() - datetime.now(UTC)) < timedelta(seconds=5)


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (datetime(2026, 1, 31, 9, 30, 0, 123456, UTC), "2026-01-31T09:30:00.123Z"),
        (datetime(2026, 1, 31, 9, 30, tzinfo=UTC), "2026-01-31T09:30:00.000Z"),
        (datetime(2026, 1, 31, 1, 0, tzinfo=timezone(timedelta(hours=2))), "2026-01-30T23:00:00.000Z"),
    ],
)
def test_a_time_is_written_in_utc_with_milliseconds(moment, text) -> None:
    assert rfc3339(moment) == text


def test_a_naive_time_is_refused() -> None:
    with pytest.raises(ValueError, match="naive"):
        rfc3339(datetime(2026, 1, 31))
