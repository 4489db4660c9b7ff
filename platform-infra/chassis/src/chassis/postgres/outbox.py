"""The transactional outbox: an event is a row of the transaction it tells about; the relay sends it later."""

from psycopg.types.json import Jsonb

from chassis import context, tracing
from chassis.clock import utc_now
from chassis.ids import new_event_id
from chassis.postgres import notify
from chassis.postgres.pool import Connection
from learning_contracts.codec import Envelope, encode
from learning_contracts.event import Event, type_with_version

# One statement: the row and the wake-up of the relay, which PostgreSQL delivers at the commit.
_ADD = """
WITH added AS (
    INSERT INTO outbox (event_id, topic, key, headers, value) VALUES (%s, %s, %s, %s, %s) RETURNING id
)
SELECT pg_notify(%s, '') FROM added
"""


def envelope_of(event: Event, source: str) -> Envelope:
    """The event with a new id, and with the correlation, causation and trace of the work that caused it."""
    return Envelope(
        id=new_event_id(),
        type=type_with_version(event),
        source=source,
        subject=event.key,
        time=utc_now(),
        data=event,
        correlation_id=context.correlation_id.get(),
        causation_id=context.causation_id.get(),
        traceparent=tracing.inject_traceparent(),
    )


class Outbox:
    """Adds events to the open transaction; rolled back with it."""

    def __init__(self, connection: Connection, source: str) -> None:
        self._connection = connection
        self._source = source

    async def add(self, event: Event) -> str:
        """Queue the event; returns its id. Raises InvalidEvent or EventTooLarge, naming what is wrong."""
        envelope = envelope_of(event, self._source)
        message = encode(envelope)
        headers = Jsonb([[name, value.decode()] for name, value in message.headers])
        await self._connection.execute(
            _ADD, (envelope.id, message.topic, message.key, headers, message.value, notify.OUTBOX)
        )
        return envelope.id


async def release_parked(connection: Connection, event_id: str) -> bool:
    """Have the relay try a parked event again, and behind it what waits of its key; False when it is not parked."""
    cursor = await connection.execute(
        """
        WITH released AS (
            UPDATE outbox SET parked_at = NULL, error = NULL WHERE event_id = %s AND parked_at IS NOT NULL RETURNING id
        )
        SELECT pg_notify(%s, '') FROM released
        """,
        (event_id, notify.OUTBOX),
    )
    return cursor.rowcount == 1


async def drop_parked(connection: Connection, event_id: str) -> bool:
    """Give a parked event up for good, so that what waits of its key is sent; False when it is not parked."""
    cursor = await connection.execute(
        """
        WITH dropped AS (DELETE FROM outbox WHERE event_id = %s AND parked_at IS NOT NULL RETURNING id)
        SELECT pg_notify(%s, '') FROM dropped
        """,
        (event_id, notify.OUTBOX),
    )
    return cursor.rowcount == 1
