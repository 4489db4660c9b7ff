"""Changes take a moment to reach the brokers: a command returns when the one that it asks shows what was changed.

Another broker may show it a moment later, so whoever checks at once in a new connection may have to look twice.
"""

import time
from collections.abc import Callable
from typing import TypeVar

SETTLE_SECONDS = 10.0
LOOK_SECONDS = 0.2

State = TypeVar("State")


def look_until(look: Callable[[], State], settled: Callable[[State], bool]) -> State:
    """What was seen last: settled, or not after so long."""
    deadline = time.monotonic() + SETTLE_SECONDS
    while not settled(state := look()) and time.monotonic() < deadline:
        time.sleep(LOOK_SECONDS)
    return state
