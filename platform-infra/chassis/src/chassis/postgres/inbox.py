"""The inbox: which events a consumer group has handled, recorded in the transaction of their effects."""

from chassis.postgres.pool import Connection


class Inbox:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def add(self, group: str, event_id: str) -> bool:
        """Record the event; False when it was there already: a duplicate, whose effects are committed."""
        cursor = await self._connection.execute(
            "INSERT INTO inbox (consumer_group, event_id) VALUES (%s, %s) ON CONFLICT DO NOTHING", (group, event_id)
        )
        return cursor.rowcount == 1
