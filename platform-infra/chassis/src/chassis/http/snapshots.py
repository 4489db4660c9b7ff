"""The status of a job as clients follow it: waited for (`Prefer: wait`) or streamed (server-sent events)."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A status document (JSON-ready), the revision that grows with every change, and whether it is the last."""

    revision: int
    data: Mapping[str, Any]
    final: bool


Fetch = Callable[[], Awaitable[Snapshot | None]]
"""Reads the current snapshot of one object of this caller; None when there is none (any more)."""


class Wakeup(Protocol):
    """Tells that something may have changed, so that a change is seen before the next poll."""

    async def wait(self, timeout_seconds: float) -> object:
        """Return on a change or after the time-out, whichever comes first; both are answered by a fetch."""
        ...


Subscription = AbstractContextManager[Wakeup]
"""Entered for as long as someone waits, e.g. `wakeups.subscribe(CHANGES, str(thing_id))`."""


async def pause_for(seconds: float, wakeup: Wakeup | None) -> None:
    """Sleep, or less if woken."""
    if wakeup is None:
        await asyncio.sleep(seconds)
    else:
        await wakeup.wait(seconds)
