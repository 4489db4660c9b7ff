"""Waiting for what happens elsewhere: in another task, process or server."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")


async def eventually(condition: Callable[[], T | Awaitable[T]], timeout_seconds: float = 15.0) -> T:
    """The first true value of the condition; AssertionError after the time-out."""
    deadline = asyncio.get_running_loop().time() + timeout_seconds
    while True:
        found = condition()
        value = await found if inspect.isawaitable(found) else found
        if value:
            return value
        assert asyncio.get_running_loop().time() < deadline, f"not within {timeout_seconds:g} s"
        await asyncio.sleep(0.02)
