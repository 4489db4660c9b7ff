"""How many messages went to the dead letters in a row, carried over restarts by the committed offsets.

In memory alone, a consumer that its supervisor starts again and again would bury as many at each start, and a bad
deploy would empty the topic after all. Nothing is held back for it: a lone poison message is buried at once.
"""

from collections.abc import Iterable

from chassis.kafka.errors import TooManyFailures

_NOTE = "failures-in-a-row="


class FailureStreak:
    """Of one consumer, over all its partitions; `limit` in a row without a success between them stop it."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._count = 0
        self._has_succeeded = False

    def succeeded(self) -> None:
        """A handler did its work: the fault is not here."""
        self._count = 0
        self._has_succeeded = True

    def failed(self, error: Exception) -> None:
        """Before each burial; raises TooManyFailures instead of allowing the last one."""
        if self._count + 1 >= self._limit:
            raise TooManyFailures(f"{self._count + 1} messages failed in a row, the last: {error!r}") from error
        self._count += 1

    @property
    def note(self) -> str:
        """To be committed with an offset."""
        return f"{_NOTE}{self._count}" if self._count else ""

    def resume(self, notes: Iterable[str | None]) -> None:
        """Take up the count that was committed by whoever had these partitions before, unless all is well here."""
        if not self._has_succeeded:
            self._count = max([self._count, *map(_count_in, notes)])


def _count_in(note: str | None) -> int:
    digits = (note or "").removeprefix(_NOTE)
    return int(digits) if digits.isascii() and digits.isdigit() else 0
