"""The unit of work and what hangs on it: one suite for the fake and for PostgreSQL."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

import pytest
from samples import OWNER, deleted, uploaded

from chassis import context
from chassis.jobs import Job, LostLease
from chassis.postgres import Pool, UnitOfWork
from chassis.postgres.jobs import JobLeases
from chassis.replies import StoredReply
from chassis.testing.fakes import FakeDatabase, FakeUnitOfWork
from learning_contracts.codec import InvalidEvent

REPLY = StoredReply(fingerprint="f" * 64, status=202, headers={"location": "/v1/x"}, body=b'{"a": 1}')


@dataclass
class Implementation:
    """One of the two, with what differs between them: how to see committed events and how a runner claims."""

    uow: Callable[[], Any]
    event_types: Callable[[], Awaitable[list[str]]]
    claim: Callable[[str], Awaitable[Job | None]]


def fake() -> Implementation:
    database = FakeDatabase()

    async def event_types() -> list[str]:
        return [event.TYPE for event in database.events]

    async def claim(kind: str) -> Job | None:
        return database.claim(kind)

    return Implementation(lambda: FakeUnitOfWork(database), event_types, claim)


def real(pool: Pool) -> Implementation:
    def uow() -> UnitOfWork:
        return UnitOfWork(pool, "urn:learning-platform:test")

    async def event_types() -> list[str]:
        async with pool.connection() as connection:
            cursor = await connection.execute("SELECT headers FROM outbox ORDER BY id")
            return [dict(row["headers"])["ce_type"].removesuffix(".v1") for row in await cursor.fetchall()]

    async def claim(kind: str) -> Job | None:
        async with uow() as unit:
            claims = await JobLeases(unit.connection).claim(kind, 1, 30, 3)
        return claims[0].job if claims else None

    return Implementation(uow, event_types, claim)


@pytest.fixture(params=["fake", "postgres"])
def implementation(request: pytest.FixtureRequest) -> Implementation:
    return fake() if request.param == "fake" else real(request.getfixturevalue("pool"))


class Failure(Exception):
    pass


async def test_leaving_the_block_commits_everything(implementation: Implementation) -> None:
    subject_id = uuid4()
    async with implementation.uow() as uow:
        await uow.outbox.add(uploaded())
        await uow.outbox.add(deleted())
        await uow.jobs.add("work", subject_id, OWNER, {"n": 1})
        await uow.tombstones.add(subject_id)
        assert await uow.inbox.add("group", "event")
        await uow.idempotency.store(OWNER, "key", REPLY)
    assert await implementation.event_types() == ["document.uploaded", "document.deleted"]
    job = await implementation.claim("work")
    assert job is not None
    assert (job.subject_id, job.owner_id, job.payload) == (subject_id, OWNER, {"n": 1})
    async with implementation.uow() as uow:
        assert await uow.tombstones.has(subject_id)
        assert not await uow.inbox.add("group", "event")
        assert await uow.idempotency.find(OWNER, "key") == REPLY


async def test_an_exception_rolls_everything_back_and_passes_through(implementation: Implementation) -> None:
    subject_id = uuid4()

    async def fail() -> None:
        async with implementation.uow() as uow:
            await uow.outbox.add(uploaded())
            await uow.jobs.add("work", subject_id, OWNER)
            await uow.tombstones.add(subject_id)
            await uow.inbox.add("group", "event")
            await uow.idempotency.store(OWNER, "key", REPLY)
            await uow.announce(subject_id)
            raise Failure

    with pytest.raises(Failure):
        await fail()
    assert await implementation.event_types() == []
    assert await implementation.claim("work") is None
    async with implementation.uow() as uow:
        assert not await uow.tombstones.has(subject_id)
        assert await uow.inbox.add("group", "event")
        assert await uow.idempotency.find(OWNER, "key") is None


async def test_an_event_against_its_schema_is_refused_where_it_is_made(implementation: Implementation) -> None:
    async with implementation.uow() as uow:
        with pytest.raises(InvalidEvent):
            await uow.outbox.add(replace(uploaded(), sha256="no digest"))
    assert await implementation.event_types() == []


async def test_the_inbox_keeps_groups_apart(implementation: Implementation) -> None:
    async with implementation.uow() as uow:
        assert await uow.inbox.add("one", "event")
        assert await uow.inbox.add("other", "event")
        assert not await uow.inbox.add("one", "event")
        assert await uow.inbox.add_all("one", ["event", "second", "third", "second"]) == {"second", "third"}


async def test_a_finished_job_cannot_be_finished_again(implementation: Implementation) -> None:
    async with implementation.uow() as uow:
        await uow.jobs.add("work", uuid4(), OWNER)
    job = await implementation.claim("work")
    assert job is not None
    async with implementation.uow() as uow:
        await uow.jobs.finish(job)
    assert await implementation.claim("work") is None
    async with implementation.uow() as uow:
        with pytest.raises(LostLease):
            await uow.jobs.finish(job)


async def test_a_cancelled_job_can_neither_finish_nor_be_claimed(implementation: Implementation) -> None:
    subject_id = uuid4()
    async with implementation.uow() as uow:
        for kind in ("work", "work", "other work"):
            await uow.jobs.add(kind, subject_id, OWNER)
        await uow.jobs.add("work", uuid4(), OWNER)
    running = await implementation.claim("work")
    assert running is not None
    async with implementation.uow() as uow:
        assert await uow.jobs.cancel(subject_id, "work") == 2
        assert await uow.jobs.cancel(subject_id, "work") == 0
    async with implementation.uow() as uow:
        with pytest.raises(LostLease):
            await uow.jobs.finish(running)
    assert await implementation.claim("other work") is not None
    left = await implementation.claim("work")
    assert left is not None
    assert left.subject_id != subject_id


async def test_a_failed_job_is_over(implementation: Implementation) -> None:
    async with implementation.uow() as uow:
        await uow.jobs.add("work", uuid4(), OWNER)
    job = await implementation.claim("work")
    assert job is not None
    async with implementation.uow() as uow:
        await uow.jobs.fail(job, "it cannot be read")
    assert await implementation.claim("work") is None


async def test_replies_belong_to_their_owner_and_a_new_one_replaces_the_old(implementation: Implementation) -> None:
    other = StoredReply("0" * 64, 200, {}, b"")
    async with implementation.uow() as uow:
        assert await uow.idempotency.claim(OWNER, "key")
        await uow.idempotency.store(OWNER, "key", other)
        await uow.idempotency.store(OWNER, "key", REPLY)
    async with implementation.uow() as uow:
        assert await uow.idempotency.find(OWNER, "key") == REPLY
        assert await uow.idempotency.find("somebody else", "key") is None


async def test_a_tombstone_may_be_set_twice(implementation: Implementation) -> None:
    subject_id = uuid4()
    for _ in range(2):
        async with implementation.uow() as uow:
            await uow.tombstones.add(subject_id)
    async with implementation.uow() as uow:
        assert await uow.tombstones.has(subject_id)
        assert not await uow.tombstones.has(uuid4())


async def test_a_service_adds_its_repositories_by_binding_them(pool: Pool) -> None:
    class Shelf:
        def __init__(self, connection: Any) -> None:
            self.connection = connection

    class ServiceUnitOfWork(UnitOfWork):
        shelf: Shelf

        def bind(self, connection: Any) -> None:
            super().bind(connection)
            self.shelf = Shelf(connection)

    async with ServiceUnitOfWork(pool, "urn:learning-platform:test") as uow:
        assert uow.shelf.connection is uow.connection


async def test_events_carry_the_correlation_and_the_cause_of_their_work(pool: Pool) -> None:
    with context.bind(correlation_id="a-correlation", causation_id="a-cause"):
        async with UnitOfWork(pool, "urn:learning-platform:test") as uow:
            event_id = await uow.outbox.add(uploaded())
    async with pool.connection() as connection:
        cursor = await connection.execute("SELECT event_id, headers FROM outbox")
        row = await cursor.fetchone()
    assert row is not None
    headers = dict(row["headers"])
    assert row["event_id"] == headers["ce_id"] == event_id
    assert headers["ce_source"] == "urn:learning-platform:test"
    assert (headers["ce_correlationid"], headers["ce_causationid"]) == ("a-correlation", "a-cause")
