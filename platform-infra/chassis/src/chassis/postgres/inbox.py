"""The inbox: which events a consumer group has handled, recorded in the transaction of their effects."""

from collections.abc import Sequence

from chassis.postgres.pool import Connection


class Inbox:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def add(self, group: str, event_id: str) -> bool:
        """Record the event; False when it was there already: a duplicate, whose effects are committed."""
        return bool(await self.add_all(group, [event_id]))

    async def add_all(self, group: str, event_ids: Sequence[str]) -> set[str]:
        """Record events with one statement; returns those that were not there yet."""
        cursor = await self._connection.execute(
            """
            INSERT INTO inbox (consumer_group, event_id) SELECT %s, unnest(%s::text[])
            ON CONFLICT DO NOTHING RETURNING event_id
            """,
            # In one order, so that two members with the same events wait for each other instead of deadlocking.
            (group, sorted(event_ids)),
        )
        return {row["event_id"] for row in await cursor.fetchall()}
