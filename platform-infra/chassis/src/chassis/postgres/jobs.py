"""The jobs table: slow work, claimed with a lease; every write of a worker is fenced by the attempt it claimed.

Times are the database's own, so workers with different clocks agree on what is due and whose lease ended.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from chassis import context, tracing
from chassis.ids import uuid7
from chassis.postgres import notify
from chassis.postgres.pool import Connection


@dataclass(frozen=True, slots=True)
class Job:
    """One claimed piece of work. `attempt` counts claims from 1, never repeats: derive output keys from (id, attempt).

    `max_attempts` is the attempt after which the job is given up; the last three are those of the work that queued it.
    """

    id: UUID
    kind: str
    subject_id: UUID
    owner_id: str
    payload: dict[str, Any]
    attempt: int
    max_attempts: int
    first_created_at: datetime
    correlation_id: str | None = None
    causation_id: str | None = None
    traceparent: str | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """A job with what the runner needs to decide about it: seconds since its first claim, by the database's clock."""

    job: Job
    age_seconds: float


class LostLease(Exception):
    """The job is no longer this attempt's: it was cancelled, or its lease ended and another worker has it."""


class JobQueue:
    """`uow.jobs`: what application code does with jobs, inside the open transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def add(
        self,
        kind: str,
        subject_id: UUID,
        owner_id: str,
        payload: dict[str, Any] | None = None,
        run_at: datetime | None = None,
    ) -> UUID:
        """Queue a job, due at once or at `run_at`; returns its id."""
        job_id = uuid7()
        await self._connection.execute(
            """
            INSERT INTO jobs (id, kind, subject_id, owner_id, payload, claimable_at,
                              correlation_id, causation_id, traceparent)
            VALUES (%s, %s, %s, %s, %s, coalesce(%s, now()), %s, %s, %s)
            """,
            (
                job_id,
                kind,
                subject_id,
                owner_id,
                Jsonb(payload or {}),
                run_at,
                context.correlation_id.get(),
                context.causation_id.get(),
                tracing.inject_traceparent(),
            ),
        )
        await notify.send(self._connection, notify.JOBS, kind)
        return job_id

    async def cancel(self, subject_id: UUID, kind: str | None = None) -> int:
        """Cancel the unfinished jobs of a subject, running ones too; returns how many."""
        cursor = await self._connection.execute(
            """
            UPDATE jobs SET state = 'cancelled', finished_at = now()
            WHERE subject_id = %s AND kind = coalesce(%s, kind) AND state IN ('pending', 'processing')
            RETURNING id
            """,
            (subject_id, kind),
        )
        cancelled = await cursor.fetchall()
        for row in cancelled:
            await notify.send(self._connection, notify.JOBS_CANCELLED, str(row["id"]))
        return len(cancelled)

    async def finish(self, job: Job) -> None:
        """Complete the job with the effects of this transaction. Raises LostLease: then nothing may be committed.

        Call it before writing the effects: it locks the job first, as `cancel` does, so the two cannot deadlock.
        """
        await self._end(job, "completed", None)

    async def fail(self, job: Job, error: str) -> None:
        """Mark the job failed for good; the runner's, together with the kind's `give_up`. Raises LostLease."""
        await self._end(job, "failed", error)

    async def _end(self, job: Job, state: str, error: str | None) -> None:
        cursor = await self._connection.execute(
            """
            UPDATE jobs SET state = %s, error = %s, finished_at = now()
            WHERE id = %s AND attempt = %s AND state = 'processing'
            """,
            (state, error, job.id, job.attempt),
        )
        if cursor.rowcount != 1:
            raise LostLease(f"job {job.id}, attempt {job.attempt}")


class JobLeases:
    """What runners do with jobs: claim, renew, put back."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def claim(self, kind: str, count: int, lease_seconds: float, max_attempts: int) -> Sequence[Claim]:
        """Claim up to `count` jobs that are due, or whose lease ended, the longest waiting first."""
        cursor = await self._connection.execute(
            """
            UPDATE jobs SET state = 'processing', attempt = attempt + 1, started_at = coalesce(started_at, now()),
                            claimable_at = now() + make_interval(secs => %s)
            WHERE id IN (
                SELECT id FROM jobs
                WHERE kind = %s AND state IN ('pending', 'processing') AND claimable_at <= now()
                ORDER BY claimable_at LIMIT %s FOR UPDATE SKIP LOCKED
            )
            RETURNING id, kind, subject_id, owner_id, payload, attempt, %s + forgiven AS max_attempts,
                      created_at AS first_created_at, correlation_id, causation_id, traceparent,
                      extract(epoch FROM now() - started_at)::float8 AS age_seconds
            """,
            (lease_seconds, kind, count, max_attempts),
        )
        rows = await cursor.fetchall()
        return [Claim(age_seconds=row.pop("age_seconds"), job=Job(**row)) for row in rows]

    async def renew(self, job: Job, lease_seconds: float) -> bool:
        """Prolong the lease; False when it is lost or the job was cancelled."""
        return await self._update(job, "claimable_at = now() + make_interval(secs => %s)", (lease_seconds,))

    async def is_cancelled(self, job: Job) -> bool:
        cursor = await self._connection.execute("SELECT state FROM jobs WHERE id = %s", (job.id,))
        row = await cursor.fetchone()
        return row is not None and row["state"] == "cancelled"

    async def backlog(self, kind: str) -> tuple[int, float]:
        """How many jobs are due and unclaimed, and for how many seconds the oldest has been."""
        cursor = await self._connection.execute(
            """
            SELECT count(*) AS waiting,
                   coalesce(extract(epoch FROM now() - min(claimable_at)), 0)::float8 AS oldest_seconds
            FROM jobs WHERE kind = %s AND state IN ('pending', 'processing') AND claimable_at <= now()
            """,
            (kind,),
        )
        row = await cursor.fetchone()
        assert row is not None, "an aggregate always has a row"
        return row["waiting"], row["oldest_seconds"]

    async def retry(self, job: Job, delay_seconds: float, error: str, *, forgive: bool = False) -> bool:
        """Put the job back after a failed attempt; `forgive`: it does not count. False when it was no longer ours."""
        return await self._update(
            job,
            "state = 'pending', error = %s, claimable_at = now() + make_interval(secs => %s), forgiven = forgiven + %s",
            (error, delay_seconds, int(forgive)),
        )

    async def release(self, job: Job) -> bool:
        """Give the job back undone, at once and without using up an attempt: the worker is draining."""
        released = await self._update(job, "state = 'pending', forgiven = forgiven + 1, claimable_at = now()", ())
        await notify.send(self._connection, notify.JOBS, job.kind)
        return released

    async def _update(self, job: Job, assignments: str, parameters: tuple[Any, ...]) -> bool:
        cursor = await self._connection.execute(
            f"UPDATE jobs SET {assignments} WHERE id = %s AND attempt = %s AND state = 'processing'",  # noqa: S608 - own text
            (*parameters, job.id, job.attempt),
        )
        return cursor.rowcount == 1
