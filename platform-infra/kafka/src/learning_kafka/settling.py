"""Changes take a moment to reach every broker: a command returns when what it changed can be seen."""

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
