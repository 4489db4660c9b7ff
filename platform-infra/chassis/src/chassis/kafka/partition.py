"""One partition's messages, handled in order by a task of their own, so that a slow partition delays no other."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from confluent_kafka import Message

QUEUE_MESSAGES = 500
RUN_MESSAGES = 50

Place = tuple[str, int]  # topic (as on the cluster) and partition


@dataclass(slots=True)
class Retrying:
    """Set by whoever handles the messages while it waits before another try."""

    active: bool = False


HandleRun = Callable[[Sequence[Message], Retrying], Awaitable[None]]


class PartitionWorker:
    """Feeds messages to `handle` in runs; what it returned from is finished, and its offset may be stored."""

    def __init__(self, handle: HandleRun, queue_messages: int = QUEUE_MESSAGES) -> None:
        self._handle = handle
        self._queue: deque[Message] = deque()
        self._queue_messages = queue_messages
        self._filled = asyncio.Event()
        self._retrying = Retrying()
        self._stopping = False
        self._next_offset: int | None = None
        self._task = asyncio.create_task(self._run())

    def add(self, messages: Sequence[Message]) -> None:
        self._queue.extend(messages)
        self._filled.set()

    @property
    def wants_pause(self) -> bool:
        """Whether no more should be fetched for now; resumes at half the bound, so that it does not flutter."""
        return self._retrying.active or len(self._queue) >= self._queue_messages

    @property
    def wants_more(self) -> bool:
        return not self._retrying.active and len(self._queue) <= self._queue_messages // 2

    @property
    def is_retrying(self) -> bool:
        return self._retrying.active

    @property
    def failure(self) -> BaseException | None:
        """What ended the worker, if anything did."""
        return self._task.exception() if self._task.done() and not self._task.cancelled() else None

    def take_offset(self) -> int | None:
        """The offset to store: behind the last finished message; None when nothing finished since the last call."""
        offset, self._next_offset = self._next_offset, None
        return offset

    async def stop(self, seconds: float) -> None:
        """Let the run under way finish for so long, then cancel it; what is queued is dropped."""
        self._stopping = True
        self._filled.set()
        done, _ = await asyncio.wait({self._task}, timeout=0 if self._retrying.active else seconds)
        if not done:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        while not self._stopping:
            if not self._queue:
                self._filled.clear()
                await self._filled.wait()
                continue
            run = [self._queue.popleft() for _ in range(min(RUN_MESSAGES, len(self._queue)))]
            await self._handle(run, self._retrying)
            last = run[-1].offset()
            assert last is not None, "a consumed message has an offset"
            self._next_offset = last + 1
