"""Replies kept for replay under an Idempotency-Key, in the transaction of their effect; 24 hours per owner."""

from psycopg.types.json import Jsonb

from chassis.postgres.pool import Connection
from chassis.replies import StoredReply

KEPT_HOURS = 24


class IdempotencyKeys:
    """The adapter of `chassis.replies.IdempotencyStore`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def claim(self, owner_id: str, key: str) -> bool:
        """Lock (owner, key) until the transaction ends; False when another transaction holds it.

        The lock dies with its session, so a crashed request blocks nobody.
        """
        cursor = await self._connection.execute(
            "SELECT pg_try_advisory_xact_lock(hashtextextended('idempotency:' || %s || chr(10) || %s, 0)) AS locked",
            (owner_id, key),
        )
        row = await cursor.fetchone()
        return bool(row and row["locked"])

    async def find(self, owner_id: str, key: str) -> StoredReply | None:
        cursor = await self._connection.execute(
            """
            SELECT fingerprint, status, headers, body FROM idempotency_keys
            WHERE owner_id = %s AND key = %s AND created_at > now() - make_interval(hours => %s)
            """,
            (owner_id, key, KEPT_HOURS),
        )
        row = await cursor.fetchone()
        return StoredReply(**row) if row else None

    async def store(self, owner_id: str, key: str, reply: StoredReply) -> None:
        """Keep the reply; an expired one under the same key is replaced."""
        await self._connection.execute(
            """
            INSERT INTO idempotency_keys (owner_id, key, fingerprint, status, headers, body)
            VALUES (%s, %s, %s, %s, %s, %s)
            ON CONFLICT (owner_id, key) DO UPDATE
            SET fingerprint = excluded.fingerprint, status = excluded.status, headers = excluded.headers,
                body = excluded.body, created_at = now()
            """,
            (owner_id, key, reply.fingerprint, reply.status, Jsonb(dict(reply.headers)), reply.body),
        )
