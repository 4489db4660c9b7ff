"""The consumer runtime on real PostgreSQL and Kafka: nothing lost, nothing twice, a poison message harms nobody."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from confluent_kafka.admin import AdminClient
from samples import deleted, uploaded

from chassis import context
from chassis.backoff import Backoff
from chassis.kafka import DeadLetterNotWritten, EventConsumer, RetryPolicy, TooManyFailures
from chassis.kafka.client_config import client_config, prefixed
from chassis.kafka.dead_letters import list_dead_letters, redrive, show_dead_letter
from chassis.postgres import Pool, UnitOfWork
from chassis.settings import KafkaSettings
from chassis.testing.components import running
from chassis.testing.kafka import KafkaSandbox
from chassis.testing.waiting import eventually
from chassis.transient import Transient
from learning_contracts.codec import encode
from learning_contracts.event import Event
from learning_contracts.events import DocumentDeleted, DocumentUploaded

TOPIC = "document.uploaded"
DLQ = "test-group.dlq"
POLICY = RetryPolicy(attempts=3, backoff=Backoff(0.05, 0.2), failures_in_a_row=5, dead_letter_write_seconds=3)

Factory = Callable[[], UnitOfWork]
Handler = Callable[[UnitOfWork, Any], Awaitable[None]]


@pytest.fixture
async def effects(pool: Pool) -> Callable[[], Awaitable[list[str]]]:
    """A table that handlers write to; the fixture reads it back in order."""
    async with pool.connection() as connection:
        await connection.execute("CREATE TABLE effects (id serial, title text)")

    async def read() -> list[str]:
        async with pool.connection() as connection:
            cursor = await connection.execute("SELECT title FROM effects ORDER BY id")
            return [row["title"] for row in await cursor.fetchall()]

    return read


async def record(uow: UnitOfWork, event: DocumentUploaded) -> None:
    await uow.connection.execute("INSERT INTO effects (title) VALUES (%s)", (event.title,))


def consumer(kafka: KafkaSandbox, uow_factory: Factory, handler: Handler = record, **options: Any) -> EventConsumer:
    handlers: dict[type[Event], Handler] = {DocumentUploaded: handler}
    return EventConsumer(kafka.settings, kafka.group, handlers, uow_factory, policy=options.pop("policy", POLICY))


async def committed(kafka: KafkaSandbox, offset: int, topic: str = TOPIC) -> None:
    async def reached() -> bool:
        return await kafka.committed_offset(topic) >= offset

    await eventually(reached)


async def test_messages_are_handled_in_order_and_the_offset_follows(
    kafka: KafkaSandbox, uow_factory: Factory, effects: Any
) -> None:
    await kafka.create_topics(TOPIC)
    titles = [f"title {number}" for number in range(120)]
    await kafka.publish(*(uploaded(title=title) for title in titles))
    async with running(consumer(kafka, uow_factory)):

        async def all_handled() -> bool:
            return await effects() == titles

        await eventually(all_handled)
        await committed(kafka, 120)


async def test_a_duplicate_delivery_is_handled_once(kafka: KafkaSandbox, uow_factory: Factory, effects: Any) -> None:
    await kafka.create_topics(TOPIC)
    [envelope] = await kafka.publish(uploaded(title="once"))
    await kafka.send(envelope, envelope)
    async with running(consumer(kafka, uow_factory)):
        await committed(kafka, 3)
    await kafka.send(envelope)
    async with running(consumer(kafka, uow_factory)):
        await committed(kafka, 4)
    assert await effects() == ["once"]


async def test_a_poison_message_goes_to_the_dead_letters_and_the_next_one_is_handled(
    kafka: KafkaSandbox, uow_factory: Factory, effects: Any
) -> None:
    await kafka.create_topics(TOPIC, DLQ)
    headers = dict(encode((await kafka.publish(uploaded(title="before")))[0]).headers)
    await kafka.send_raw(TOPIC, "k", b'{"not": "an upload"}', headers)
    await kafka.send_raw(TOPIC, "k", None)
    await kafka.publish(uploaded(title="after"))
    async with running(consumer(kafka, uow_factory)):
        await committed(kafka, 4)
    assert await effects() == ["before", "after"]
    letter, nameless = await list_dead_letters(kafka.settings, kafka.group)
    assert letter.value == b'{"not": "an upload"}'
    assert letter.key == b"k"
    assert dict(letter.headers) == headers
    assert letter.reason["error_class"] == "learning_contracts.codec.UnusableMessage"
    assert "document.uploaded.v1" in letter.reason["error_message"]
    assert (letter.topic, letter.reason["partition"], letter.reason["offset"]) == (TOPIC, "0", "1")
    assert (letter.reason["attempts"], letter.reason["group"]) == ("1", kafka.group)
    assert nameless.value is None


async def test_events_nobody_asked_for_and_unknown_types_are_skipped(
    kafka: KafkaSandbox, uow_factory: Factory, effects: Any
) -> None:
    await kafka.create_topics("document.processed", TOPIC, DLQ)

    async def on_deleted(uow: UnitOfWork, event: DocumentDeleted) -> None:
        await uow.connection.execute("INSERT INTO effects (title) VALUES ('deleted')")

    [envelope] = await kafka.publish(deleted())
    headers = dict(encode(envelope).headers)
    await kafka.send_raw("document.processed", "k", b"{}", headers | {"ce_type": b"document.translated.v1"})
    await kafka.publish(uploaded())
    skipping = EventConsumer(kafka.settings, kafka.group, {DocumentDeleted: on_deleted}, uow_factory, policy=POLICY)
    async with running(skipping):
        await committed(kafka, 2, "document.processed")
    assert await effects() == ["deleted"]
    assert await list_dead_letters(kafka.settings, kafka.group) == []


async def test_a_handler_that_keeps_failing_is_tried_a_few_times_and_leaves_no_effect(
    kafka: KafkaSandbox, uow_factory: Factory, effects: Any
) -> None:
    await kafka.create_topics(TOPIC, DLQ)
    tried: list[str] = []

    async def fails_for_bad(uow: UnitOfWork, event: DocumentUploaded) -> None:
        await record(uow, event)
        if event.title == "bad":
            tried.append(event.title)
            raise ZeroDivisionError("a bug")

    await kafka.publish(uploaded(title="bad"))
    async with running(consumer(kafka, uow_factory, fails_for_bad)):
        await committed(kafka, 1)
        assert len(tried) == POLICY.attempts
        await kafka.publish(uploaded(title="good 1"), uploaded(title="bad"), uploaded(title="good 2"))
        await committed(kafka, 4)
    assert await effects() == ["good 1", "good 2"]
    letters = await list_dead_letters(kafka.settings, kafka.group)
    assert [letter.reason["attempts"] for letter in letters] == ["3", "3"]
    assert letters[0].reason["error_message"] == "a bug"
    assert len(letters[0].reason["stack_digest"]) == 16


async def test_a_transient_failure_pauses_its_partition_alone_and_keeps_the_membership(
    kafka: KafkaSandbox, uow_factory: Factory, effects: Any
) -> None:
    await kafka.create_topics(TOPIC, partitions=2)
    weather = {"bad": True}
    tried = 0

    async def needs_good_weather(uow: UnitOfWork, event: DocumentUploaded) -> None:
        nonlocal tried
        if event.title == "exposed" and weather["bad"]:
            tried += 1
            raise Transient("a dependency is away")
        await record(uow, event)

    exposed, sheltered = keys_of_different_partitions()
    await kafka.publish(uploaded(exposed, "exposed"), uploaded(exposed, "behind it"))
    handling = consumer(kafka, uow_factory, needs_good_weather)
    async with running(handling):
        await eventually(lambda: tried > POLICY.attempts + 1)
        await kafka.publish(uploaded(sheltered, "sheltered"))

        async def other_partition_goes_on() -> bool:
            return await effects() == ["sheltered"]

        await eventually(other_partition_goes_on)
        assert handling._paused
        assert await members(kafka) == 1
        weather["bad"] = False

        async def caught_up() -> bool:
            return await effects() == ["sheltered", "exposed", "behind it"]

        await eventually(caught_up)
        await eventually(lambda: not handling._paused)


async def test_the_database_going_away_loses_and_doubles_nothing(
    kafka: KafkaSandbox, pool: Pool, uow_factory: Factory, effects: Any
) -> None:
    await kafka.create_topics(TOPIC)
    killed = False

    async def kills_its_connection_once(uow: UnitOfWork, event: DocumentUploaded) -> None:
        nonlocal killed
        await record(uow, event)
        if event.title == "2" and not killed:
            killed = True
            await uow.connection.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    await kafka.publish(*(uploaded(title=str(number)) for number in range(4)))
    async with running(consumer(kafka, uow_factory, kills_its_connection_once)):
        await committed(kafka, 4)
    assert killed
    assert await effects() == ["0", "1", "2", "3"]


CRASHING_CONSUMER = """
import asyncio, os, sys
sys.path.insert(0, sys.argv[1])
from learning_contracts.events import DocumentUploaded
from chassis.kafka import EventConsumer
from chassis.postgres import UnitOfWork
from chassis.postgres.pool import open_pool_for
from chassis.settings import KafkaSettings

class CrashesAfterCommit(UnitOfWork):
    async def __aexit__(self, *error):
        await super().__aexit__(*error)
        os._exit(9)

async def handle(uow, event):
    await uow.connection.execute("INSERT INTO effects (title) VALUES (%s)", (event.title,))

async def main():
    pool = await open_pool_for(sys.argv[2])
    settings = KafkaSettings.model_validate({"bootstrap_servers": sys.argv[3], "topic_prefix": sys.argv[4]})
    factory = lambda: CrashesAfterCommit(pool, "urn:learning-platform:test")
    await EventConsumer(settings, sys.argv[5], {DocumentUploaded: handle}, factory).run(asyncio.Event())

asyncio.run(main())
"""


async def test_a_crash_between_the_commit_and_the_offset_has_no_double_effect(
    kafka: KafkaSandbox, uow_factory: Factory, effects: Any, postgres_database: str
) -> None:
    await kafka.create_topics(TOPIC)
    await kafka.publish(uploaded(title="once"))
    crashing = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        CRASHING_CONSUMER,
        sys.path[0],
        postgres_database,
        kafka.settings.bootstrap_servers,
        kafka.settings.topic_prefix,
        kafka.group,
    )
    assert await crashing.wait() == 9
    assert await effects() == ["once"]
    assert await kafka.committed_offset(TOPIC) < 1
    await remove_dead_member(kafka)
    async with running(consumer(kafka, uow_factory)):
        await committed(kafka, 1)
    assert await effects() == ["once"]


async def test_when_the_dead_letter_cannot_be_written_the_consumer_stops_without_committing(
    kafka: KafkaSandbox, uow_factory: Factory
) -> None:
    await kafka.create_topics(TOPIC)  # and no dead-letter topic
    await kafka.send_raw(TOPIC, "k", b"not JSON")
    with pytest.raises(DeadLetterNotWritten, match=r"test-group\.dlq"):
        await consumer(kafka, uow_factory).run(asyncio.Event())
    assert await kafka.committed_offset(TOPIC) < 1


async def test_a_bad_deploy_that_is_started_again_and_again_buries_no_more_than_at_its_first_start(
    kafka: KafkaSandbox, uow_factory: Factory, effects: Any
) -> None:
    await kafka.create_topics(TOPIC, DLQ, partitions=2)
    titles = [str(number) for number in range(20)]
    await kafka.publish(*(uploaded(title=title) for title in titles))

    async def broken(uow: UnitOfWork, event: DocumentUploaded) -> None:
        raise ZeroDivisionError("a bug")

    for _ in range(1 + 3):
        with pytest.raises(TooManyFailures):
            await consumer(kafka, uow_factory, broken, policy=replace(POLICY, attempts=1)).run(asyncio.Event())
    assert len(await list_dead_letters(kafka.settings, kafka.group)) == POLICY.failures_in_a_row - 1
    async with running(consumer(kafka, uow_factory)):

        async def the_others_are_handled() -> bool:
            return len(await effects()) == len(titles) - POLICY.failures_in_a_row + 1

        await eventually(the_others_are_handled)


async def test_failures_with_a_success_between_them_never_stop_the_consumer(
    kafka: KafkaSandbox, uow_factory: Factory, effects: Any
) -> None:
    await kafka.create_topics(TOPIC, DLQ)
    poison = 2 * POLICY.failures_in_a_row
    for number in range(poison):
        await kafka.send_raw(TOPIC, "k", b"not JSON")
        await kafka.publish(uploaded(title=str(number)))
    async with running(consumer(kafka, uow_factory)):
        await committed(kafka, 2 * poison)
    assert len(await effects()) == poison
    assert len(await list_dead_letters(kafka.settings, kafka.group)) == poison


async def test_redriven_dead_letters_are_handled_and_redriven_only_once(
    kafka: KafkaSandbox, uow_factory: Factory, effects: Any
) -> None:
    await kafka.create_topics(TOPIC, DLQ)
    repaired = False

    async def broken_at_first(uow: UnitOfWork, event: DocumentUploaded) -> None:
        if not repaired:
            raise ZeroDivisionError("a bug")
        await record(uow, event)

    await kafka.publish(uploaded(title="first"), uploaded(title="second"))
    async with running(consumer(kafka, uow_factory, broken_at_first)):
        await committed(kafka, 2)
        repaired = True
        second = await show_dead_letter(kafka.settings, kafka.group, 0, 1)
        assert second is not None
        assert b"second" in (second.value or b"")
        assert await redrive(kafka.settings, kafka.group, only=[(0, 1)]) == 1
        await committed(kafka, 3)
        assert await effects() == ["second"]
        assert await redrive(kafka.settings, kafka.group) == 2
        assert await redrive(kafka.settings, kafka.group) == 0
        await committed(kafka, 5)
    assert await effects() == ["second", "first"]


async def test_an_event_published_by_a_handler_names_its_cause(
    kafka: KafkaSandbox, pool: Pool, uow_factory: Factory
) -> None:
    await kafka.create_topics(TOPIC)

    async def deletes(uow: UnitOfWork, event: DocumentUploaded) -> None:
        await uow.outbox.add(deleted(event.document_id))

    with context.bind(correlation_id="the-first-request"):
        [cause] = await kafka.publish(uploaded())
    async with running(consumer(kafka, uow_factory, deletes)):
        await committed(kafka, 1)
    async with pool.connection() as connection:
        cursor = await connection.execute("SELECT headers FROM outbox")
        headers = dict((await cursor.fetchone())["headers"])
    assert headers["ce_causationid"] == cause.id
    assert headers["ce_correlationid"] == "the-first-request"


async def test_a_second_member_takes_over_partitions_and_the_work_is_done_once(
    kafka: KafkaSandbox, uow_factory: Factory, effects: Any
) -> None:
    await kafka.create_topics(TOPIC, partitions=4)
    titles = [str(number) for number in range(40)]
    first, second = consumer(kafka, uow_factory), consumer(kafka, uow_factory)
    async with running(first):
        await kafka.publish(*(uploaded(title=title) for title in titles[:20]))
        async with running(second):
            await eventually(lambda: members_have_partitions(first, second))
            await kafka.publish(*(uploaded(title=title) for title in titles[20:]))

            async def all_handled() -> bool:
                return len(await effects()) >= 40

            await eventually(all_handled)
        await eventually(lambda: len(first.assigned) == 4)
    assert sorted(await effects(), key=int) == titles


async def test_stopping_leaves_the_group_at_once(kafka: KafkaSandbox, uow_factory: Factory) -> None:
    await kafka.create_topics(TOPIC)
    handling = consumer(kafka, uow_factory)
    async with running(handling):
        await eventually(lambda: members(kafka))
    assert await members(kafka) == 0


async def test_a_member_with_a_name_of_its_own_is_a_static_member(kafka: KafkaSandbox, uow_factory: Factory) -> None:
    await kafka.create_topics(TOPIC)
    named = kafka.settings.model_copy(update={"group_instance_id": "replica-0"})
    async with running(EventConsumer(named, kafka.group, {DocumentUploaded: record}, uow_factory, policy=POLICY)):
        await eventually(lambda: members(kafka))
        assert await instance_ids(kafka) == ["replica-0"]


async def test_readiness_tells_a_missing_topic_and_an_unreachable_cluster(
    kafka: KafkaSandbox, uow_factory: Factory
) -> None:
    missing = consumer(kafka, uow_factory)
    async with running(missing):
        await eventually(lambda: missing._started)
        with pytest.raises(ConnectionError, match=r"document\.uploaded"):
            await missing.check()
        await kafka.create_topics(TOPIC)

        async def is_ready() -> bool:
            try:
                await missing.check()
            except ConnectionError:
                return False
            return True

        assert await eventually(is_ready)
    nowhere = KafkaSettings.model_validate({"bootstrap_servers": "127.0.0.1:1"})
    lost = EventConsumer(nowhere, "nobody", {DocumentUploaded: record}, uow_factory)
    async with running(lost):
        await eventually(lambda: lost._started)
        with pytest.raises(ConnectionError):
            await lost.check()


def keys_of_different_partitions() -> tuple[UUID, UUID]:
    """Two ids that murmur2 puts on partition 0 and 1 of two."""
    found: dict[int, UUID] = {}
    while len(found) < 2:
        candidate = uuid4()
        found[(murmur2(str(candidate).encode()) & 0x7FFFFFFF) % 2] = candidate
    return found[0], found[1]


def murmur2(data: bytes) -> int:
    """The hash of Kafka's default partitioner (org.apache.kafka.common.utils.Utils.murmur2)."""
    m, mask = 0x5BD1E995, 0xFFFFFFFF
    h = 0x9747B28C ^ len(data)
    for start in range(0, len(data) - len(data) % 4, 4):
        k = int.from_bytes(data[start : start + 4], "little") * m & mask
        k = (k ^ k >> 24) * m & mask
        h = h * m & mask ^ k
    if tail := data[len(data) - len(data) % 4 :]:
        h = (h ^ int.from_bytes(tail, "little")) * m & mask
    h = (h ^ h >> 13) * m & mask
    return h ^ h >> 15


def members_have_partitions(*consumers: EventConsumer) -> bool:
    return all(each.assigned for each in consumers)


async def members(kafka: KafkaSandbox) -> int:
    return len(await instance_ids(kafka))


async def instance_ids(kafka: KafkaSandbox) -> list[str | None]:
    """Of each member; None for a dynamic one."""

    def describe() -> list[str | None]:
        admin = AdminClient(client_config(kafka.settings))
        [future] = admin.describe_consumer_groups([prefixed(kafka.settings, kafka.group)]).values()
        return [member.group_instance_id for member in future.result().members]

    return await asyncio.to_thread(describe)


async def remove_dead_member(kafka: KafkaSandbox) -> None:
    """Wait until the broker has noticed that the crashed member is gone (its session time-out)."""

    async def empty() -> bool:
        return await members(kafka) == 0

    await eventually(empty, timeout_seconds=30)
