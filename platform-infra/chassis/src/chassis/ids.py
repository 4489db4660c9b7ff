"""Identifiers made in Python: UUIDv7 (RFC 9562), so that keys sort by the time of their making."""

import os
import threading
import time
from uuid import UUID

_RANDOM_BITS = 74
_lock = threading.Lock()
_last = 0


def uuid7() -> UUID:
    """A UUIDv7; within one process each is greater than the one before, also within a millisecond."""
    global _last
    random_bits = int.from_bytes(os.urandom(10), "big") & ((1 << _RANDOM_BITS) - 1)
    candidate = (time.time_ns() // 1_000_000) << _RANDOM_BITS | random_bits
    with _lock:
        # Same millisecond (or a clock set back): go on from the last one instead of a fresh random part.
        _last = candidate if candidate > _last else _last + 1
        ordered = _last
    milliseconds, tail = ordered >> _RANDOM_BITS, ordered & ((1 << _RANDOM_BITS) - 1)
    rand_a, rand_b = tail >> 62, tail & ((1 << 62) - 1)
    return UUID(int=milliseconds << 80 | 0x7 << 76 | rand_a << 64 | 0b10 << 62 | rand_b)


def new_event_id() -> str:
    """The id of an event; readers treat it as opaque."""
    return str(uuid7())
