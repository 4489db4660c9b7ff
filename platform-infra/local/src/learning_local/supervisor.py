"""Starts parts in the order of their needs, restarts what dies, publishes the state, stops all in reverse order."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil

from learning_local import launch
from learning_local.logs import keep_bounded
from learning_local.parts.base import Part
from learning_local.problems import NotReady
from learning_local.processes import ProcessIdentity, end
from learning_local.state import PartState, State

CHECK_EVERY_SECONDS = 0.1
BOUND_LOGS_EVERY_SECONDS = 20.0
RESTART_AFTER_SECONDS = (0.1, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
STABLE_AFTER_SECONDS = 30.0  # ready for so long: the next death is a new one, not the same again


class Died(Exception):
    """The process ended by itself."""


class Supervisor:
    """`run` until the event is set. The state of each part is in `states`; `on_change` is called after each change."""

    def __init__(self, parts: Sequence[Part], logs: Path, on_change: Callable[[], None] = lambda: None) -> None:
        self._keepers = {
            part.name: Keeper(part, logs / f"{part.name}.log", self._all_ready, on_change) for part in parts
        }
        self._logs = logs

    @property
    def states(self) -> list[PartState]:
        return [keeper.state for keeper in self._keepers.values()]

    async def run(self, stop: asyncio.Event) -> None:
        loop = asyncio.get_running_loop()
        # A thread for each part, so that one that hangs in its preparation holds up no other.
        loop.set_default_executor(ThreadPoolExecutor(len(self._keepers) + 2))
        tasks = [asyncio.create_task(keeper.keep()) for keeper in self._keepers.values()]
        tasks.append(asyncio.create_task(self._bound_logs()))
        stopped = asyncio.create_task(stop.wait())
        done, _ = await asyncio.wait([stopped, *tasks], return_when=asyncio.FIRST_COMPLETED)
        for task in [stopped, *tasks]:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._stop_all()
        for task in done - {stopped}:
            task.result()  # a keeper never returns: an error of ours, told after everything is stopped

    async def _all_ready(self, names: Iterable[str]) -> None:
        for name in names:
            await self._keepers[name].was_ready.wait()

    async def _stop_all(self) -> None:
        ended = {name: asyncio.Event() for name in self._keepers}

        async def stop_one(keeper: Keeper) -> None:
            for name in self._to_stop_before(keeper.part):
                await ended[name].wait()
            await keeper.stop()
            ended[keeper.part.name].set()

        await asyncio.gather(*(stop_one(keeper) for keeper in self._keepers.values()))
        # What a part was still running for its preparation (a migration).
        end(((child, signal.SIGTERM) for child in psutil.Process().children()), patience_seconds=5)

    def _to_stop_before(self, part: Part) -> set[str]:
        dependents = {other for other, keeper in self._keepers.items() if part.name in keeper.part.needs}
        return dependents | (set(part.stopped_after) & self._keepers.keys())

    async def _bound_logs(self) -> None:
        while True:
            await asyncio.sleep(BOUND_LOGS_EVERY_SECONDS)
            await asyncio.to_thread(keep_bounded, self._logs)


class Keeper:
    """Keeps one part running."""

    def __init__(
        self,
        part: Part,
        log: Path,
        all_ready: Callable[[Iterable[str]], Awaitable[None]],
        on_change: Callable[[], None],
    ) -> None:
        self.part = part
        self.state = PartState(part.name, part.address, stop_signal=int(part.stop_signal))
        self.was_ready = asyncio.Event()
        self._log = log
        self._all_ready = all_ready
        self._on_change = on_change
        self._process: asyncio.subprocess.Process | None = None

    async def keep(self) -> None:
        failures = 0
        while True:
            ready_at: float | None = None
            try:
                await self._bring_up()
                ready_at = time.monotonic()
                await self._until_it_dies()
            except Exception as error:  # whatever a part meets: it is told, and tried again
                await self._end_process()
                self._change(State.RESTARTING, problem=one_line(error))
            failures = 0 if ready_at and time.monotonic() - ready_at > STABLE_AFTER_SECONDS else failures + 1
            self.state.restarts += 1
            await asyncio.sleep(RESTART_AFTER_SECONDS[min(failures, len(RESTART_AFTER_SECONDS)) - 1 if failures else 0])

    async def stop(self) -> None:
        if self._process is not None:
            await self._end_process()
            await asyncio.to_thread(self.part.after_stop)
        self._change(State.STOPPED)

    async def _bring_up(self) -> None:
        self._change(State.WAITING)
        await self._all_ready(self.part.needs_to_prepare)
        began = time.monotonic()
        self._change(State.PREPARING)
        await asyncio.to_thread(self.part.prepare)
        await self._all_ready(self.part.needs)
        await self._start()
        self._change(State.STARTING)
        await self._until_it_answers()
        await asyncio.to_thread(self.part.provision)
        self.state.ready_after_seconds = round(time.monotonic() - began, 2)
        self._change(State.READY)
        self.was_ready.set()

    async def _start(self) -> None:
        command = self.part.command()
        if command is None:
            self.state.external = True
            return
        wrapper = (sys.executable, "-IS", launch.__file__)
        options = (str(os.getpid()), str(int(self.part.stop_signal)), command.user or "-")
        with self._log.open("ab") as output:
            self._process = await asyncio.create_subprocess_exec(
                *wrapper, *options, *command.arguments,
                cwd=command.directory, env=dict(command.environment),
                stdin=asyncio.subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True,
            )  # fmt: skip
        identity = ProcessIdentity.of(self._process.pid)
        self.state.pid = self._process.pid
        self.state.started_at = identity.started_at if identity else None

    async def _until_it_answers(self) -> None:
        deadline = time.monotonic() + self.part.start_seconds
        while True:
            if self._process is not None and self._process.returncode is not None:
                raise Died(f"ended with exit code {self._process.returncode} before it was ready; its log says why")
            try:
                return await asyncio.to_thread(self.part.check)
            except NotReady as reason:
                if time.monotonic() > deadline:
                    raise
                self.state.problem = one_line(reason)
            await asyncio.sleep(CHECK_EVERY_SECONDS)

    async def _until_it_dies(self) -> None:
        if self._process is None:
            await asyncio.Event().wait()  # an external part is not ours to watch
        else:
            raise Died(f"ended with exit code {await self._process.wait()}")

    async def _end_process(self) -> None:
        process, self._process = self._process, None
        self.state.pid = self.state.started_at = None
        if process is None:
            return
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(self.part.stop_signal)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), self.part.stop_seconds)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # it leads a group of its own: whatever of it is left
        await process.wait()

    def _change(self, state: State, problem: str | None = None) -> None:
        self.state.state = state
        self.state.problem = problem
        self._on_change()


def one_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
