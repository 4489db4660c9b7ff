"""The sweeper on real PostgreSQL: expired rows go, the others stay, one process at a time."""

import asyncio
from collections.abc import Callable
from uuid import uuid4

import pytest
from samples import OWNER, uploaded

from chassis.postgres import Pool, UnitOfWork
from chassis.replies import StoredReply
from chassis.sweeper import Sweeper
from chassis.testing.components import running
from chassis.testing.waiting import eventually

Factory = Callable[[], UnitOfWork]

AGED = {
    "outbox": "published_at = now() - interval '25 hours'",
    "inbox": "received_at = now() - interval '46 days'",
    "idempotency_keys": "created_at = now() - interval '25 hours'",
    "tombstones": "deleted_at = now() - interval '61 days'",
    "jobs": "state = 'completed', finished_at = now() - interval '8 days'",
}
RECENT = {
    "outbox": "published_at = NULL, created_at = now() - interval '1 year'",
    "inbox": "received_at = now() - interval '44 days'",
    "idempotency_keys": "created_at = now() - interval '23 hours'",
    "tombstones": "deleted_at = now() - interval '59 days'",
    "jobs": "state = 'pending', finished_at = NULL, created_at = now() - interval '1 year'",
}


@pytest.fixture
async def a_row_everywhere(uow_factory: Factory) -> None:
    async with uow_factory() as uow:
        await uow.outbox.add(uploaded())
        await uow.inbox.add("group", "event")
        await uow.idempotency.store(OWNER, "key", StoredReply("f", 200, {}, b""))
        await uow.tombstones.add(uuid4())
        await uow.jobs.add("work", uuid4(), OWNER)


async def age(pool: Pool, changes: dict[str, str]) -> None:
    async with pool.connection() as connection:
        for table, change in changes.items():
            await connection.execute(f"UPDATE {table} SET {change}")


async def test_what_expired_is_removed(pool: Pool, a_row_everywhere: None) -> None:
    await age(pool, AGED)
    assert await Sweeper(pool).sweep() == {f"prune_{table}": 1 for table in AGED}


async def test_what_is_still_needed_stays_however_old_it_is(pool: Pool, a_row_everywhere: None) -> None:
    await age(pool, RECENT)
    assert await Sweeper(pool).sweep() == {f"prune_{table}": 0 for table in RECENT}


async def test_a_task_of_the_service_that_fails_stops_no_other(pool: Pool) -> None:
    async def fails() -> int:
        raise ZeroDivisionError

    async def removes() -> int:
        return 3

    swept = await Sweeper(pool, {"fails": fails, "removes": removes}).sweep()
    assert swept is not None
    assert (swept["fails"], swept["removes"]) == (0, 3)


async def test_two_processes_do_not_sweep_at_the_same_time(pool: Pool) -> None:
    busy, done = asyncio.Event(), asyncio.Event()

    async def slow() -> int:
        busy.set()
        await done.wait()
        return 0

    first = asyncio.create_task(Sweeper(pool, {"slow": slow}).sweep())
    await busy.wait()
    assert await Sweeper(pool).sweep() is None
    done.set()
    assert await first is not None
    assert await Sweeper(pool).sweep() is not None


async def test_it_sweeps_again_and_again_until_it_is_stopped(pool: Pool) -> None:
    runs = 0

    async def count() -> int:
        nonlocal runs
        runs += 1
        return 0

    async with running(Sweeper(pool, {"count": count}, interval_seconds=0.05)):
        await eventually(lambda: runs >= 3)
