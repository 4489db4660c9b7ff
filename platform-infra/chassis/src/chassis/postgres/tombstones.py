"""Tombstones: ids that were deleted, remembered longer than any message about them can still arrive."""

from uuid import UUID

from chassis.postgres.pool import Connection

# Without the lock, an effect checked before a deletion could commit after it and bring the subject back.
# Locking is a statement of its own: a statement's snapshot is taken before it waits, and would miss the new row.
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('tombstone:' || %s::text, 0))"
_LOCK_SHARED = "SELECT pg_advisory_xact_lock_shared(hashtextextended('tombstone:' || %s::text, 0))"


class Tombstones:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def add(self, subject_id: UUID) -> None:
        """Mark the subject deleted; waits for transactions that have asked `has` about it. Twice is harmless."""
        await self._connection.execute(_LOCK, (subject_id,))
        await self._connection.execute(
            "INSERT INTO tombstones (subject_id) VALUES (%s) ON CONFLICT DO NOTHING", (subject_id,)
        )

    async def has(self, subject_id: UUID) -> bool:
        """Whether the subject was deleted; a False holds until this transaction ends."""
        await self._connection.execute(_LOCK_SHARED, (subject_id,))
        cursor = await self._connection.execute("SELECT 1 FROM tombstones WHERE subject_id = %s", (subject_id,))
        return await cursor.fetchone() is not None
