"""The relay on real PostgreSQL and Kafka: what was committed is sent, in order, and by one relay at a time."""

import asyncio
import contextlib
import sys
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from confluent_kafka import Message
from samples import uploaded

from chassis.kafka import Relay
from chassis.kafka.relay import ProducerFailed
from chassis.postgres import Pool, UnitOfWork, Wakeups
from chassis.postgres.pool import connect, open_pool_for
from chassis.settings import KafkaSettings
from chassis.sweeper import Sweeper
from chassis.testing.components import running
from chassis.testing.kafka import KafkaSandbox
from chassis.testing.waiting import eventually

TOPIC = "document.uploaded"

Factory = Callable[[], UnitOfWork]


def event_id(message: Message) -> str:
    headers: Any = dict(message.headers() or [])
    return headers["ce_id"].decode()


async def unpublished(pool: Pool) -> int:
    async with pool.connection() as connection:
        cursor = await connection.execute("SELECT count(*) AS n FROM outbox WHERE published_at IS NULL")
        return (await cursor.fetchone())["n"]


async def all_published(pool: Pool) -> None:
    async def done() -> bool:
        return await unpublished(pool) == 0

    await eventually(done)


async def test_a_committed_event_reaches_kafka_and_a_rolled_back_one_does_not(
    kafka: KafkaSandbox, pool: Pool, postgres_database: str, uow_factory: Factory
) -> None:
    await kafka.create_topics(TOPIC)
    wakeups = Wakeups(postgres_database)
    async with running(wakeups, Relay(kafka.settings, pool, wakeups=wakeups)):
        with contextlib.suppress(RuntimeError):
            async with uow_factory() as uow:
                await uow.outbox.add(uploaded(title="never"))
                raise RuntimeError
        async with uow_factory() as uow:
            sent = await uow.outbox.add(uploaded(title="kept"))
        await all_published(pool)
    [message] = await kafka.read(TOPIC, 2, timeout_seconds=1)
    assert event_id(message) == sent
    assert message.key() is not None
    assert b"kept" in (message.value() or b"")


CRASHING_WRITER = """
import asyncio, os, sys
sys.path.insert(0, sys.argv[1])
from samples import uploaded
from chassis.postgres import UnitOfWork
from chassis.postgres.pool import open_pool_for

async def main():
    pool = await open_pool_for(sys.argv[2])
    async with UnitOfWork(pool, "urn:learning-platform:test") as uow:
        print(await uow.outbox.add(uploaded()), flush=True)
    os._exit(9)

asyncio.run(main())
"""


async def test_the_events_of_a_process_that_crashed_after_its_commit_are_sent(
    kafka: KafkaSandbox, pool: Pool, postgres_database: str
) -> None:
    await kafka.create_topics(TOPIC)
    writer = await asyncio.create_subprocess_exec(
        sys.executable, "-c", CRASHING_WRITER, sys.path[0], postgres_database, stdout=asyncio.subprocess.PIPE
    )
    output, _ = await writer.communicate()
    assert writer.returncode == 9
    async with running(Relay(kafka.settings, pool)):
        await all_published(pool)
    [message] = await kafka.read(TOPIC, 1)
    assert event_id(message) == output.decode().strip()


async def test_a_row_with_a_lower_id_that_commits_later_is_not_skipped(
    kafka: KafkaSandbox, pool: Pool, uow_factory: Factory
) -> None:
    await kafka.create_topics(TOPIC)
    async with running(Relay(kafka.settings, pool)):
        async with uow_factory() as slow:
            late = await slow.outbox.add(uploaded())
            async with uow_factory() as quick:
                early = await quick.outbox.add(uploaded())
            assert [event_id(message) for message in await kafka.read(TOPIC, 1)] == [early]
        await all_published(pool)
    assert [event_id(message) for message in await kafka.read(TOPIC, 2)] == [early, late]


async def test_events_with_the_same_key_keep_their_order(kafka: KafkaSandbox, pool: Pool, uow_factory: Factory) -> None:
    await kafka.create_topics(TOPIC, partitions=3)
    subjects = [uuid4() for _ in range(5)]
    async with uow_factory() as uow:
        sent = [(subject, await uow.outbox.add(uploaded(subject))) for _ in range(60) for subject in subjects]
    async with running(Relay(kafka.settings, pool, window_rows=40)):
        await all_published(pool)
    received = await kafka.read(TOPIC, len(sent))
    for subject in subjects:
        expected = [event for key, event in sent if key == subject]
        assert [event_id(message) for message in received if message.key() == str(subject).encode()] == expected


async def test_a_topic_that_refuses_holds_up_only_its_own_keys(
    kafka: KafkaSandbox, pool: Pool, uow_factory: Factory
) -> None:
    await kafka.create_topics(TOPIC)
    async with uow_factory() as uow:
        await uow.connection.execute(
            "INSERT INTO outbox (event_id, topic, key, headers, value) VALUES ('1', 'no.such.topic', 'k', '[]', 'x')"
        )
        sent = await uow.outbox.add(uploaded())
    async with running(Relay(kafka.settings, pool)):
        [message] = await kafka.read(TOPIC, 1)
        assert event_id(message) == sent

        async def only_the_refused_is_left() -> bool:
            return await unpublished(pool) == 1

        await eventually(only_the_refused_is_left)


async def test_of_two_relays_one_works_and_the_other_takes_over_when_its_connection_dies(
    kafka: KafkaSandbox, pool: Pool, postgres_database: str, uow_factory: Factory
) -> None:
    await kafka.create_topics(TOPIC)
    first, second = Relay(kafka.settings, pool), Relay(kafka.settings, pool)
    async with running(first):
        await eventually(lambda: first.active)
        async with running(second):
            await asyncio.sleep(0.3)
            assert not second.active
            async with pool.connection() as connection:
                await connection.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE application_name = 'relay' AND datname = current_database()"
                    " AND pid IN (SELECT pid FROM pg_locks WHERE locktype = 'advisory')"
                )
            async with uow_factory() as uow:
                await uow.outbox.add(uploaded())
            await all_published(pool)
            assert first.active != second.active


async def test_after_a_fatal_producer_error_a_new_producer_sends_what_was_not_acknowledged(
    kafka: KafkaSandbox, pool: Pool, uow_factory: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    await kafka.create_topics(TOPIC)
    relay = Relay(kafka.settings, pool)
    async with running(relay):
        await eventually(lambda: relay.active)
        failed = relay._session
        assert failed is not None

        async def fail() -> bool:
            raise ProducerFailed("as librdkafka reports it after a long outage")

        monkeypatch.setattr(failed, "step", fail)
        async with uow_factory() as uow:
            sent = await uow.outbox.add(uploaded())
        await all_published(pool)
    assert [event_id(message) for message in await kafka.read(TOPIC, 1)] == [sent]


async def test_readiness_tells_that_kafka_cannot_be_reached(pool: Pool, uow_factory: Factory) -> None:
    nowhere = KafkaSettings.model_validate({"bootstrap_servers": "127.0.0.1:1"})
    relay = Relay(nowhere, pool)
    async with uow_factory() as uow:
        await uow.outbox.add(uploaded())
    async with running(relay):

        async def unready() -> bool:
            try:
                await relay.check()
            except ConnectionError:
                return True
            return False

        await eventually(unready)
    assert await unpublished(pool) == 1


async def test_a_relay_survives_that_the_database_goes_away_for_a_moment(
    kafka: KafkaSandbox, pool: Pool, uow_factory: Factory
) -> None:
    await kafka.create_topics(TOPIC)
    relay = Relay(kafka.settings, pool)
    async with running(relay):
        await eventually(lambda: relay.active)
        with pytest.raises(psycopg.OperationalError):
            async with pool.connection() as connection:
                await connection.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
                )
        async with uow_factory() as uow:
            await uow.outbox.add(uploaded())
        await all_published(pool)


async def test_neither_sending_nor_pruning_reads_through_what_was_published(
    kafka: KafkaSandbox, pool: Pool, postgres_database: str, uow_factory: Factory
) -> None:
    await kafka.create_topics(TOPIC)
    async with pool.connection() as connection:
        await connection.execute(
            """
            INSERT INTO outbox (event_id, topic, key, headers, value, published_at)
            SELECT number::text, 'document.uploaded', number::text, '[]', '{}',
                   now() - CASE WHEN number % 100 > 0 THEN interval '2 days' ELSE interval '1 hour' END
            FROM generate_series(1, 200000) AS number
            """
        )
        await connection.execute("ANALYZE outbox")
    before = await sequential_scans(postgres_database)
    async with uow_factory() as uow:
        await uow.outbox.add(uploaded())
    async with running(Relay(kafka.settings, pool)):
        assert len(await kafka.read(TOPIC, 1)) == 1
    sweeping = await open_pool_for(postgres_database, max_size=2)
    swept = await Sweeper(sweeping).sweep()
    await sweeping.close()
    assert swept is not None
    assert swept["prune_outbox"] == 198_000
    assert await sequential_scans(postgres_database) == before


async def sequential_scans(dsn: str) -> int:
    """How often somebody who has left since read the whole outbox."""
    async with await connect(dsn) as connection:
        cursor = await connection.execute("SELECT seq_scan FROM pg_stat_user_tables WHERE relname = 'outbox'")
        row = await cursor.fetchone()
        assert row is not None
        return int(row["seq_scan"])
