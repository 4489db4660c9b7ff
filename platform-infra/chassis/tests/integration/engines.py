"""Engine functions that misbehave, for the process pool's tests; module-level, since workers import them."""

import os
import time
from pathlib import Path


def add(a: int, b: int) -> int:
    return a + b


def process_id() -> int:
    return os.getpid()


def fail(message: str) -> None:
    raise ValueError(message)


def raise_timeout() -> None:
    raise TimeoutError("the function's own")


def sleep_and_touch(seconds: float, path: str) -> None:
    Path(path).write_text(str(os.getpid()))
    time.sleep(seconds)


def crash() -> None:
    os.abort()


def eat_memory(megabytes: int) -> int:
    blocks = []
    for _ in range(megabytes):
        blocks.append(b"x" * 2**20)
        time.sleep(0.002)
    time.sleep(1)
    return len(blocks)
