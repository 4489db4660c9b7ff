"""What holds of events whatever the interleaving: order per key from the outbox, effects exactly once by the inbox."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import UUID

from confluent_kafka import KafkaError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from samples import uploaded

from chassis.backoff import Backoff
from chassis.kafka import RetryPolicy
from chassis.kafka.handling import MessageHandling
from chassis.kafka.partition import Progress
from chassis.kafka.producer import Delivery
from chassis.kafka.relay import _Session
from chassis.postgres import UnitOfWork
from chassis.postgres.outbox import Outbox, envelope_of
from chassis.postgres.pool import Connection, connect, open_pool_for
from chassis.settings import KafkaSettings
from chassis.transient import Transient
from learning_contracts.codec import EncodedMessage, encode
from learning_contracts.events import DocumentUploaded

SOURCE = "urn:learning-platform:test"
AT_ONCE = Backoff(0.0, 0.0)
NOWHERE = KafkaSettings.model_validate({"bootstrap_servers": "127.0.0.1:1"})

# One database per test, emptied by each example.
examples = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))

KEYS = [UUID(int=number) for number in range(3)]
WRITERS = 2

Report = Literal["all acknowledged", "one acknowledged", "all refused", "nothing yet"]
reports = st.sampled_from(("all acknowledged", "one acknowledged", "all refused", "nothing yet"))
steps = st.one_of(
    st.tuples(st.just("write"), st.integers(0, WRITERS - 1), st.sampled_from(KEYS)),
    st.tuples(st.sampled_from(("commit", "roll back")), st.integers(0, WRITERS - 1)),
    st.tuples(st.just("relay"), reports),
    st.tuples(st.just("relay dies"), st.integers(0, 3)),
)


@dataclass
class Broker:
    """A topic of one partition, and the producer to it: what is refused takes all behind it along, as in librdkafka."""

    log: list[tuple[str, str]] = field(default_factory=list)  # key and event id
    report: Report = "all acknowledged"
    fatal_error: None = None
    trouble: None = None
    _in_flight: list[tuple[int, str, str]] = field(default_factory=list)

    def send(self, _topic: str, key: str, _value: bytes, headers: Sequence[tuple[str, bytes]], tag: int) -> None:
        self._in_flight.append((tag, key, dict(headers)["ce_id"].decode()))

    def poll(self, _seconds: float) -> list[Delivery]:
        if self.report == "all refused":
            refused, self._in_flight = self._in_flight, []
            return [Delivery(tag, KafkaError(KafkaError.NOT_ENOUGH_REPLICAS)) for tag, _, _ in refused]
        taken = {"all acknowledged": len(self._in_flight), "one acknowledged": 1, "nothing yet": 0}[self.report]
        return [Delivery(tag, None) for tag in self._append(taken)]

    def die(self, written: int) -> None:
        """With so many of what was in flight in the log, which nobody was told."""
        self._append(written)
        self._in_flight.clear()

    def _append(self, count: int) -> list[int]:
        taken, self._in_flight = self._in_flight[:count], self._in_flight[count:]
        self.log += [(key, event_id) for _, key, event_id in taken]
        return [tag for tag, _, _ in taken]


class Writers:
    """Transactions open side by side; a key belongs to one at a time, as by the lock on its object's row."""

    def __init__(self, connections: Sequence[Connection]) -> None:
        self._connections = connections
        self._written: dict[int, list[tuple[str, str]]] = {}
        self.committed: list[tuple[str, str]] = []

    async def write(self, writer: int, key: UUID) -> None:
        if any(str(key) in dict(written) for other, written in self._written.items() if other != writer):
            return
        connection = self._connections[writer]
        if writer not in self._written:
            await connection.execute("BEGIN")
        event_id = await Outbox(connection, SOURCE).add(uploaded(key))
        self._written.setdefault(writer, []).append((str(key), event_id))

    async def end(self, writer: int, how: str) -> None:
        if writer in self._written:
            await self._connections[writer].execute("COMMIT" if how == "commit" else "ROLLBACK")
            written = self._written.pop(writer)
            self.committed += written if how == "commit" else []


def test_events_of_one_key_arrive_complete_and_in_their_order(postgres_database: str) -> None:
    with asyncio.Runner() as runner:

        @examples
        @given(st.lists(steps, min_size=10, max_size=40))
        def holds(scenario: list[Any]) -> None:
            runner.run(play(scenario))

        async def play(scenario: list[Any]) -> None:
            async with connections(postgres_database, WRITERS + 1) as (relaying, *writing):
                await relaying.execute("TRUNCATE outbox")
                broker, writers = Broker(), Writers(writing)
                session = new_session(relaying, broker)
                for name, *arguments in scenario:
                    if name == "write":
                        await writers.write(*arguments)
                    elif name == "relay":
                        [broker.report] = arguments
                        await session.step()
                    elif name == "relay dies":
                        broker.die(*arguments)
                        session = new_session(relaying, broker)
                    else:
                        await writers.end(*arguments, name)
                for writer in range(WRITERS):
                    await writers.end(writer, "commit")
                broker.report = "all acknowledged"
                while await session.step():
                    pass
            first_arrivals = list(dict.fromkeys(broker.log))
            for key in map(str, KEYS):
                assert [event for event in first_arrivals if event[0] == key] == [
                    event for event in writers.committed if event[0] == key
                ]
            assert len(first_arrivals) == len(writers.committed)

        holds()


def new_session(connection: Connection, broker: Broker) -> _Session:
    return _Session(connection, broker, window_rows=4, backoff=AT_ONCE)  # type: ignore[arg-type]


@asynccontextmanager
async def connections(dsn: str, count: int) -> AsyncIterator[list[Connection]]:
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(await connect(dsn)) for _ in range(count)]


@dataclass
class Received:
    """A message as a consumer gets it."""

    encoded: EncodedMessage
    at: int

    def headers(self) -> list[tuple[str, bytes]]:
        return list(self.encoded.headers)

    def value(self) -> bytes:
        return self.encoded.value

    def topic(self) -> str:
        return self.encoded.topic

    def partition(self) -> int:
        return 0

    def offset(self) -> int:
        return self.at


EVENTS = [uploaded(title=str(number)) for number in range(6)]
# What one member gets, run by run: any events in any order, some again and again.
received = st.lists(st.lists(st.integers(0, len(EVENTS) - 1), min_size=1, max_size=8), min_size=1, max_size=4)


def test_effects_happen_once_whatever_is_delivered_twice_late_or_to_two_members(postgres_database: str) -> None:
    with asyncio.Runner() as runner:

        @examples
        @given(st.lists(received, min_size=1, max_size=2), st.sets(st.integers(1, 12)))
        def hold(members: list[list[list[int]]], failing_calls: set[int]) -> None:
            runner.run(play(members, failing_calls))

        async def play(members: list[list[list[int]]], failing_calls: set[int]) -> None:
            messages = [encode(envelope_of(event, SOURCE)) for event in EVENTS]
            calls = 0

            async def handle(uow: UnitOfWork, event: DocumentUploaded) -> None:
                nonlocal calls
                calls += 1
                await uow.connection.execute("INSERT INTO effects VALUES (%s)", (event.title,))
                if calls in failing_calls:
                    raise Transient("after its effect")

            async def consume(runs: list[list[int]]) -> None:
                handlers = {DocumentUploaded: handle}
                policy = RetryPolicy(backoff=AT_ONCE)
                member = MessageHandling(NOWHERE, "group", handlers, lambda: UnitOfWork(pool, SOURCE), policy)
                for run in runs:
                    delivered: list[Any] = [Received(messages[number], offset) for offset, number in enumerate(run)]
                    await member.handle_run(delivered, Progress())

            pool = await open_pool_for(postgres_database, min_size=2)
            try:
                async with pool.connection() as connection:
                    await connection.execute("CREATE TABLE IF NOT EXISTS effects (title text)")
                    await connection.execute("TRUNCATE effects, inbox")
                await asyncio.gather(*(consume(runs) for runs in members))
                async with pool.connection() as connection:
                    cursor = await connection.execute("SELECT title FROM effects ORDER BY title")
                    effects = [int(row["title"]) for row in await cursor.fetchall()]
            finally:
                await pool.close()
            assert effects == sorted({number for runs in members for run in runs for number in run})

        hold()
