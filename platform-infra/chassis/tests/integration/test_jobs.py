"""Jobs on real PostgreSQL: leases, fencing, retries, cancellation, draining."""

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from samples import OWNER, deleted

from chassis import context
from chassis.backoff import Backoff
from chassis.errors import Problem, ServiceUnavailable
from chassis.jobs import Job, JobKind, JobRunner, LostLease
from chassis.postgres import Pool, UnitOfWork, Wakeups
from chassis.postgres.jobs import JobLeases
from chassis.storage import StorageUnavailable
from chassis.testing.components import running
from chassis.testing.waiting import eventually

Factory = Callable[[], UnitOfWork]
Run = Callable[[Job], Awaitable[None]]


class Unreadable(Problem):
    status = 422
    type = "unreadable"
    title = "It cannot be read"


class Board:
    """What the kind under test did: problems it was given up with, by job."""

    def __init__(self) -> None:
        self.given_up: list[str] = []

    async def give_up(self, uow: Any, job: Job, problem: Problem) -> None:
        self.given_up.append(problem.type)


@pytest.fixture
def board() -> Board:
    return Board()


@pytest.fixture
async def wakeups(postgres_database: str) -> AsyncIterator[Wakeups]:
    wakeups = Wakeups(postgres_database)
    async with running(wakeups):
        yield wakeups


@pytest.fixture
def runner(uow_factory: Factory, wakeups: Wakeups, board: Board) -> Callable[..., JobRunner]:
    def make(
        run: Run, give_up: Any = None, *, concurrency: int = 1, timeout: float = 20.0, **options: Any
    ) -> JobRunner:
        kind = JobKind(
            "work", run, give_up or board.give_up, 3, attempt_timeout_seconds=timeout, concurrency=concurrency
        )
        settings: dict[str, Any] = {"lease_seconds": 5.0, "backoff": Backoff(0.02, 0.05), "poll_seconds": 0.1}
        return JobRunner(uow_factory, [kind], wakeups=wakeups, **(settings | options))

    return make


async def add_job(uow_factory: Factory, subject_id: UUID | None = None) -> UUID:
    async with uow_factory() as uow:
        return await uow.jobs.add("work", subject_id or uuid4(), OWNER, {"pages": [1, 2]})


async def row(pool: Pool, job_id: UUID) -> dict[str, Any]:
    async with pool.connection() as connection:
        cursor = await connection.execute("SELECT * FROM jobs WHERE id = %s", (job_id,))
        found = await cursor.fetchone()
        assert found is not None
        return found


async def in_state(pool: Pool, job_id: UUID, state: str) -> None:
    async def reached() -> bool:
        return (await row(pool, job_id))["state"] == state

    await eventually(reached)


async def test_a_job_runs_once_and_its_effects_commit_with_its_end(
    pool: Pool, uow_factory: Factory, runner: Callable[..., JobRunner]
) -> None:
    seen: list[Job] = []

    async def run(job: Job) -> None:
        seen.append(job)
        async with uow_factory() as uow:
            await uow.jobs.finish(job)
            await uow.outbox.add(deleted(job.subject_id))

    subject_id = uuid4()
    async with running(runner(run)):
        job_id = await add_job(uow_factory, subject_id)
        await in_state(pool, job_id, "completed")
    [job] = seen
    assert (job.id, job.kind, job.subject_id, job.owner_id) == (job_id, "work", subject_id, OWNER)
    assert (job.payload, job.attempt, job.max_attempts) == ({"pages": [1, 2]}, 1, 3)


async def test_a_job_is_not_claimed_before_it_is_due_nor_twice(pool: Pool, uow_factory: Factory) -> None:
    async with uow_factory() as uow:
        first = await uow.jobs.add("work", uuid4(), OWNER)
        later = await uow.jobs.add("work", uuid4(), OWNER)
        await uow.connection.execute("UPDATE jobs SET claimable_at = now() + interval '1 hour' WHERE id = %s", (later,))
        await uow.jobs.add("other work", uuid4(), OWNER)
    async with uow_factory() as one, uow_factory() as other:
        claims = await JobLeases(one.connection).claim("work", 10, 30, 3)
        assert [claim.job.id for claim in claims] == [first]
        assert await JobLeases(other.connection).claim("work", 10, 30, 3) == []


async def test_an_unexpected_error_is_retried_and_then_given_up_in_words(
    pool: Pool, uow_factory: Factory, runner: Callable[..., JobRunner], board: Board
) -> None:
    attempts: list[int] = []

    async def run(job: Job) -> None:
        attempts.append(job.attempt)
        raise ZeroDivisionError("internals")

    async with running(runner(run)):
        job_id = await add_job(uow_factory)
        await in_state(pool, job_id, "failed")
    assert attempts == [1, 2, 3]
    assert board.given_up == ["processing-failed"]
    assert "internals" not in (await row(pool, job_id))["error"]


async def test_a_problem_is_final_at_the_first_attempt_unless_it_says_come_back_later(
    pool: Pool, uow_factory: Factory, runner: Callable[..., JobRunner], board: Board
) -> None:
    problems: list[Problem] = [ServiceUnavailable("busy"), Unreadable("an encrypted file")]

    async def run(job: Job) -> None:
        raise problems[job.attempt - 1]

    async with running(runner(run)):
        job_id = await add_job(uow_factory)
        await in_state(pool, job_id, "failed")
    assert board.given_up == ["unreadable"]
    assert (await row(pool, job_id))["attempt"] == 2


async def test_what_is_away_uses_up_no_attempts(
    pool: Pool, uow_factory: Factory, runner: Callable[..., JobRunner], board: Board
) -> None:
    attempts: list[int] = []

    async def run(job: Job) -> None:
        attempts.append(job.attempt)
        if len(attempts) <= 5:
            raise StorageUnavailable("the store is being restarted")
        async with uow_factory() as uow:
            await uow.jobs.finish(job)

    job_id = await add_job(uow_factory)
    async with running(runner(run)):
        await in_state(pool, job_id, "completed")
    assert attempts == [1, 2, 3, 4, 5, 6]
    assert board.given_up == []


async def test_what_a_job_publishes_belongs_to_the_request_that_queued_it(
    pool: Pool, uow_factory: Factory, runner: Callable[..., JobRunner]
) -> None:
    async def run(job: Job) -> None:
        async with uow_factory() as uow:
            await uow.jobs.finish(job)
            await uow.outbox.add(deleted())

    with context.bind(correlation_id="request-7", causation_id="event-3"):
        job_id = await add_job(uow_factory)
    async with running(runner(run)):
        await in_state(pool, job_id, "completed")
    async with pool.connection() as connection:
        sent = await (await connection.execute("SELECT headers FROM outbox")).fetchone()
    assert sent is not None
    headers = dict(sent["headers"])
    assert (headers["ce_correlationid"], headers["ce_causationid"]) == ("request-7", "event-3")


async def test_an_attempt_that_takes_too_long_is_cancelled_and_counts(
    pool: Pool, uow_factory: Factory, runner: Callable[..., JobRunner], board: Board
) -> None:
    cancelled = 0

    async def run(job: Job) -> None:
        nonlocal cancelled
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            cancelled += 1
            raise

    async with running(runner(run, timeout=0.1)):
        job_id = await add_job(uow_factory)
        await in_state(pool, job_id, "failed")
    assert cancelled == 3
    assert board.given_up == ["processing-timeout"]


async def test_a_run_that_forgets_to_finish_its_job_counts_as_failed(
    pool: Pool, uow_factory: Factory, runner: Callable[..., JobRunner], board: Board
) -> None:
    async def run(job: Job) -> None:
        return

    async with running(runner(run)):
        job_id = await add_job(uow_factory)
        await in_state(pool, job_id, "failed")
    assert board.given_up == ["processing-failed"]


async def test_giving_up_that_fails_is_tried_again(
    pool: Pool, uow_factory: Factory, runner: Callable[..., JobRunner]
) -> None:
    calls = 0

    async def run(job: Job) -> None:
        raise Unreadable

    async def give_up(uow: Any, job: Job, problem: Problem) -> None:
        nonlocal calls
        calls += 1
        await uow.outbox.add(deleted(job.subject_id))
        if calls < 3:
            raise ZeroDivisionError

    async with running(runner(run, give_up)):
        job_id = await add_job(uow_factory)
        await in_state(pool, job_id, "failed")
    async with pool.connection() as connection:
        cursor = await connection.execute("SELECT count(*) AS n FROM outbox")
        assert (await cursor.fetchone())["n"] == 1


async def test_a_lease_is_renewed_while_the_job_runs(
    pool: Pool, uow_factory: Factory, runner: Callable[..., JobRunner]
) -> None:
    attempts: list[int] = []

    async def run(job: Job) -> None:
        attempts.append(job.attempt)
        await asyncio.sleep(1.0)
        async with uow_factory() as uow:
            await uow.jobs.finish(job)

    async with running(runner(run, lease_seconds=0.5), runner(run, lease_seconds=0.5)):
        job_id = await add_job(uow_factory)
        await in_state(pool, job_id, "completed")
    assert attempts == [1]


async def test_a_worker_that_lost_its_lease_is_cancelled_and_cannot_finish(
    pool: Pool, uow_factory: Factory, runner: Callable[..., JobRunner]
) -> None:
    started = asyncio.Event()
    outcomes: list[str] = []

    async def run(job: Job) -> None:
        if job.attempt > 1:
            async with uow_factory() as uow:
                await uow.jobs.finish(job)
            return
        started.set()
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            try:
                async with uow_factory() as uow:
                    await uow.outbox.add(deleted(job.subject_id))
                    await uow.jobs.finish(job)
            except LostLease:
                outcomes.append("refused")
            raise

    async with running(runner(run, lease_seconds=0.6)):
        job_id = await add_job(uow_factory)
        await started.wait()
        async with pool.connection() as connection:  # as if the lease had ended and another worker had claimed
            await connection.execute("UPDATE jobs SET state = 'pending', attempt = 2, claimable_at = now()")
        await in_state(pool, job_id, "completed")
    assert outcomes == ["refused"]
    async with pool.connection() as connection:
        cursor = await connection.execute("SELECT count(*) AS n FROM outbox")
        assert (await cursor.fetchone())["n"] == 0


async def test_cancelling_stops_the_running_job_at_once(
    pool: Pool, uow_factory: Factory, runner: Callable[..., JobRunner], board: Board
) -> None:
    started, cancelled = asyncio.Event(), asyncio.Event()

    async def run(job: Job) -> None:
        started.set()
        try:
            await asyncio.sleep(60)
        finally:
            cancelled.set()

    subject_id = uuid4()
    async with running(runner(run, lease_seconds=300)):
        job_id = await add_job(uow_factory, subject_id)
        waiting = await add_job(uow_factory, subject_id)
        await started.wait()
        async with uow_factory() as uow:
            assert await uow.jobs.cancel(subject_id) == 2
        async with asyncio.timeout(5):
            await cancelled.wait()
    assert (await row(pool, job_id))["state"] == (await row(pool, waiting))["state"] == "cancelled"
    assert board.given_up == []


async def test_draining_finishes_what_is_quick_and_gives_back_the_rest_unharmed(
    pool: Pool, uow_factory: Factory, runner: Callable[..., JobRunner]
) -> None:
    quick, slow = await add_job(uow_factory), await add_job(uow_factory)
    started: set[UUID] = set()

    async def run(job: Job) -> None:
        started.add(job.id)
        await asyncio.sleep(0.2 if job.id == quick else 60)
        async with uow_factory() as uow:
            await uow.jobs.finish(job)

    async with running(runner(run, concurrency=2, drain_seconds=1.0)):
        await eventually(lambda: len(started) == 2)
        third = await add_job(uow_factory)
    assert (await row(pool, quick))["state"] == "completed"
    assert (await row(pool, third))["attempt"] == 0
    released = await row(pool, slow)
    assert (released["state"], released["attempt"], released["forgiven"]) == ("pending", 1, 1)
    async with uow_factory() as uow:
        claims = await JobLeases(uow.connection).claim("work", 10, 30, 3)
    [job] = [claim.job for claim in claims if claim.job.id == slow]
    assert (job.attempt, job.max_attempts) == (2, 4)


KILLED_WORKER = """
import asyncio, sys
from chassis.jobs import JobKind, JobRunner
from chassis.postgres import UnitOfWork
from chassis.postgres.pool import open_pool_for

async def run(job):
    print("claimed", flush=True)
    await asyncio.sleep(60)

async def give_up(uow, job, problem): ...

async def main():
    pool = await open_pool_for(sys.argv[1])
    factory = lambda: UnitOfWork(pool, "urn:learning-platform:test")
    await JobRunner(factory, [JobKind("work", run, give_up)], lease_seconds=1.0).run(asyncio.Event())

asyncio.run(main())
"""


async def test_the_job_of_a_killed_worker_is_done_by_another(
    pool: Pool, uow_factory: Factory, runner: Callable[..., JobRunner], postgres_database: str
) -> None:
    job_id = await add_job(uow_factory)
    worker = await asyncio.create_subprocess_exec(
        sys.executable, "-c", KILLED_WORKER, postgres_database, stdout=asyncio.subprocess.PIPE
    )
    assert worker.stdout is not None
    assert await worker.stdout.readline() == b"claimed\n"
    worker.kill()
    await worker.wait()
    attempts: list[int] = []

    async def run(job: Job) -> None:
        attempts.append(job.attempt)
        async with uow_factory() as uow:
            await uow.jobs.finish(job)

    async with running(runner(run)):
        await in_state(pool, job_id, "completed")
    assert attempts == [2]


async def test_a_job_whose_every_worker_died_is_given_up(
    pool: Pool, uow_factory: Factory, runner: Callable[..., JobRunner], board: Board
) -> None:
    async def run(job: Job) -> None:
        raise AssertionError("no fourth attempt")

    job_id = await add_job(uow_factory)
    async with pool.connection() as connection:
        await connection.execute("UPDATE jobs SET state = 'processing', attempt = 3, claimable_at = now()")
    async with running(runner(run)):
        await in_state(pool, job_id, "failed")
    assert board.given_up == ["processing-failed"]


async def test_a_job_is_given_up_a_day_after_its_first_claim_but_not_for_waiting(
    pool: Pool, uow_factory: Factory, runner: Callable[..., JobRunner], board: Board
) -> None:
    async def run(job: Job) -> None:
        async with uow_factory() as uow:
            await uow.jobs.finish(job)

    waited, dragged = await add_job(uow_factory), await add_job(uow_factory)
    async with pool.connection() as connection:
        await connection.execute("UPDATE jobs SET created_at = now() - interval '2 days'")
        await connection.execute("UPDATE jobs SET started_at = now() - interval '2 days' WHERE id = %s", (dragged,))
    async with running(runner(run)):
        await in_state(pool, waited, "completed")
        await in_state(pool, dragged, "failed")
    assert board.given_up == ["processing-failed"]


async def test_an_old_attempt_can_neither_renew_nor_retry_nor_release(pool: Pool, uow_factory: Factory) -> None:
    await add_job(uow_factory)
    async with uow_factory() as uow:
        leases = JobLeases(uow.connection)
        [claim] = await leases.claim("work", 1, 30, 3)
        old = replace(claim.job, attempt=claim.job.attempt - 1)
        assert not await leases.renew(old, 30)
        assert not await leases.retry(old, 0, "late")
        assert not await leases.release(old)
        assert await leases.renew(claim.job, 30)
