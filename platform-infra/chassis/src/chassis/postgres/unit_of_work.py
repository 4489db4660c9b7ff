"""The unit of work: one transaction that commits once, when its block is left without an exception."""

from types import TracebackType
from typing import Self
from uuid import UUID

from chassis.postgres import notify
from chassis.postgres.idempotency import IdempotencyKeys
from chassis.postgres.inbox import Inbox
from chassis.postgres.jobs import JobQueue
from chassis.postgres.outbox import Outbox
from chassis.postgres.pool import Connection, Pool
from chassis.postgres.tombstones import Tombstones


class UnitOfWork:
    """Opened by an edge (route, message, job) and passed inwards; nobody inside commits.

    A service subclasses it and makes its repositories in `bind`. An instance serves one block.
    """

    connection: Connection
    outbox: Outbox
    inbox: Inbox
    jobs: JobQueue
    tombstones: Tombstones
    idempotency: IdempotencyKeys

    def __init__(self, pool: Pool, source: str) -> None:
        """`source`: the CloudEvents source of what this unit of work publishes (a URN)."""
        self._pool = pool
        self._source = source

    def bind(self, connection: Connection) -> None:
        """Make what works on the transaction's connection; a subclass calls super().bind() and adds its own."""
        self.connection = connection
        self.outbox = Outbox(connection, self._source)
        self.inbox = Inbox(connection)
        self.jobs = JobQueue(connection)
        self.tombstones = Tombstones(connection)
        self.idempotency = IdempotencyKeys(connection)

    async def announce(self, subject_id: UUID) -> None:
        """Tell the status streams of every replica, at the commit, that this subject changed."""
        await notify.send(self.connection, notify.CHANGES, str(subject_id))

    async def __aenter__(self) -> Self:
        self._lease = self._pool.connection()
        connection = await self._lease.__aenter__()
        self._transaction = connection.transaction()
        try:
            await self._transaction.__aenter__()
        except BaseException as error:
            await self._lease.__aexit__(type(error), error, error.__traceback__)
            raise
        self.bind(connection)
        return self

    async def __aexit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            await self._transaction.__aexit__(error_type, error, traceback)
        finally:
            await self._lease.__aexit__(error_type, error, traceback)
