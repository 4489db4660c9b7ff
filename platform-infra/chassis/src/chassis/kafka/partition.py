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
class Progress:
    """How far the handling of a partition is."""

    retrying: bool = False  # waiting before another try
    next_offset: int | None = None  # behind the last finished message

    def finished(self, message: Message) -> None:
        """This message and all before it are handled, skipped or among the dead letters."""
        offset = message.offset()
        assert offset is not None, "a consumed message has an offset"
        self.next_offset = offset + 1


HandleRun = Callable[[Sequence[Message], Progress], Awaitable[None]]


class PartitionWorker:
    """Feeds messages to `handle` in runs; the offset of what is finished may be stored."""

    def __init__(self, handle: HandleRun, queue_messages: int = QUEUE_MESSAGES) -> None:
        self._handle = handle
        self._queue: deque[Message] = deque()
        self._queue_messages = queue_messages
        self._filled = asyncio.Event()
        self._progress = Progress()
        self._stopping = False
        self._task = asyncio.create_task(self._run())

    def add(self, messages: Sequence[Message]) -> None:
        self._queue.extend(messages)
        self._filled.set()

    @property
    def wants_pause(self) -> bool:
        """Whether no more should be fetched for now; resumes at half the bound, so that it does not flutter."""
        return self._progress.retrying or len(self._queue) >= self._queue_messages

    @property
    def wants_more(self) -> bool:
        return not self._progress.retrying and len(self._queue) <= self._queue_messages // 2

    @property
    def is_retrying(self) -> bool:
        return self._progress.retrying

    @property
    def failure(self) -> BaseException | None:
        """What ended the worker, if anything did."""
        return self._task.exception() if self._task.done() and not self._task.cancelled() else None

    def take_offset(self) -> int | None:
        """The offset to store: behind the last finished message; None when nothing finished since the last call."""
        offset, self._progress.next_offset = self._progress.next_offset, None
        return offset

    async def stop(self, seconds: float) -> None:
        """Let the run under way finish for so long, then cancel it; what is queued is dropped."""
        self._stopping = True
        self._filled.set()
        done, _ = await asyncio.wait({self._task}, timeout=0 if self._progress.retrying else seconds)
        if not done:
            self._task.cancel()
        # Also when it has failed: the consumer raises one of several failures, and asyncio complains of the others.
        await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        while not self._stopping:
            if not self._queue:
                self._filled.clear()
                await self._filled.wait()
                continue
            run = [self._queue.popleft() for _ in range(min(RUN_MESSAGES, len(self._queue)))]
            await self._handle(run, self._progress)
            self._progress.finished(run[-1])
