"""The message relay: sends every committed outbox row to Kafka, in order per key, one relay per database at a time.

It reads what is unpublished, never what is above the last id: ids are handed out before their transactions commit.
A row is marked only after Kafka acknowledged it; after a crash it is sent again with the same event id, which the
readers' inboxes recognise. A row that Kafka can never take is parked alone, and what follows of its key waits for it;
only where a topic takes less than the client sends may a row already in flight overtake the one refused there.
"""

import asyncio
import contextlib
import time
from collections.abc import Sequence
from dataclasses import dataclass

import psycopg
import structlog
from confluent_kafka import KafkaError, KafkaException
from psycopg.rows import DictRow

from chassis import metrics
from chassis.backoff import Backoff
from chassis.kafka.producer import Delivery, TrackedProducer
from chassis.postgres import notify
from chassis.postgres.notify import Wakeup, Wakeups
from chassis.postgres.pool import Connection, Pool, connect, dsn_of
from chassis.settings import KafkaSettings

WINDOW_ROWS = 2_000
WINDOW_BYTES = 16 * 1024 * 1024
REPORT_WAIT_SECONDS = 0.05
RETRY_SECONDS = 1.0
MEASURE_SECONDS = 5.0
FLUSH_SECONDS = 5.0

# No later attempt can succeed with these.
_HOPELESS = {KafkaError.MSG_SIZE_TOO_LARGE, KafkaError._INVALID_ARG, KafkaError._BAD_MSG}

# ORDER BY in the innermost SELECT: so that it reads the index of parked rows, also before the first ANALYZE.
_READ = """
SELECT id, topic, key, headers, value FROM (
    SELECT *, sum(octet_length(value)) OVER (ORDER BY id) - octet_length(value) AS bytes_before FROM (
        SELECT id, topic, key, headers, value FROM outbox
        WHERE published_at IS NULL AND parked_at IS NULL AND NOT id = ANY (%s) AND NOT key = ANY (%s)
          AND key NOT IN (SELECT key FROM outbox WHERE parked_at IS NOT NULL ORDER BY key)
        ORDER BY id LIMIT %s
    ) AS next_rows
) AS sized WHERE bytes_before < %s ORDER BY id
"""

log = structlog.get_logger(__name__)


class ProducerFailed(Exception):
    """The producer reported a fatal error; what was in flight is unknown and is sent again by the next one."""


class Relay:
    """A component. Any number may run; the one that holds the database's advisory lock works, the others wait."""

    name = "relay"

    def __init__(
        self,
        settings: KafkaSettings,
        pool: Pool,
        *,
        wakeups: Wakeups | None = None,
        window_rows: int = WINDOW_ROWS,
        backoff: Backoff | None = None,
    ) -> None:
        self._settings = settings
        self._dsn = dsn_of(pool)
        self._wakeups = wakeups or Wakeups.silent()
        self._window_rows = window_rows
        self._backoff = backoff or Backoff(first_seconds=0.5, most_seconds=30.0)
        self._session: _Session | None = None

    @property
    def active(self) -> bool:
        """Whether this is the relay that works."""
        return self._session is not None

    async def check(self) -> None:
        """For /ready: raises when Kafka does not take our messages."""
        if self._session is not None and self._session.producer.trouble:
            raise ConnectionError(self._session.producer.trouble)

    async def run(self, stop: asyncio.Event) -> None:
        with self._wakeups.subscribe(notify.OUTBOX, stop=stop) as wakeup:
            while not stop.is_set():
                try:
                    # Lock, reads and marks share one connection: who loses it loses the lock and can mark nothing.
                    async with await connect(self._dsn, "relay") as connection:
                        if await _try_lock(connection):
                            await self._work(connection, wakeup, stop)
                except (psycopg.Error, ProducerFailed) as error:
                    log.warning("relay.interrupted", error=str(error))
                await _sleep(stop, RETRY_SECONDS)

    async def _work(self, connection: Connection, wakeup: Wakeup, stop: asyncio.Event) -> None:
        log.info("relay.active")
        metrics.RELAY_ACTIVE.set(1)
        producer = TrackedProducer(self._settings)
        self._session = _Session(connection, producer, self._window_rows, self._backoff)
        try:
            while not stop.is_set():
                if not await self._session.step():
                    await wakeup.wait()
            await self._session.finish()
        finally:
            self._session = None
            # The next relay's process measures from now on.
            for gauge in (metrics.RELAY_ACTIVE, metrics.OUTBOX_PENDING, metrics.OUTBOX_LAG, metrics.OUTBOX_PARKED):
                gauge.set(0)
            await asyncio.to_thread(producer.close)


@dataclass(slots=True)
class _Row:
    """What is remembered of a row in flight."""

    id: int
    topic: str
    key: str


@dataclass(slots=True)
class _Blocked:
    """A key whose first unsent row failed: nothing behind it is sent before it."""

    failures: int
    until: float


class _Session:
    """The relay's work while it holds the lock, with one producer."""

    def __init__(self, connection: Connection, producer: TrackedProducer, window_rows: int, backoff: Backoff) -> None:
        self.producer = producer
        self._connection = connection
        self._window_rows = window_rows
        self._backoff = backoff
        self._in_flight: dict[int, _Row] = {}
        self._blocked: dict[str, _Blocked] = {}
        # Refused for good, but perhaps only because the batch they were in was too large: sent again one by one.
        self._suspects: set[int] = set()
        self._measured_at = 0.0

    async def step(self) -> bool:
        """Send what is new, mark what was acknowledged; False when there is nothing to do at the moment."""
        sent = 0
        if len(self._in_flight) <= (0 if self._suspects else self._window_rows // 2):
            sent = await self._send()
        deliveries = await asyncio.to_thread(self.producer.poll, REPORT_WAIT_SECONDS if self._in_flight else 0)
        await self._settle(deliveries)
        if self.producer.fatal_error:
            raise ProducerFailed(self.producer.fatal_error.str())
        await self._measure()
        # With deliveries there is room again for rows that were not read when the window was full.
        return bool(sent or deliveries or self._in_flight)

    async def finish(self) -> None:
        """Wait a little for what is in flight; what stays unacknowledged is sent again by the next relay."""
        deadline = time.monotonic() + FLUSH_SECONDS
        while self._in_flight and not self.producer.trouble and time.monotonic() < deadline:
            await self._settle(await asyncio.to_thread(self.producer.poll, REPORT_WAIT_SECONDS))

    async def _send(self) -> int:
        now = time.monotonic()
        held_back = [key for key, blocked in self._blocked.items() if blocked.until > now]
        most_rows = 1 if self._suspects else self._window_rows
        # Binary: as text, every payload would travel as hex, twice its size.
        async with self._connection.cursor(binary=True) as cursor:
            await cursor.execute(_READ, (list(self._in_flight), held_back, most_rows, WINDOW_BYTES))
            rows = await cursor.fetchall()
        if not rows:
            self._suspects.clear()
        refused: set[str] = set()
        for row in rows:
            if row["key"] not in refused and not await self._send_row(row):
                refused.add(row["key"])
        return len(rows)

    async def _send_row(self, values: DictRow) -> bool:
        """False when it was refused at once."""
        row = _Row(values["id"], values["topic"], values["key"])
        try:
            headers = [(name, text.encode()) for name, text in values["headers"]]
            self.producer.send(row.topic, row.key, values["value"], headers, tag=row.id)
        except (TypeError, ValueError, AttributeError) as error:
            await self._park(row, f"cannot be made a message: {error}")
            return False
        except KafkaException as error:
            await self._fail(row, error.args[0], alone=True)
            return False
        self._in_flight[row.id] = row
        return True

    async def _settle(self, deliveries: Sequence[Delivery]) -> None:
        published = [delivery.tag for delivery in deliveries if delivery.error is None]
        if published:
            await self._connection.execute("UPDATE outbox SET published_at = now() WHERE id = ANY (%s)", (published,))
        for delivery in deliveries:
            row = self._in_flight.pop(delivery.tag)
            alone = row.id in self._suspects
            self._suspects.discard(row.id)
            if delivery.error is None:
                metrics.RELAY_PUBLISHED.labels(row.topic).inc()
                self._blocked.pop(row.key, None)
            else:
                await self._fail(row, delivery.error, alone=alone)

    async def _fail(self, row: _Row, error: KafkaError, *, alone: bool) -> None:
        metrics.RELAY_FAILED.labels(row.topic).inc()
        if error.code() in _HOPELESS:
            if alone:
                await self._park(row, error.str())
            else:
                self._suspects.add(row.id)
            return
        blocked = self._blocked.setdefault(row.key, _Blocked(0, 0.0))
        blocked.failures += 1
        blocked.until = time.monotonic() + self._backoff.seconds(blocked.failures)
        log.warning("relay.not_acknowledged", outbox_id=row.id, topic=row.topic, error=error.str())

    async def _park(self, row: _Row, reason: str) -> None:
        log.error("relay.parked", outbox_id=row.id, topic=row.topic, error=reason)
        self._blocked.pop(row.key, None)
        await self._connection.execute(
            "UPDATE outbox SET parked_at = now(), error = %s WHERE id = %s", (reason, row.id)
        )

    async def _measure(self) -> None:
        if time.monotonic() - self._measured_at < MEASURE_SECONDS:
            return
        self._measured_at = time.monotonic()
        cursor = await self._connection.execute(
            """
            SELECT count(*) AS pending, coalesce(extract(epoch FROM now() - min(created_at)), 0)::float8 AS lag_seconds,
                   (SELECT count(*) FROM outbox WHERE parked_at IS NOT NULL) AS parked
            FROM outbox WHERE published_at IS NULL AND parked_at IS NULL
            """
        )
        row = await cursor.fetchone()
        assert row is not None, "an aggregate always has a row"
        metrics.OUTBOX_PENDING.set(row["pending"])
        metrics.OUTBOX_LAG.set(row["lag_seconds"])
        metrics.OUTBOX_PARKED.set(row["parked"])


async def _try_lock(connection: Connection) -> bool:
    cursor = await connection.execute("SELECT pg_try_advisory_lock(hashtextextended('relay', 0)) AS locked")
    row = await cursor.fetchone()
    return bool(row and row["locked"])


async def _sleep(stop: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await stop.wait()
