"""Events that Kafka can never take: set aside alone, successors wait, a person lets them go or drops them."""

import os
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID, uuid4

import pytest
from confluent_kafka.admin import AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource, ResourceType
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from chassis.kafka import Relay
from chassis.kafka.client_config import client_config, prefixed
from chassis.postgres import Pool, UnitOfWork
from chassis.postgres.outbox import drop_parked, release_parked
from chassis.testing.components import running
from chassis.testing.kafka import KafkaSandbox
from chassis.testing.waiting import eventually

TOPIC = "document.uploaded"
TOO_LARGE = b"x" * 2_000_000

Factory = Callable[[], UnitOfWork]


async def insert(uow: UnitOfWork, key: UUID, value: bytes, headers: str = "[]", topic: str = TOPIC) -> str:
    """A row such as the outbox itself would never write; returns its event id."""
    event_id = str(uuid4())
    await uow.connection.execute(
        "INSERT INTO outbox (event_id, topic, key, headers, value) VALUES (%s, %s, %s, %s, %s)",
        (event_id, topic, str(key), headers, value),
    )
    return event_id


async def rows(pool: Pool, condition: str) -> list[Any]:
    async with pool.connection() as connection:
        cursor = await connection.execute(f"SELECT * FROM outbox WHERE {condition} ORDER BY id".encode())
        return await cursor.fetchall()


async def parked(pool: Pool, count: int = 1) -> list[Any]:
    async def found() -> list[Any] | None:
        them = await rows(pool, "parked_at IS NOT NULL")
        return them if len(them) >= count else None

    return await eventually(found)


async def published(pool: Pool, count: int) -> None:
    async def reached() -> bool:
        return len(await rows(pool, "published_at IS NOT NULL")) >= count

    await eventually(reached)


async def values(kafka: KafkaSandbox, count: int) -> Sequence[bytes | None]:
    return [message.value() for message in await kafka.read(TOPIC, count, timeout_seconds=5)]


@pytest.mark.parametrize(
    ("headers", "value", "reason"),
    [
        ("[]", TOO_LARGE, "too large"),
        ('[["ce_id", null]]', b"x", "cannot be made a message"),
        ('["ce_id"]', b"x", "cannot be made a message"),
        ("7", b"x", "cannot be made a message"),
    ],
    ids=["too large", "a header without text", "a header without a name", "no headers"],
)
async def test_a_row_that_can_never_be_sent_parks_its_successors_wait_and_other_keys_go_on(
    kafka: KafkaSandbox, pool: Pool, uow_factory: Factory, headers: str, value: bytes, reason: str
) -> None:
    await kafka.create_topics(TOPIC)
    key = uuid4()
    async with uow_factory() as uow:
        await insert(uow, key, b"before")
        event_id = await insert(uow, key, value, headers)
        await insert(uow, key, b"behind")
        await insert(uow, uuid4(), b"other")
    with capture_logs() as logs:
        async with running(Relay(kafka.settings, pool)):
            [row] = await parked(pool)
            await published(pool, 2)
            async with uow_factory() as uow:
                await insert(uow, key, b"later")
                await insert(uow, uuid4(), b"another")
            await published(pool, 3)
            await eventually(lambda: REGISTRY.get_sample_value("learning_outbox_parked_rows") == 1)
    assert (row["event_id"], row["value"]) == (event_id, value)
    assert reason in row["error"]
    assert [line["outbox_id"] for line in logs if line["event"] == "relay.parked"] == [row["id"]]
    assert sorted(await values(kafka, 4)) == [b"another", b"before", b"other"]
    assert [each["value"] for each in await rows(pool, "published_at IS NULL")] == [value, b"behind", b"later"]


async def test_a_dropped_event_lets_its_successors_go_in_order(
    kafka: KafkaSandbox, pool: Pool, uow_factory: Factory
) -> None:
    await kafka.create_topics(TOPIC)
    key = uuid4()
    async with uow_factory() as uow:
        event_id = await insert(uow, key, TOO_LARGE)
        for number in range(3):
            await insert(uow, key, str(number).encode())
    async with running(Relay(kafka.settings, pool)):
        await parked(pool)
        async with pool.connection() as connection:
            assert await drop_parked(connection, event_id)
            assert not await drop_parked(connection, event_id)
        assert await values(kafka, 3) == [b"0", b"1", b"2"]


async def test_a_released_event_is_sent_before_its_successors_or_parks_again(
    kafka: KafkaSandbox, pool: Pool, uow_factory: Factory
) -> None:
    await kafka.create_topics(TOPIC)
    key = uuid4()
    async with uow_factory() as uow:
        event_id = await insert(uow, key, TOO_LARGE)
        await insert(uow, key, b"behind")
    async with running(Relay(kafka.settings, pool)):
        [first] = await parked(pool)
        async with pool.connection() as connection:
            assert await release_parked(connection, event_id)

        async def parked_again() -> bool:
            return (await parked(pool))[0]["parked_at"] > first["parked_at"]

        await eventually(parked_again)
        async with pool.connection() as connection:
            await connection.execute("UPDATE outbox SET value = 'mended' WHERE event_id = %s", (event_id,))
            assert await release_parked(connection, event_id)
        assert await values(kafka, 2) == [b"mended", b"behind"]
        async with pool.connection() as connection:
            assert not await release_parked(connection, event_id)


async def test_what_shares_a_refused_batch_with_a_row_too_large_for_its_topic_is_sent(
    kafka: KafkaSandbox, pool: Pool, uow_factory: Factory
) -> None:
    await kafka.create_topics(TOPIC)
    limit(kafka, TOPIC, 20_000)
    small = [os.urandom(4_000) for _ in range(8)]  # random: the limit holds for what is left after compression
    async with uow_factory() as uow:
        for value in small[:4]:
            await insert(uow, uuid4(), value)
        event_id = await insert(uow, uuid4(), os.urandom(30_000))
        for value in small[4:]:
            await insert(uow, uuid4(), value)
    async with running(Relay(kafka.settings, pool)):
        await published(pool, len(small))
        [row] = await parked(pool)
    assert row["event_id"] == event_id
    assert sorted(await values(kafka, len(small))) == sorted(small)


def limit(kafka: KafkaSandbox, topic: str, most_bytes: int) -> None:
    """Have a topic take less than our producers send."""
    admin = AdminClient(client_config(kafka.settings))
    change = ConfigEntry("max.message.bytes", str(most_bytes), incremental_operation=AlterConfigOpType.SET)
    name = prefixed(kafka.settings, topic)
    resource = ConfigResource(ResourceType.TOPIC, name, incremental_configs=[change])
    for future in admin.incremental_alter_configs([resource]).values():
        future.result()
