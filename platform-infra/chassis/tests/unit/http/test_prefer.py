"""`Prefer: wait=N` turns an accepted job into a finished one, if it is done in time."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

import httpx
import pytest
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from chassis.http.prefer import await_final, wait_seconds, when_final
from chassis.http.snapshots import Snapshot


def request(*prefer: str) -> Request:
    headers = [(b"prefer", value.encode()) for value in prefer]
    return Request({"type": "http", "method": "POST", "path": "/", "headers": headers})


@pytest.mark.parametrize(
    ("prefer", "seconds"),
    [
        ([], 0),
        (["wait=10"], 10),
        (["wait=0"], 0),
        (["Wait=60"], 60),
        (["wait=61"], 60),
        (["wait=999999999"], 60),
        (["respond-async, wait=5"], 5),
        (["respond-async", "wait = 7"], 7),
        (['wait="9"; foo=bar'], 9),
        (["wait=-1"], 0),
        (["wait=ten"], 0),
        (["wait="], 0),
        (["wait=9" + "9" * 5000], 0),
        (["await=5"], 0),
    ],
)
def test_the_preference_is_read_capped_and_otherwise_ignored(prefer, seconds) -> None:
    assert wait_seconds(request(*prefer)) == seconds


class Job:
    """Becomes final at the n-th fetch."""

    def __init__(self, done_at: int) -> None:
        self.fetches = 0
        self._done_at = done_at

    async def fetch(self) -> Snapshot:
        self.fetches += 1
        done = self.fetches >= self._done_at
        return Snapshot(self.fetches, {"status": "completed" if done else "processing"}, done)


async def test_what_is_final_already_is_not_waited_for() -> None:
    job = Job(done_at=1)
    assert (await await_final(job.fetch, lambda found: found.final, 60)).final
    assert job.fetches == 1


async def test_waiting_ends_with_the_last_state_when_the_time_is_over() -> None:
    job, started = Job(done_at=1000), monotonic()
    found = await await_final(job.fetch, lambda found: found.final, 0.2)
    assert not found.final
    assert 0.2 <= monotonic() - started < 0.9
    assert job.fetches < 10


class Bell:
    """A wakeup that tests ring; counts who subscribed."""

    def __init__(self) -> None:
        self.event = asyncio.Event()
        self.subscribed = 0

    @contextmanager
    def subscribe(self) -> Iterator["Bell"]:
        self.subscribed += 1
        yield self
        self.subscribed -= 1

    async def wait(self, timeout_seconds: float) -> None:
        # Without a ring this would wait for ever: a test that passes was woken.
        await self.event.wait()
        self.event.clear()


async def test_a_wakeup_cuts_the_pause_short() -> None:
    job, bell = Job(done_at=2), Bell()
    asyncio.get_running_loop().call_later(0.01, bell.event.set)
    async with asyncio.timeout(1):
        assert (await await_final(job.fetch, lambda found: found.final, 60, bell.subscribe())).final
    assert bell.subscribed == 0


def router_for(job: Job, status: int = 202) -> APIRouter:
    router = APIRouter(prefix="/api/things")

    @router.post("")
    async def start(request: Request) -> Response:
        accepted = JSONResponse({"status": "pending"}, status, {"Location": "/v1/api/things/1", "Retry-After": "1"})
        return await when_final(request, accepted, job.fetch)

    return router


async def test_in_time_the_finished_document_is_the_reply(client_for) -> None:
    async with client_for(router_for(Job(done_at=2))) as client:
        reply = await client.post("/api/things", headers={"Prefer": "wait=5"})
    assert (reply.status_code, reply.json()) == (200, {"status": "completed"})
    assert reply.headers["preference-applied"] == "wait=5"
    assert reply.headers["location"] == "/v1/api/things/1"
    assert "retry-after" not in reply.headers


async def test_out_of_time_it_is_the_202_and_the_preference_was_honoured_all_the_same(client_for) -> None:
    async with client_for(router_for(Job(done_at=1000))) as client:
        reply = await client.post("/api/things", headers={"Prefer": "wait=1"})
    assert (reply.status_code, reply.json()) == (202, {"status": "pending"})
    assert reply.headers["preference-applied"] == "wait=1"


async def test_without_the_preference_nothing_is_waited_for(client_for) -> None:
    job = Job(done_at=1)
    async with client_for(router_for(job)) as client:
        reply = await client.post("/api/things")
    assert reply.status_code == 202
    assert "preference-applied" not in reply.headers
    assert job.fetches == 0


async def test_a_reply_that_is_no_202_is_left_alone(client_for) -> None:
    async with client_for(router_for(Job(done_at=1), status=200)) as client:
        reply = await client.post("/api/things", headers={"Prefer": "wait=5"})
    assert reply.json() == {"status": "pending"}


async def test_a_process_that_drains_does_not_keep_anybody_waiting(make_app, bearer) -> None:
    app = make_app(router_for(Job(done_at=1000)))
    asyncio.get_running_loop().call_later(0.05, app.state.draining.set)
    transport = httpx.ASGITransport(app)
    async with asyncio.timeout(5), httpx.AsyncClient(transport=transport, base_url="http://things.test") as client:
        reply = await client.post("/api/things", headers=bearer | {"Prefer": "wait=60"})
    assert reply.status_code == 202
