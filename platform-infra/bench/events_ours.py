"""Our way: outbox, relay, Kafka, inbox, effect, offset; the chassis as a service runs it."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Any

import structlog
from chassis.kafka import EventConsumer, Relay
from chassis.postgres import UnitOfWork, Wakeups
from chassis.postgres.outbox import envelope_of
from chassis.postgres.pool import Pool, open_pool_for
from chassis.testing.components import running
from confluent_kafka import Producer
from events_place import EFFECT, FACT, GROUP, Place, uploaded
from learning_contracts.codec import EncodedMessage, encode
from learning_contracts.events import DocumentUploaded

SOURCE = "urn:learning-platform:bench"
EVENTS_IN_TRANSACTION = 100


async def write(pool: Pool, count: int) -> None:
    """One transaction: so many facts, and the events that tell of them."""
    events = [uploaded() for _ in range(count)]
    async with UnitOfWork(pool, SOURCE) as uow:
        async with uow.connection.cursor() as cursor:
            await cursor.executemany(FACT, [(event.document_id,) for event in events])
        for event in events:
            await uow.outbox.add(event)


def produce(at: Place, count: int) -> None:
    """So many events, EVENTS_IN_TRANSACTION a transaction, as fast as it goes."""

    async def produce() -> None:
        pool = await open_pool_for(at.dsn, max_size=2)
        for _ in range(count // EVENTS_IN_TRANSACTION):
            await write(pool, EVENTS_IN_TRANSACTION)
        await pool.close()

    asyncio.run(produce())


def produce_at(at: Place, events_per_second: int, seconds: float) -> int:
    """So many events a second, evenly; up to 100 transactions a second. Returns how many events."""
    transactions_per_second = min(events_per_second, 100)
    share = events_per_second // transactions_per_second

    async def produce() -> int:
        pool = await open_pool_for(at.dsn, max_size=2)
        transactions = int(transactions_per_second * seconds)
        start = time.monotonic()
        for number in range(transactions):
            await asyncio.sleep(
                start + number / transactions_per_second - time.monotonic()
            )
            await write(pool, share)
        await pool.close()
        return transactions * share

    return asyncio.run(produce())


def relay(at: Place, _share: int, reports: Connection) -> None:
    """The relay, in a process of its own until it is terminated."""
    _quiet()

    async def run() -> None:
        pool = await open_pool_for(at.dsn)
        wakeups = Wakeups(at.dsn)
        ours = Relay(at.kafka, pool, wakeups=wakeups)
        async with running(wakeups), running(ours):
            while not ours.active:
                await asyncio.sleep(0.01)
            reports.send("ready")
            await asyncio.Event().wait()

    asyncio.run(run())


class ReportingUnitOfWork(UnitOfWork):
    """Tells of what was handled in it, once that is committed."""

    def __init__(self, pool: Pool, reports: Connection) -> None:
        super().__init__(pool, SOURCE)
        self._reports = reports
        self.made_at: list[float] = []

    async def __aexit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await super().__aexit__(error_type, error, traceback)
        if error is None:
            now = time.time()
            self._reports.send([(made_at, now) for made_at in self.made_at])


async def on_document_uploaded(uow: Any, event: DocumentUploaded) -> None:
    await uow.connection.execute(EFFECT, (event.document_id,))
    uow.made_at.append(event.uploaded_at.timestamp())


def consume(at: Place, share: int, reports: Connection) -> None:
    """The consumer, in a process of its own until it is terminated."""
    _quiet()

    async def run() -> None:
        pool = await open_pool_for(at.dsn)
        handlers = {DocumentUploaded: on_document_uploaded}
        ours = EventConsumer(
            at.kafka, GROUP, handlers, lambda: ReportingUnitOfWork(pool, reports)
        )
        async with running(ours):
            while len(ours.assigned) != share:
                await asyncio.sleep(0.01)
            reports.send("ready")
            await asyncio.Event().wait()

    asyncio.run(run())


def prepared(at: Place, count: int) -> Callable[[], None]:
    """Sends so many messages at once, made beforehand as our relay would send them."""
    encoded = [encode(envelope_of(uploaded(), SOURCE)) for _ in range(count)]
    return lambda: blast(at, encoded)


def blast(at: Place, encoded: Sequence[EncodedMessage]) -> None:
    """Send them all at once, so that reading is what takes the time; returns when they are acknowledged."""
    producer = Producer(
        {
            "bootstrap.servers": at.bootstrap_servers,
            "linger.ms": 5,
            "partitioner": "murmur2_random",
        }
    )
    for number, message in enumerate(encoded):
        producer.produce(
            at.topic,
            key=message.key,
            value=message.value,
            headers=list(message.headers),
        )
        if number % 1_000 == 0:
            producer.poll(0)
    if left := producer.flush(30):
        raise TimeoutError(f"{left} messages were not acknowledged")


def _quiet() -> None:
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING)
    )
