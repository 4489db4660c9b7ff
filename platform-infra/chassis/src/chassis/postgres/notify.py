"""Wake-ups between processes: one LISTEN connection per process fans out to whoever waits.

A notification only saves time: every waiter looks again after its own time-out, so a lost one loses nothing.
"""

import asyncio
import contextlib
from collections.abc import Iterator

import psycopg
import structlog

from chassis.postgres.pool import Connection, connect

OUTBOX = "chassis_outbox"
JOBS = "chassis_jobs"
JOBS_CANCELLED = "chassis_jobs_cancelled"
CHANGES = "chassis_changes"
CHANNELS = (OUTBOX, JOBS, JOBS_CANCELLED, CHANGES)

POLL_SECONDS = 1.0
RECONNECT_SECONDS = 1.0

log = structlog.get_logger(__name__)


async def send(connection: Connection, channel: str, payload: str = "") -> None:
    """Notify at the commit of the connection's transaction; equal notifications of one transaction are one."""
    await connection.execute("SELECT pg_notify(%s, %s)", (channel, payload))


class Wakeup:
    """What one waiter waits on. A notification that came before `wait` is not lost."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    async def wait(self, timeout_seconds: float = POLL_SECONDS) -> bool:
        """True when woken, False after the time-out; either way: look again."""
        try:
            async with asyncio.timeout(timeout_seconds):
                await self._event.wait()
        except TimeoutError:
            return False
        self._event.clear()
        return True

    def wake(self) -> None:
        self._event.set()


class Wakeups:
    """A component (`run(stop)`) that listens; `subscribe` works also before it runs and while it is disconnected."""

    name = "wakeups"

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._waiting: dict[tuple[str, str | None], set[Wakeup]] = {}

    @classmethod
    def silent(cls) -> "Wakeups":
        """One that never wakes: whoever waits on it polls. For tests and one-off commands; it is not run."""
        return cls("")

    @contextlib.contextmanager
    def subscribe(
        self, channel: str, payload: str | None = None, *, stop: asyncio.Event | None = None
    ) -> Iterator[Wakeup]:
        """A Wakeup for a channel, or for one payload of it; `stop` wakes it too."""
        wakeup = Wakeup()
        waiting = self._waiting.setdefault((channel, payload), set())
        waiting.add(wakeup)
        stopping = asyncio.create_task(_wake_when(stop, wakeup)) if stop else None
        try:
            yield wakeup
        finally:
            if stopping:
                stopping.cancel()
            waiting.discard(wakeup)
            if not waiting:
                self._waiting.pop((channel, payload), None)

    async def run(self, stop: asyncio.Event) -> None:
        listening = asyncio.create_task(self._listen_for_ever())
        try:
            await stop.wait()
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)

    async def _listen_for_ever(self) -> None:
        while True:
            try:
                connection = await connect(self._dsn, "wakeups")
                async with connection:
                    for channel in CHANNELS:
                        await connection.execute(f"LISTEN {channel}")
                    self._wake_all()  # what was notified while nobody listened
                    async for notification in connection.notifies():
                        self._wake(notification.channel, notification.payload)
            except psycopg.Error as error:
                log.warning("wakeups.disconnected", error=str(error))
            await asyncio.sleep(RECONNECT_SECONDS)

    def _wake(self, channel: str, payload: str) -> None:
        for key in ((channel, None), (channel, payload)):
            for wakeup in self._waiting.get(key, ()):
                wakeup.wake()

    def _wake_all(self) -> None:
        for waiting in self._waiting.values():
            for wakeup in waiting:
                wakeup.wake()


async def _wake_when(stop: asyncio.Event, wakeup: Wakeup) -> None:
    await stop.wait()
    wakeup.wake()
