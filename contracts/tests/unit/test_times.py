from datetime import UTC, datetime, timedelta, timezone

import pytest

from learning_contracts.times import parse_rfc3339, rfc3339, utc_milliseconds


def test_a_time_is_written_in_utc_with_milliseconds_and_z() -> None:
    berlin = timezone(timedelta(hours=1))
    assert rfc3339(datetime(2026, 1, 31, 10, 30, 0, 123999, tzinfo=berlin)) == "2026-01-31T09:30:00.123Z"
    assert rfc3339(datetime(2026, 1, 31, tzinfo=UTC)) == "2026-01-31T00:00:00.000Z"


def test_a_time_read_is_the_time_written() -> None:
    moment = datetime(2026, 1, 31, 9, 30, 0, 123000, tzinfo=UTC)
    assert parse_rfc3339(rfc3339(moment)) == moment


def test_a_naive_time_is_refused() -> None:
    with pytest.raises(ValueError, match="naive"):
        utc_milliseconds(datetime(2026, 1, 31))
    with pytest.raises(ValueError, match="naive"):
        parse_rfc3339("2026-01-31T09:30:00")


def test_a_time_that_utc_cannot_hold_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="years 1 to 9999"):
        parse_rfc3339("0001-01-01T00:00:00+10:00")
