"""The supervisor, with small real processes as parts."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import psutil
import pytest

from learning_local import supervisor as module
from learning_local.parts.base import Command, External, Part
from learning_local.problems import CannotContinue, NotReady
from learning_local.state import State
from learning_local.supervisor import Supervisor

PATIENCE_SECONDS = 15.0
SLEEP = "import time; time.sleep(600)"
IGNORES_SIGTERM = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(600)"
)


class Toy(Part):
    """Runs a line of Python; is ready when told so; writes down what happens to it."""

    def __init__(
        self, name: str, diary: list[str], directory: Path, program: str = SLEEP, needs: tuple[str, ...] = ()
    ) -> None:
        self.name = name
        self.needs = needs
        self.diary = diary
        self.directory = directory
        self.program = program
        self.answers: Callable[[], bool] = lambda: True

    @property
    def address(self) -> str:
        return f"toy://{self.name}"

    def prepare(self) -> None:
        self.diary.append(f"{self.name} prepared")

    def command(self) -> Command:
        return Command((sys.executable, "-c", self.program), self.directory, os.environ)

    def check(self) -> None:
        if not self.answers():
            raise NotReady(f"{self.name} does not answer")

    def provision(self) -> None:
        self.diary.append(f"{self.name} ready")

    def after_stop(self) -> None:
        self.diary.append(f"{self.name} stopped")


@asynccontextmanager
async def running(*parts: Part, logs: Path) -> AsyncIterator[Supervisor]:
    supervisor, stop = Supervisor(parts, logs), asyncio.Event()
    task = asyncio.create_task(supervisor.run(stop))
    try:
        yield supervisor
    finally:
        stop.set()
        await task


async def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        await asyncio.sleep(0.02)


def all_ready(supervisor: Supervisor) -> bool:
    return all(state.state is State.READY for state in supervisor.states)


@pytest.fixture(autouse=True)
def _quick_restarts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "RESTART_AFTER_SECONDS", (0.01,))


async def test_a_part_starts_when_those_it_needs_are_ready_and_stops_before_them(tmp_path: Path) -> None:
    diary: list[str] = []
    base = Toy("base", diary, tmp_path)
    top = Toy("top", diary, tmp_path, needs=("base",))
    async with running(top, base, logs=tmp_path) as supervisor:
        await until(lambda: all_ready(supervisor))
    assert diary.index("base ready") < diary.index("top ready")
    assert diary.index("top stopped") < diary.index("base stopped")
    assert {state.state for state in supervisor.states} == {State.STOPPED}


async def test_a_part_that_dies_is_started_again_with_another_process(tmp_path: Path) -> None:
    async with running(Toy("mortal", [], tmp_path), logs=tmp_path) as supervisor:
        await until(lambda: all_ready(supervisor))
        first = supervisor.states[0].pid
        assert first is not None
        os.kill(first, signal.SIGKILL)
        await until(lambda: all_ready(supervisor) and supervisor.states[0].pid != first)
        assert supervisor.states[0].restarts == 1


async def test_a_part_that_ends_at_once_is_tried_again_and_its_exit_code_is_told(tmp_path: Path) -> None:
    part = Toy("broken", [], tmp_path, program="raise SystemExit(7)")
    part.answers = lambda: False
    async with running(part, logs=tmp_path) as supervisor:
        await until(lambda: supervisor.states[0].restarts >= 2 and supervisor.states[0].problem)
        await until(lambda: "exit code 7" in (supervisor.states[0].problem or ""))


async def test_a_preparation_that_fails_is_told_in_one_line_and_tried_again(tmp_path: Path) -> None:
    class Unprepared(Toy):
        def prepare(self) -> None:
            super().prepare()
            if len(self.diary) < 3:
                raise CannotContinue("no disk\nand more lines")

    diary: list[str] = []
    problems: list[str | None] = []
    supervisor, stop = Supervisor([Unprepared("late", diary, tmp_path)], tmp_path), asyncio.Event()
    supervisor = Supervisor(
        [Unprepared("late", diary, tmp_path)], tmp_path, lambda: problems.append(supervisor.states[0].problem)
    )
    task = asyncio.create_task(supervisor.run(stop))
    await until(lambda: all_ready(supervisor))
    stop.set()
    await task
    assert problems.count("no disk") == 2


async def test_a_part_that_does_not_listen_to_its_signal_is_killed(tmp_path: Path) -> None:
    part = Toy("deaf", [], tmp_path, program=IGNORES_SIGTERM)
    part.stop_seconds = 0.2
    log = tmp_path / "deaf.log"
    part.answers = lambda: log.is_file() and "deaf" in log.read_text()
    async with running(part, logs=tmp_path) as supervisor:
        await until(lambda: all_ready(supervisor))
        pid = supervisor.states[0].pid
    assert pid is not None
    assert not psutil.pid_exists(pid)


async def test_what_a_part_has_started_ends_with_it(tmp_path: Path) -> None:
    program = (
        f"import subprocess, sys; print(subprocess.Popen([sys.executable, '-c', {SLEEP!r}]).pid, flush=True); {SLEEP}"
    )
    part, log = Toy("parent", [], tmp_path, program=program), tmp_path / "parent.log"
    part.answers = lambda: log.is_file() and log.read_text().endswith("\n")
    async with running(part, logs=tmp_path) as supervisor:
        await until(lambda: all_ready(supervisor))
        child = int(log.read_text())
        assert psutil.pid_exists(child)
    await until(lambda: not psutil.pid_exists(child) or psutil.Process(child).status() == psutil.STATUS_ZOMBIE)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process of its parent's death")
async def test_parts_end_when_the_supervisor_is_killed(tmp_path: Path) -> None:
    program = f"""
import asyncio, sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
from pathlib import Path
from test_supervisor import Toy
from learning_local.supervisor import Supervisor
here = Path({str(tmp_path)!r})
tell = lambda: print(supervisor.states[0].state, supervisor.states[0].pid, flush=True)
supervisor = Supervisor([Toy("orphan", [], here)], here, tell)
asyncio.run(supervisor.run(asyncio.Event()))
"""
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", program, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    async for line in process.stdout:
        if line.startswith(b"ready"):
            break
    orphan = int(line.split()[1])
    assert psutil.pid_exists(orphan)
    process.kill()
    await process.wait()
    await until(lambda: not psutil.pid_exists(orphan) or psutil.Process(orphan).status() == psutil.STATUS_ZOMBIE)


async def test_an_external_part_is_asked_and_provisioned_but_nothing_is_started(tmp_path: Path) -> None:
    done: list[str] = []
    part = External("kafka", "broker:9092", lambda: done.append("asked"), lambda: done.append("provisioned"))
    async with running(part, logs=tmp_path) as supervisor:
        await until(lambda: all_ready(supervisor))
        assert supervisor.states[0].external
        assert supervisor.states[0].pid is None
    assert done == ["asked", "provisioned"]
