"""The process pool with real processes."""

import asyncio
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import engines
import psutil
import pytest
import uvloop

from chassis.process_pool import EngineCrashed, EngineMemoryExceeded, EnginePool, EngineTimeout
from chassis.testing.waiting import eventually

MEGABYTE = 2**20


@pytest.fixture(scope="module")
def pool() -> Iterator[EnginePool]:
    pool = EnginePool(workers=1, memory_limit_bytes=150 * MEGABYTE)
    yield pool
    pool.close()


def is_gone(pid: int) -> bool:
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


async def pid_written_to(path: Path) -> int:
    return int(await eventually(lambda: path.exists() and path.read_text()))


async def test_a_call_returns_its_result_from_another_process(pool: EnginePool) -> None:
    assert await pool.run(engines.add, 2, 3, timeout_seconds=20) == 5
    assert await pool.run(engines.process_id, timeout_seconds=20) != os.getpid()


async def test_an_exception_of_the_function_comes_back_as_it_is(pool: EnginePool) -> None:
    with pytest.raises(ValueError, match="nonsense"):
        await pool.run(engines.fail, "nonsense", timeout_seconds=20)
    with pytest.raises(TimeoutError, match="the function's own"):
        await pool.run(engines.raise_timeout, timeout_seconds=20)


async def test_a_call_that_takes_too_long_is_killed_and_the_next_one_works(pool: EnginePool, tmp_path: Path) -> None:
    started = tmp_path / "pid"
    with pytest.raises(EngineTimeout, match=r"0\.3 s"):
        await pool.run(engines.sleep_and_touch, 60, str(started), timeout_seconds=0.3)
    pid = int(started.read_text())
    await eventually(lambda: is_gone(pid))
    assert await pool.run(engines.add, 1, 1, timeout_seconds=20) == 2


async def test_a_call_that_eats_memory_is_killed_and_the_next_one_works(pool: EnginePool) -> None:
    with pytest.raises(EngineMemoryExceeded, match="150 MiB"):
        await pool.run(engines.eat_memory, 400, timeout_seconds=20)
    assert await pool.run(engines.add, 1, 1, timeout_seconds=20) == 2


async def test_a_crash_fails_its_own_call_only(pool: EnginePool) -> None:
    with pytest.raises(EngineCrashed, match="crash"):
        await pool.run(engines.crash, timeout_seconds=20)
    assert await pool.run(engines.add, 1, 1, timeout_seconds=20) == 2


async def test_a_worker_killed_between_two_calls_is_replaced(pool: EnginePool) -> None:
    pid = await pool.run(engines.process_id, timeout_seconds=20)
    os.kill(pid, signal.SIGKILL)

    async def works() -> bool:
        try:
            return await pool.run(engines.add, 1, 1, timeout_seconds=20) == 2
        except EngineCrashed:  # the call that met the dying pool
            return False

    await eventually(works)


async def test_cancelling_the_call_kills_the_work(pool: EnginePool, tmp_path: Path) -> None:
    started = tmp_path / "pid"
    call = asyncio.create_task(pool.run(engines.sleep_and_touch, 60, str(started), timeout_seconds=60))
    pid = await pid_written_to(started)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    await eventually(lambda: is_gone(pid))


def test_it_works_under_uvloop(pool: EnginePool) -> None:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        assert runner.run(pool.run(engines.add, 20, 3, timeout_seconds=20)) == 23


PARENT = """
import asyncio, sys
sys.path.insert(0, sys.argv[1])
import engines
from chassis.process_pool import EnginePool

if __name__ == "__main__":
    pool = EnginePool(1, 500 * 2**20)
    asyncio.run(pool.run(engines.sleep_and_touch, 60, sys.argv[2], timeout_seconds=60))
"""


async def test_workers_end_with_their_parent_even_when_it_is_killed(tmp_path: Path) -> None:
    script, started = tmp_path / "parent.py", tmp_path / "pid"
    script.write_text(PARENT)
    parent = await asyncio.create_subprocess_exec(sys.executable, str(script), str(Path(__file__).parent), str(started))
    worker = await pid_written_to(started)
    assert psutil.pid_exists(worker)
    parent.kill()
    await parent.wait()
    await eventually(lambda: is_gone(worker), timeout_seconds=5)
