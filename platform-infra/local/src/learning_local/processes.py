"""Processes by identity: a number is given again after a while, a number with its start time is not."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterable
from dataclasses import dataclass

import psutil


@dataclass(frozen=True)
class ProcessIdentity:
    pid: int
    started_at: float

    @classmethod
    def of(cls, pid: int) -> ProcessIdentity | None:
        try:
            return cls(pid, psutil.Process(pid).create_time())
        except psutil.Error:
            return None

    def find(self) -> psutil.Process | None:
        """The process, if it is this one that still runs under the number."""
        try:
            process = psutil.Process(self.pid)
            # Start times have a resolution of 10 ms, and the clock may have been set meanwhile.
            same = abs(process.create_time() - self.started_at) < 2 and process.status() != psutil.STATUS_ZOMBIE
        except psutil.Error:
            return None
        return process if same else None


def resident_bytes(process: psutil.Process) -> int:
    """Memory of a process and its descendants; what they share with it (PostgreSQL's buffers) is counted once."""
    total = 0
    with contextlib.suppress(psutil.Error):
        total += process.memory_info().rss
        for child in process.children(recursive=True):
            with contextlib.suppress(psutil.Error):
                memory = child.memory_info()
                total += memory.rss - getattr(memory, "shared", 0)
    return total


def end(processes: Iterable[tuple[psutil.Process, signal.Signals]], patience_seconds: float) -> None:
    """Send each its signal with what it has started, wait, and kill what is still there."""
    everything: list[psutil.Process] = []
    for process, stop_signal in processes:
        with contextlib.suppress(psutil.Error):
            everything += [process, *process.children(recursive=True)]
            process.send_signal(stop_signal)
    for survivor in psutil.wait_procs(everything, timeout=patience_seconds)[1]:
        with contextlib.suppress(psutil.Error):
            survivor.kill()
    psutil.wait_procs(everything, timeout=5)
