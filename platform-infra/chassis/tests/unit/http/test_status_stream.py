"""A stream shows every change once, survives silence, and always ends."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from fastapi import APIRouter, FastAPI
from starlette.requests import Request
from starlette.responses import Response

from chassis.http.snapshots import Snapshot
from chassis.http.status_stream import status_stream


class Thing:
    """An object whose status tests change; it follows a script of (revision, status, final) or None for deleted."""

    def __init__(self, *script: tuple[int, str, bool] | None) -> None:
        self._script = list(script)

    async def fetch(self) -> Snapshot | None:
        step = self._script.pop(0) if len(self._script) > 1 else self._script[0]
        return None if step is None else Snapshot(step[0], {"thing_id": "t", "status": step[1]}, step[2])


def router_for(thing: Thing, **options: float) -> APIRouter:
    router = APIRouter(prefix="/api/things")
    timing = {"poll_seconds": 0.01, "heartbeat_seconds": 15.0} | options

    @router.get("/1/events")
    async def events(request: Request) -> Response:
        return await status_stream(request, thing.fetch, **timing)

    return router


async def read(client_for: Any, thing: Thing, last_event_id: str | None = None) -> list[dict[str, Any]]:
    headers = {} if last_event_id is None else {"Last-Event-ID": last_event_id}
    async with client_for(router_for(thing)) as client:
        reply = await client.get("/api/things/1/events", headers=headers)
    assert reply.status_code == 200
    return parse(reply.text)


def parse(text: str) -> list[dict[str, Any]]:
    events = []
    for block in text.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if fields:
            events.append({**fields, "data": json.loads(fields["data"])})
    return events


async def test_each_change_is_one_event_and_the_final_one_ends_the_stream(client_for) -> None:
    thing = Thing((1, "pending", False), (1, "pending", False), (2, "processing", False), (5, "completed", True))
    events = await read(client_for, thing)
    assert [event["id"] for event in events] == ["1", "2", "5"]
    assert {event["event"] for event in events} == {"status"}
    assert events[-1]["data"] == {"thing_id": "t", "status": "completed"}


async def test_what_the_client_has_seen_is_not_sent_again(client_for) -> None:
    thing = Thing((2, "processing", False), (2, "processing", False), (3, "completed", True))
    assert [event["id"] for event in await read(client_for, thing, last_event_id="2")] == ["3"]
    assert [event["id"] for event in await read(client_for, Thing((3, "completed", True)), last_event_id="2")] == ["3"]


async def test_a_client_that_has_seen_the_end_gets_an_end(client_for) -> None:
    assert await read(client_for, Thing((3, "completed", True)), last_event_id="3") == []


@pytest.mark.parametrize("foreign", ["", "abc", "-1", "9" * 40, "²"])
async def test_a_last_event_id_that_is_not_ours_counts_as_none(client_for, foreign) -> None:
    async with client_for(router_for(Thing((3, "completed", True)))) as client:
        reply = await client.get("/api/things/1/events", headers={"Last-Event-ID": foreign.encode()})
    assert [event["id"] for event in parse(reply.text)] == ["3"]


async def test_an_object_deleted_meanwhile_ends_as_cancelled(client_for) -> None:
    events = await read(client_for, Thing((4, "processing", False), None))
    assert [(event["id"], event["data"]["status"]) for event in events] == [("4", "processing"), ("5", "cancelled")]
    assert events[-1]["data"]["thing_id"] == "t"


async def test_without_an_object_it_is_404(client_for) -> None:
    async with client_for(router_for(Thing(None))) as client:
        reply = await client.get("/api/things/1/events")
    assert reply.status_code == 404


async def test_the_headers_keep_proxies_from_buffering(client_for) -> None:
    async with client_for(router_for(Thing((3, "completed", True)))) as client:
        reply = await client.get("/api/things/1/events")
    assert reply.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert reply.headers["cache-control"] == "no-cache"
    assert reply.headers["x-accel-buffering"] == "no"
    assert "content-length" not in reply.headers


class OpenStream:
    """A request whose reply is read piece by piece (httpx's transport would wait for the whole)."""

    def __init__(self, app: FastAPI, headers: dict[str, str]) -> None:
        self.pieces: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._gone = asyncio.Event()
        scope = {
            "type": "http",
            "method": "GET",
            "path": "/api/things/1/events",
            "query_string": b"",
            "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
        }
        self.task = asyncio.create_task(app(scope, self._receive, self._send))

    def leave(self) -> None:
        self._gone.set()

    async def _receive(self) -> dict[str, Any]:
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Any) -> None:
        if message["type"] == "http.response.body":
            await self.pieces.put(message["body"])
            if not message.get("more_body"):
                await self.pieces.put(None)


@asynccontextmanager
async def opened(app: FastAPI, headers: dict[str, str]) -> AsyncIterator[OpenStream]:
    stream = OpenStream(app, headers)
    async with asyncio.timeout(2):
        yield stream
        await stream.task


async def test_silence_is_filled_with_heartbeats(make_app, bearer) -> None:
    app = make_app(router_for(Thing((1, "pending", False)), heartbeat_seconds=0.02))
    async with opened(app, bearer) as stream:
        assert b"id: 1" in await stream.pieces.get()
        assert await stream.pieces.get() == b": heartbeat\n\n"
        assert await stream.pieces.get() == b": heartbeat\n\n"
        stream.leave()


async def test_a_client_with_nothing_new_gets_the_headers_and_a_first_comment_at_once(make_app, bearer) -> None:
    app = make_app(router_for(Thing((1, "pending", False)), poll_seconds=60))
    async with opened(app, bearer | {"Last-Event-ID": "1"}) as stream:
        assert await stream.pieces.get() == b": heartbeat\n\n"
        stream.leave()


async def test_a_client_that_leaves_ends_the_work_for_it(make_app, bearer) -> None:
    app = make_app(router_for(Thing((1, "pending", False)), poll_seconds=60))
    async with opened(app, bearer) as stream:
        await stream.pieces.get()
        stream.leave()
    assert stream.task.done()


async def test_draining_ends_open_streams_cleanly(make_app, bearer) -> None:
    app = make_app(router_for(Thing((1, "pending", False)), poll_seconds=60))
    async with opened(app, bearer) as stream:
        await stream.pieces.get()
        app.state.draining.set()
        assert await stream.pieces.get() == b""
        assert await stream.pieces.get() is None


async def test_a_failure_of_the_source_breaks_the_stream_off(make_app, bearer) -> None:
    class Broken(Thing):
        async def fetch(self) -> Snapshot | None:
            if len(self._script) == 1:
                raise ConnectionError("database gone")
            return await super().fetch()

    app = make_app(router_for(Broken((1, "pending", False), (2, "processing", False))))
    async with asyncio.timeout(2):
        stream = OpenStream(app, bearer)
        with pytest.raises(ConnectionError):
            await stream.task
    pieces = [stream.pieces.get_nowait() for _ in range(stream.pieces.qsize())]
    assert None not in pieces  # no clean end: the client is to notice
