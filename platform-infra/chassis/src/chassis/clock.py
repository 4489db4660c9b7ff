"""Time as the platform writes it: aware, UTC, whole milliseconds."""

from datetime import UTC, datetime


def utc_now() -> datetime:
    """Now, cut to milliseconds, so that what was stored equals what was shown."""
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


def rfc3339(moment: datetime) -> str:
    """`2026-01-31T09:30:00.123Z`. Raises ValueError for a naive time: guessing its zone would be wrong."""
    if moment.tzinfo is None:
        raise ValueError("a naive datetime has no place on a time line")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"
