"""CPU-heavy engines in processes of their own: limited in time and memory, and a crash harms only its own call.

Processes are spawned, never forked: librdkafka's threads would not survive a fork.
"""

import asyncio
import ctypes
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures.process import BrokenProcessPool
from enum import IntEnum
from typing import Any, TypeVar

import psutil
from pebble import ProcessExpired, ProcessPool

from chassis import metrics

WATCH_SECONDS = 0.1
TASKS_PER_WORKER = 200  # engines leak: a fresh process now and then costs little
_PR_SET_PDEATHSIG = 1

T = TypeVar("T")


class _Exit(IntEnum):
    """How a worker says why it ended itself."""

    ORPHANED = 85
    OUT_OF_MEMORY = 86


class EngineTimeout(Exception):
    """The call took longer than allowed and was killed."""


class EngineMemoryExceeded(Exception):
    """The call needed more memory than allowed and was killed."""


class EngineCrashed(Exception):
    """The process of the call died, as after a segmentation fault."""


class EnginePool:
    """Starts its processes with the first call; works under any event loop."""

    def __init__(self, workers: int, memory_limit_bytes: int, tasks_per_worker: int = TASKS_PER_WORKER) -> None:
        """`memory_limit_bytes`: resident memory of one worker, its libraries included."""
        self._workers = workers
        self._memory_limit_bytes = memory_limit_bytes
        self._tasks_per_worker = tasks_per_worker
        self._pool: ProcessPool | None = None

    async def run(self, function: Callable[..., T], *args: Any, timeout_seconds: float) -> T:
        """Call a module-level function; it, its arguments and its result must be picklable.

        The time counts from the start in the worker, not while it waits for one. Cancelling kills the work.
        Raises EngineTimeout, EngineMemoryExceeded, EngineCrashed, or what the function raises.
        """
        future = self._running_pool().schedule(_call, args=(function, args), timeout=timeout_seconds)
        outcome: metrics.PoolOutcome = "cancelled"
        try:
            with metrics.timed(metrics.POOL_CALL_DURATION):
                result: T = await asyncio.wrap_future(future)
            outcome = "completed"
            return result
        except Exception as error:
            outcome, explained = self._explain(error, _name(function), timeout_seconds)
            if explained is error:
                raise
            raise explained from error
        finally:
            metrics.POOL_CALLS.labels(outcome).inc()

    def close(self) -> None:
        """Kill what runs and end the processes."""
        if self._pool is not None:
            self._pool.stop()  # type: ignore[no-untyped-call]
            self._pool.join()
            self._pool = None

    def _running_pool(self) -> ProcessPool:
        # pebble gives a pool up when a worker dies between two calls.
        if self._pool is not None and not self._pool.active:
            self.close()
        if self._pool is None:
            self._pool = ProcessPool(
                max_workers=self._workers,
                max_tasks=self._tasks_per_worker,
                initializer=_prepare_worker,
                initargs=(os.getpid(), self._memory_limit_bytes),
                context=multiprocessing.get_context("spawn"),
            )
        return self._pool

    def _explain(
        self, error: Exception, function: str, timeout_seconds: float
    ) -> tuple[metrics.PoolOutcome, Exception]:
        """What pebble reports, by our names; what the function itself raised stays as it is."""
        match error:
            case TimeoutError(args=("Task timeout", *_)):
                return "timed_out", EngineTimeout(f"{function} took longer than {timeout_seconds:g} s")
            case MemoryError() | ProcessExpired(exitcode=_Exit.OUT_OF_MEMORY):
                megabytes = self._memory_limit_bytes // 2**20
                return "memory_exceeded", EngineMemoryExceeded(f"{function} needed more than {megabytes} MiB")
            case ProcessExpired():
                return "crashed", EngineCrashed(f"{function}: its process ended with code {error.exitcode}")
            case BrokenProcessPool():
                return "crashed", EngineCrashed(f"{function}: {error}")
        return "failed", error


# In a worker process. A C extension that holds the GIL delays the watch, it does not escape it.

_calls_running = threading.Event()


def _call(function: Callable[..., T], arguments: tuple[Any, ...]) -> T:
    _calls_running.set()
    try:
        return function(*arguments)
    finally:
        _calls_running.clear()


def _prepare_worker(parent_pid: int, memory_limit_bytes: int) -> None:
    _die_with_parent()
    threading.Thread(target=_watch, args=(parent_pid, memory_limit_bytes), name="watch", daemon=True).start()


def _die_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _watch(parent_pid: int, memory_limit_bytes: int) -> None:
    """End this process when its parent is gone or its call takes too much memory."""
    process = psutil.Process()
    while os.getppid() == parent_pid:
        # Only during a call: between calls the worker may hold the pool's lock, which must not die with it.
        if _calls_running.is_set() and process.memory_info().rss > memory_limit_bytes:
            os._exit(_Exit.OUT_OF_MEMORY)
        time.sleep(WATCH_SECONDS)
    os._exit(_Exit.ORPHANED)


def _name(function: Callable[..., Any]) -> str:
    return getattr(function, "__qualname__", repr(function))
