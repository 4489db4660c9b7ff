"""Running components in a test."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from chassis.runtime import Component

STOP_SECONDS = 30.0


@asynccontextmanager
async def running(*components: Component) -> AsyncIterator[asyncio.Event]:
    """Run components for the block and stop them after it; one that failed raises here. Yields the stop event."""
    stop = asyncio.Event()
    tasks = [asyncio.create_task(component.run(stop)) for component in components]
    try:
        yield stop
    finally:
        stop.set()
        async with asyncio.timeout(STOP_SECONDS):
            await asyncio.gather(*tasks)
