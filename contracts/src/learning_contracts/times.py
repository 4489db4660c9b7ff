"""Times as events carry them: RFC 3339, UTC, milliseconds, `Z`. A naive time is refused, never guessed."""

from datetime import UTC, datetime


def utc_milliseconds(moment: datetime) -> datetime:
    """The same moment in UTC, cut to milliseconds, so that what is sent equals what is received.

    Raises ValueError for a naive datetime.
    """
    if moment.utcoffset() is None:
        raise ValueError(f"naive datetime {moment.isoformat()}: its time zone is missing")
    try:
        moment = moment.astimezone(UTC)
    except OverflowError:
        raise ValueError(f"{moment.isoformat()} lies outside the years 1 to 9999 in UTC") from None
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def rfc3339(moment: datetime) -> str:
    """`2026-01-31T09:30:00.123Z`. Raises ValueError for a naive datetime."""
    return utc_milliseconds(moment).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parse_rfc3339(text: str) -> datetime:
    """An aware datetime. Raises ValueError for anything else, also for a time without an offset."""
    return utc_milliseconds(datetime.fromisoformat(text))
