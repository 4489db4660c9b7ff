"""Hand-written fakes of the chassis' ports; each passes the same suite as the real adapter.

`FakeDatabase` is what is committed. A `FakeUnitOfWork` works on a copy and puts it in place when it commits, so
tests see what production would see: nothing of a rolled-back block.
"""

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any, Self
from uuid import UUID

from chassis.ids import uuid7
from chassis.postgres.jobs import Job, LostLease
from chassis.postgres.outbox import envelope_of
from chassis.replies import StoredReply
from learning_contracts.codec import Envelope, encode
from learning_contracts.event import Event

FAKE_SOURCE = "urn:learning-platform:test"


class FakeClock:
    """A clock that stands still until it is told to advance; call it for the time."""

    def __init__(self, now: datetime = datetime(2026, 1, 31, 9, 30, tzinfo=UTC)) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass(frozen=True, slots=True)
class FakeJob:
    """A row of the jobs table."""

    id: UUID
    kind: str
    subject_id: UUID
    owner_id: str
    payload: Mapping[str, Any]
    run_at: datetime | None
    state: str = "pending"
    attempt: int = 0
    error: str | None = None


class FakeDatabase:
    """What is committed. A service subclasses it and adds its tables as plain lists and dicts."""

    def __init__(self) -> None:
        self.outbox: list[Envelope] = []
        self.inbox: set[tuple[str, str]] = set()
        self.jobs: dict[UUID, FakeJob] = {}
        self.tombstones: set[UUID] = set()
        self.replies: dict[tuple[str, str], StoredReply] = {}
        self.announced: list[UUID] = []

    @property
    def events(self) -> Sequence[Event]:
        """The events published, in order."""
        return [envelope.data for envelope in self.outbox]

    def claim(self, kind: str, max_attempts: int = 3) -> Job | None:
        """What a runner does: the oldest pending job of a kind, now processing; None when there is none."""
        for row in self.jobs.values():
            if row.kind == kind and row.state == "pending":
                self.jobs[row.id] = claimed = replace(row, state="processing", attempt=row.attempt + 1)
                return Job(
                    claimed.id,
                    claimed.kind,
                    claimed.subject_id,
                    claimed.owner_id,
                    dict(claimed.payload),
                    claimed.attempt,
                    max_attempts,
                    datetime.now(UTC),
                )
        return None


class FakeOutbox:
    def __init__(self, rows: list[Envelope], source: str = FAKE_SOURCE) -> None:
        self._rows = rows
        self._source = source

    @property
    def events(self) -> Sequence[Event]:
        """The events added, in order, those of this unit of work included."""
        return [envelope.data for envelope in self._rows]

    async def add(self, event: Event) -> str:
        envelope = envelope_of(event, self._source)
        encode(envelope)  # as strict as the real one: an event against its schema fails the test that makes it
        self._rows.append(envelope)
        return envelope.id


class FakeInbox:
    def __init__(self, rows: set[tuple[str, str]]) -> None:
        self._rows = rows

    async def add(self, group: str, event_id: str) -> bool:
        return bool(await self.add_all(group, [event_id]))

    async def add_all(self, group: str, event_ids: Sequence[str]) -> set[str]:
        new = {event_id for event_id in event_ids if (group, event_id) not in self._rows}
        self._rows.update((group, event_id) for event_id in new)
        return new


class FakeJobQueue:
    def __init__(self, rows: dict[UUID, FakeJob]) -> None:
        self._rows = rows

    async def add(
        self,
        kind: str,
        subject_id: UUID,
        owner_id: str,
        payload: dict[str, Any] | None = None,
        run_at: datetime | None = None,
    ) -> UUID:
        job = FakeJob(uuid7(), kind, subject_id, owner_id, payload or {}, run_at)
        self._rows[job.id] = job
        return job.id

    async def cancel(self, subject_id: UUID, kind: str | None = None) -> int:
        cancelled = [
            job
            for job in self._rows.values()
            if job.subject_id == subject_id and kind in (None, job.kind) and job.state in ("pending", "processing")
        ]
        for job in cancelled:
            self._rows[job.id] = replace(job, state="cancelled")
        return len(cancelled)

    async def finish(self, job: Job) -> None:
        self._end(job, "completed", None)

    async def fail(self, job: Job, error: str) -> None:
        self._end(job, "failed", error)

    def _end(self, job: Job, state: str, error: str | None) -> None:
        row = self._rows.get(job.id)
        if row is None or row.state != "processing" or row.attempt != job.attempt:
            raise LostLease(f"job {job.id}, attempt {job.attempt}")
        self._rows[job.id] = replace(row, state=state, error=error)


class FakeTombstones:
    def __init__(self, rows: set[UUID]) -> None:
        self._rows = rows

    async def add(self, subject_id: UUID) -> None:
        self._rows.add(subject_id)

    async def has(self, subject_id: UUID) -> bool:
        return subject_id in self._rows


class FakeIdempotencyKeys:
    """A fake runs one unit of work at a time, so every claim succeeds."""

    def __init__(self, rows: dict[tuple[str, str], StoredReply]) -> None:
        self._rows = rows

    async def claim(self, owner_id: str, key: str) -> bool:  # noqa: ARG002 - the port's signature
        return True

    async def find(self, owner_id: str, key: str) -> StoredReply | None:
        return self._rows.get((owner_id, key))

    async def store(self, owner_id: str, key: str, reply: StoredReply) -> None:
        self._rows[owner_id, key] = reply


class FakeUnitOfWork:
    """Commits once when its block is left without an exception; units of work that overlap are not merged."""

    outbox: FakeOutbox
    inbox: FakeInbox
    jobs: FakeJobQueue
    tombstones: FakeTombstones
    idempotency: FakeIdempotencyKeys

    def __init__(self, database: Any = None) -> None:
        self.database: Any = FakeDatabase() if database is None else database
        self.committed = False

    def bind(self, database: Any) -> None:
        """Make what works on the uncommitted copy; a subclass calls super().bind() and adds its repositories."""
        self._working = database
        self.outbox = FakeOutbox(database.outbox)
        self.inbox = FakeInbox(database.inbox)
        self.jobs = FakeJobQueue(database.jobs)
        self.tombstones = FakeTombstones(database.tombstones)
        self.idempotency = FakeIdempotencyKeys(database.replies)

    async def announce(self, subject_id: UUID) -> None:
        self._working.announced.append(subject_id)

    async def __aenter__(self) -> Self:
        self.bind(copy.deepcopy(self.database))
        return self

    async def __aexit__(
        self, error_type: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if error_type is None:
            vars(self.database).update(vars(self._working))
            self.committed = True


def uow_factory(database: FakeDatabase) -> Callable[[], FakeUnitOfWork]:
    """What edges are given: a new unit of work over the same database each time."""
    return lambda: FakeUnitOfWork(database)
