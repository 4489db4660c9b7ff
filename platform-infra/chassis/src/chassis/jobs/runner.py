"""Runs jobs: claims them with a lease, renews it, and ends each attempt as finished, retried, given up or lost.

Nothing here holds a transaction while a job runs, and a worker that dies loses only its lease.
"""

import asyncio
import contextlib
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import psycopg
import structlog
from psycopg_pool import PoolTimeout

from chassis import context, metrics, tracing
from chassis.backoff import Backoff
from chassis.errors import Problem
from chassis.jobs.kind import AttemptsExhausted, AttemptTimedOut, JobKind
from chassis.postgres import notify
from chassis.postgres.jobs import Claim, Job, JobLeases, LostLease
from chassis.postgres.notify import Wakeups
from chassis.transient import is_transient

LEASE_SECONDS = 30.0
GIVE_UP_AFTER_SECONDS = 24 * 60 * 60.0
DRAIN_SECONDS = 20.0
MEASURE_SECONDS = 15.0
BACKOFF = Backoff(first_seconds=2.0, most_seconds=60.0)

log = structlog.get_logger(__name__)


class JobRunner:
    """A component: `run(stop)` serves its kinds until stopped, then drains."""

    name = "jobs"

    def __init__(
        self,
        uow_factory: Callable[[], Any],
        kinds: Sequence[JobKind],
        *,
        wakeups: Wakeups | None = None,
        lease_seconds: float = LEASE_SECONDS,
        drain_seconds: float = DRAIN_SECONDS,
        give_up_after_seconds: float = GIVE_UP_AFTER_SECONDS,
        poll_seconds: float = notify.POLL_SECONDS,
        backoff: Backoff = BACKOFF,
    ) -> None:
        """`give_up_after_seconds` counts from the first claim: no job is killed for having waited its turn."""
        self._uow_factory = uow_factory
        self._kinds = kinds
        self._wakeups = wakeups or Wakeups.silent()
        self._lease_seconds = lease_seconds
        self._drain_seconds = drain_seconds
        self._give_up_after_seconds = give_up_after_seconds
        self._poll_seconds = poll_seconds
        self._backoff = backoff

    async def run(self, stop: asyncio.Event) -> None:
        async with asyncio.TaskGroup() as group:
            for kind in self._kinds:
                group.create_task(self._serve(kind, stop))

    async def _serve(self, kind: JobKind, stop: asyncio.Event) -> None:
        running: set[asyncio.Task[None]] = set()
        measured_at = 0.0
        try:
            with self._wakeups.subscribe(notify.JOBS, kind.name, stop=stop) as wakeup:
                while not stop.is_set():
                    claims = await self._claim(kind, kind.concurrency - len(running))
                    for claim in claims:
                        task = asyncio.create_task(self._attempt(kind, claim))
                        running.add(task)
                        task.add_done_callback(running.discard)
                        task.add_done_callback(lambda _: wakeup.wake())
                    if time.monotonic() - measured_at > MEASURE_SECONDS:
                        measured_at = time.monotonic()
                        await self._measure(kind)
                    await wakeup.wait(self._poll_seconds)
            if running:
                await asyncio.wait(running, timeout=self._drain_seconds)
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)

    async def _claim(self, kind: JobKind, count: int) -> Sequence[Claim]:
        if count <= 0:
            return []
        try:
            async with self._uow_factory() as uow:
                return await JobLeases(uow.connection).claim(kind.name, count, self._lease_seconds, kind.max_attempts)
        except (psycopg.Error, PoolTimeout) as error:
            log.warning("jobs.claim_failed", kind=kind.name, error=str(error))
            return []

    async def _attempt(self, kind: JobKind, claim: Claim) -> None:
        """One attempt from claim to end. An error of our own is logged; the lease then runs out and the job returns."""
        job = claim.job
        metrics.JOBS_CLAIMED.labels(kind.name).inc()
        outcome: metrics.JobOutcome = "lost"
        with _belonging(job):
            try:
                with metrics.JOBS_RUNNING.labels(kind.name).track_inprogress():
                    with metrics.timed(metrics.JOB_DURATION.labels(kind.name)):
                        outcome = await self._run_to_end(kind, claim)
            except asyncio.CancelledError:
                await self._release(job)
                raise
            except LostLease:
                log.info("job.lease_lost")
            except Exception:
                log.exception("job.not_settled")
        metrics.JOBS_ENDED.labels(kind.name, outcome).inc()

    async def _run_to_end(self, kind: JobKind, claim: Claim) -> metrics.JobOutcome:
        job = claim.job
        overdue = claim.age_seconds > self._give_up_after_seconds
        if job.attempt > job.max_attempts or overdue:
            # The worker of the last attempt vanished, so nobody has said yet that it failed.
            return await self._give_up(kind, job, AttemptsExhausted(_exhausted_detail(job, overdue)))
        started = time.monotonic()
        try:
            lost = await self._work(kind, job)
            if lost is not None:
                log.info("job.stopped", reason=lost)
                return lost
            if not await self._is_unfinished(job):
                return "finished"
            raise RuntimeError(f"the run of kind {kind.name} returned without finishing its job")
        except LostLease:
            raise
        except Exception as failure:
            error = failure
        passing = is_transient(error)
        if isinstance(error, Problem) and not passing:
            return await self._give_up(kind, job, error)
        overdue = claim.age_seconds + time.monotonic() - started > self._give_up_after_seconds
        if (passing or job.attempt < job.max_attempts) and not overdue:
            return await self._retry(job, error, forgive=passing)
        log.error("job.exhausted", exc_info=error)
        timed_out = AttemptTimedOut(f"It may take {kind.attempt_timeout_seconds:g} seconds.")
        exhausted = AttemptsExhausted(_exhausted_detail(job, overdue))
        return await self._give_up(kind, job, timed_out if isinstance(error, _TimedOut) else exhausted)

    async def _work(self, kind: JobKind, job: Job) -> metrics.JobOutcome | None:
        """Run the job under its lease; None when `run` returned, else how the lease ended. Raises what `run` raises."""
        work = asyncio.ensure_future(kind.run(job))
        lease = asyncio.create_task(self._hold_lease(job))
        try:
            await asyncio.wait({work, lease}, timeout=kind.attempt_timeout_seconds, return_when=asyncio.FIRST_COMPLETED)
            if work.done():
                work.result()
                return None
            if lease.done():
                return lease.result()
            raise _TimedOut(f"the attempt took longer than {kind.attempt_timeout_seconds:g} s")
        finally:
            for task in (work, lease):
                task.cancel()
            await asyncio.gather(work, lease, return_exceptions=True)

    async def _hold_lease(self, job: Job) -> metrics.JobOutcome:
        """Renew until the lease is lost, or cannot be known to be held; returns which."""
        held_until = time.monotonic() + self._lease_seconds
        with self._wakeups.subscribe(notify.JOBS_CANCELLED, str(job.id)) as cancelled:
            while time.monotonic() < held_until:
                await cancelled.wait(self._lease_seconds / 3)
                asked_at = time.monotonic()
                try:
                    async with self._uow_factory() as uow:
                        leases = JobLeases(uow.connection)
                        if not await leases.renew(job, self._lease_seconds):
                            return "cancelled" if await leases.is_cancelled(job) else "lost"
                    held_until = asked_at + self._lease_seconds
                except (psycopg.Error, PoolTimeout) as error:
                    log.warning("job.renewal_failed", error=str(error))
        return "lost"

    async def _is_unfinished(self, job: Job) -> bool:
        async with self._uow_factory() as uow:
            return await JobLeases(uow.connection).renew(job, self._lease_seconds)

    async def _retry(self, job: Job, error: Exception, *, forgive: bool = False) -> metrics.JobOutcome:
        delay_seconds = self._backoff.seconds(job.attempt)
        log.warning("job.retried", delay_seconds=round(delay_seconds, 1), exc_info=error)
        async with self._uow_factory() as uow:
            kept = await JobLeases(uow.connection).retry(job, delay_seconds, repr(error), forgive=forgive)
        return "retried" if kept else "lost"

    async def _give_up(self, kind: JobKind, job: Job, problem: Problem) -> metrics.JobOutcome:
        """Mark the job failed and let the kind say so, in one transaction; if that fails, the job is tried again."""
        try:
            async with self._uow_factory() as uow:
                await uow.jobs.fail(job, problem.detail)
                await kind.give_up(uow, job, problem)
        except LostLease:
            raise
        except Exception as error:
            log.exception("job.give_up_failed")
            return await self._retry(job, error)
        log.info("job.failed", problem=problem.type, detail=problem.detail)
        return "failed"

    async def _release(self, job: Job) -> None:
        with contextlib.suppress(psycopg.Error, PoolTimeout):  # then the lease runs out instead
            async with self._uow_factory() as uow:
                await JobLeases(uow.connection).release(job)

    async def _measure(self, kind: JobKind) -> None:
        with contextlib.suppress(psycopg.Error, PoolTimeout):
            async with self._uow_factory() as uow:
                waiting, oldest_seconds = await JobLeases(uow.connection).backlog(kind.name)
            metrics.JOBS_WAITING.labels(kind.name).set(waiting)
            metrics.JOBS_OLDEST_WAITING.labels(kind.name).set(oldest_seconds)


@contextlib.contextmanager
def _belonging(job: Job) -> Iterator[None]:
    """Logs name the job, and what it publishes belongs to the request or event that queued it."""
    with (
        structlog.contextvars.bound_contextvars(job_id=str(job.id), job_kind=job.kind, job_attempt=job.attempt),
        context.bind(correlation_id=job.correlation_id, causation_id=job.causation_id, owner_id=job.owner_id),
        tracing.continue_trace(job.traceparent, "run job", attributes={"job.kind": job.kind}),
    ):
        yield


class _TimedOut(Exception):
    """An attempt ran out of time."""


def _exhausted_detail(job: Job, overdue: bool) -> str:
    if overdue:
        return "It was not done within the time allowed for all attempts together."
    return f"None of {job.max_attempts} attempts succeeded."
