"""What only real PostgreSQL can show: locks between transactions, wake-ups, time-outs, the migration."""

import asyncio
from collections.abc import Callable
from uuid import uuid4

import psycopg
import pytest
from samples import OWNER, uploaded

from chassis.postgres import Pool, UnitOfWork, Wakeups, notify, schema
from chassis.postgres.pool import check, open_pool
from chassis.settings import PostgresSettings
from chassis.testing.components import running
from chassis.testing.waiting import eventually

Factory = Callable[[], UnitOfWork]


async def test_what_was_checked_against_a_tombstone_cannot_commit_after_the_deletion(uow_factory: Factory) -> None:
    subject_id = uuid4()
    deleted = asyncio.Event()

    async def delete() -> None:
        async with uow_factory() as uow:
            await uow.tombstones.add(subject_id)
            deleted.set()

    async with uow_factory() as late:
        assert not await late.tombstones.has(subject_id)
        deletion = asyncio.create_task(delete())
        await asyncio.sleep(0.2)
        assert not deleted.is_set()  # it waits until the effect of `late` is there to be deleted
    await deletion
    async with uow_factory() as uow:
        assert await uow.tombstones.has(subject_id)


async def test_a_check_that_waited_for_a_deletion_sees_it(uow_factory: Factory) -> None:
    subject_id = uuid4()

    async def is_deleted() -> bool:
        async with uow_factory() as uow:
            return await uow.tombstones.has(subject_id)

    async with uow_factory() as deleting:
        await deleting.tombstones.add(subject_id)
        asked = asyncio.create_task(is_deleted())
        await asyncio.sleep(0.2)
        assert not asked.done()
    assert await asked


async def test_an_idempotency_key_is_locked_until_its_transaction_ends(uow_factory: Factory) -> None:
    async with uow_factory() as first, uow_factory() as second:
        assert await first.idempotency.claim(OWNER, "key")
        assert not await second.idempotency.claim(OWNER, "key")
        assert await second.idempotency.claim("somebody else", "key")
    async with uow_factory() as third:
        assert await third.idempotency.claim(OWNER, "key")


async def test_a_cancelled_unit_of_work_rolls_back_and_gives_its_connection_back(
    pool: Pool, uow_factory: Factory
) -> None:
    started = asyncio.Event()

    async def work() -> None:
        async with uow_factory() as uow:
            await uow.outbox.add(uploaded())
            started.set()
            await uow.connection.execute("SELECT pg_sleep(60)")

    task = asyncio.create_task(work())
    await started.wait()
    await asyncio.sleep(0.1)  # until the server sleeps
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with pool.connection() as connection:
        cursor = await connection.execute("SELECT count(*) AS n FROM outbox")
        assert (await cursor.fetchone())["n"] == 0
    assert pool.get_stats()["requests_waiting"] == 0


async def test_a_commit_wakes_whoever_waits_and_a_rollback_does_not(
    postgres_database: str, uow_factory: Factory
) -> None:
    wakeups = Wakeups(postgres_database)
    subject_id = uuid4()

    async def roll_back() -> None:
        async with uow_factory() as uow:
            await uow.announce(subject_id)
            raise RuntimeError

    async with running(wakeups):
        with wakeups.subscribe(notify.CHANGES, str(subject_id)) as mine, wakeups.subscribe(notify.CHANGES) as every:
            await eventually(lambda: every.wait(0.05))  # the first one says: listening now
            await mine.wait(0.05)
            with pytest.raises(RuntimeError):
                await roll_back()
            assert not await every.wait(0.2)
            async with uow_factory() as uow:
                await uow.announce(uuid4())
            assert await every.wait(5)
            assert not await mine.wait(0.05)
            async with uow_factory() as uow:
                await uow.announce(subject_id)
            assert await mine.wait(5)


async def test_listening_comes_back_after_the_connection_was_lost(
    pool: Pool, postgres_database: str, uow_factory: Factory
) -> None:
    wakeups = Wakeups(postgres_database)
    async with running(wakeups):
        with wakeups.subscribe(notify.OUTBOX) as wakeup:
            assert await wakeup.wait(5)
            async with pool.connection() as connection:
                await connection.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE application_name = 'wakeups' AND datname = current_database()"
                )
            assert await wakeup.wait(10)  # it tells that notifications may have been missed
            async with uow_factory() as uow:
                await uow.outbox.add(uploaded())
            assert await wakeup.wait(5)


async def test_every_connection_has_its_time_outs(pool: Pool) -> None:
    async with pool.connection() as connection:
        for name in ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"):
            cursor = await connection.execute(f"SHOW {name}")
            row = await cursor.fetchone()
            assert row is not None
            assert row[name] not in ("0", ""), name
        cursor = await connection.execute("SELECT current_setting('timezone') AS zone")
        assert (await cursor.fetchone())["zone"] == "UTC"


async def test_the_pool_opens_while_the_server_is_away_and_readiness_says_so(
    postgres_settings: PostgresSettings,
) -> None:
    away = await open_pool(postgres_settings.model_copy(update={"port": 1}))
    with pytest.raises(psycopg.OperationalError):
        await check(away)
    await away.close()
    there = await open_pool(postgres_settings)
    await check(there)
    await there.close()


async def test_the_migration_can_be_undone_and_done_again(pool: Pool) -> None:
    class Operations:
        """As alembic runs what `op.execute` is given."""

        def __init__(self) -> None:
            self.statements: list[str] = []

        def execute(self, sqltext: str) -> None:
            self.statements.append(sqltext)

    operations = Operations()
    schema.uninstall(operations)
    schema.install(operations)
    async with pool.connection() as connection:
        for statement in operations.statements:
            await connection.execute(statement.encode())
        cursor = await connection.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
        )
        assert {row["table_name"] for row in await cursor.fetchall()} == set(schema.TABLES)
