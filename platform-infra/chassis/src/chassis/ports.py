"""What application code needs of the platform, as protocols. Standard library and contracts only.

`chassis.postgres` fulfils them, and so do the fakes of `chassis.testing`.
"""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Any, Protocol, TypeAlias, TypeVar
from uuid import UUID

from learning_contracts.event import Event

U = TypeVar("U")

UnitOfWorkFactory: TypeAlias = Callable[[], AbstractAsyncContextManager[U]]
"""What an edge opens its units of work with: the block commits once, or not at all when it raises."""


class Outbox(Protocol):
    async def add(self, event: Event) -> str:
        """Publish the event if the unit of work commits; returns its id."""
        ...


class JobQueue(Protocol):
    async def add(
        self,
        kind: str,
        subject_id: UUID,
        owner_id: str,
        payload: dict[str, Any] | None = None,
        run_at: datetime | None = None,
    ) -> UUID:
        """Queue a job, due at once or at `run_at`; returns its id."""
        ...

    async def cancel(self, subject_id: UUID, kind: str | None = None) -> int:
        """Cancel the unfinished jobs of a subject, running ones too; returns how many."""
        ...


class Tombstones(Protocol):
    async def add(self, subject_id: UUID) -> None:
        """Remember that the subject was deleted."""
        ...

    async def has(self, subject_id: UUID) -> bool:
        """Whether the subject was deleted; until the unit of work ends, nobody else can delete it."""
        ...


class UnitOfWork(Protocol):
    """One transaction, opened and ended by the edge. A service's own adds its repositories as further properties."""

    @property
    def outbox(self) -> Outbox: ...

    @property
    def jobs(self) -> JobQueue: ...

    @property
    def tombstones(self) -> Tombstones: ...

    async def announce(self, subject_id: UUID) -> None:
        """Wake the status streams of this subject when the transaction commits."""
        ...
