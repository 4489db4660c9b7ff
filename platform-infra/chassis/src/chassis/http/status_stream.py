"""Server-sent events that follow one object's status: each event a whole snapshot, so any replica can serve them."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import nullcontext, suppress
from time import monotonic
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from chassis.errors import NotFound
from chassis.http.snapshots import Fetch, Snapshot, Subscription, pause_for
from chassis.metrics import HTTP_STREAMS_OPEN

HEARTBEAT_SECONDS = 15.0
POLL_SECONDS = 1.0
_HEARTBEAT = b": heartbeat\n\n"


async def status_stream(
    request: Request,
    fetch: Fetch,
    subscription: Subscription | None = None,
    *,
    heartbeat_seconds: float = HEARTBEAT_SECONDS,
    poll_seconds: float = POLL_SECONDS,
) -> Response:
    """Stream snapshots until a final one, the client leaves, or this process drains. Raises NotFound without an object.

    A `Last-Event-ID` is the last revision seen: the current snapshot is sent if it is newer. An object deleted
    meanwhile ends the stream with its last snapshot, `status` set to `cancelled`.
    """
    first = await fetch()
    if first is None:
        raise NotFound
    draining: asyncio.Event = request.app.state.draining
    follower = _Follower(fetch, subscription, draining, heartbeat_seconds, poll_seconds)
    return EventStream(follower.events(first, _last_event_id(request)), draining)


def _last_event_id(request: Request) -> int:
    """The revision in `Last-Event-ID`; one that is not ours counts as none."""
    text = request.headers.get("last-event-id", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else -1


def encode_event(snapshot: Snapshot) -> bytes:
    data = json.dumps(snapshot.data, ensure_ascii=False, separators=(",", ":"))
    return f"id: {snapshot.revision}\nevent: status\ndata: {data}\n\n".encode()


class _Follower:
    def __init__(
        self,
        fetch: Fetch,
        subscription: Subscription | None,
        draining: asyncio.Event,
        heartbeat_seconds: float,
        poll_seconds: float,
    ) -> None:
        self._fetch = fetch
        self._subscription = subscription
        self._draining = draining
        self._heartbeat = heartbeat_seconds
        self._poll = poll_seconds

    async def events(self, first: Snapshot, seen: int) -> AsyncIterator[bytes]:
        # Something at once in any case: proxies hold the headers back until the first bytes of the body.
        yield encode_event(first) if first.revision > seen else _HEARTBEAT
        latest, current = first, first
        seen, said_at = max(seen, first.revision), monotonic()
        with self._subscription or nullcontext() as wakeup:
            while not current.final and not self._draining.is_set():
                await pause_for(min(self._poll, self._heartbeat), wakeup)
                found = await self._fetch()
                current = found if found is not None else _cancelled(latest, seen)
                if current.revision > seen:
                    yield encode_event(current)
                    latest, seen, said_at = current, current.revision, monotonic()
                elif monotonic() - said_at >= self._heartbeat:
                    yield _HEARTBEAT
                    said_at = monotonic()


def _cancelled(latest: Snapshot, seen: int) -> Snapshot:
    return Snapshot(max(latest.revision, seen) + 1, {**latest.data, "status": "cancelled"}, final=True)


class EventStream(Response):
    """A `text/event-stream` reply that stops its source when the client leaves or the process drains."""

    media_type = "text/event-stream"

    def __init__(self, events: AsyncIterator[bytes], draining: asyncio.Event) -> None:
        super().__init__(headers={"Cache-Control": "no-cache", "X-Accel-Buffering": "no"})
        del self.headers["content-length"]
        self._events = events
        self._draining = draining

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI's signature
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        with HTTP_STREAMS_OPEN.track_inprogress():
            sending = asyncio.create_task(self._send_events(send))
            leaving = asyncio.create_task(_client_left(receive))
            draining = asyncio.create_task(self._draining.wait())
            await _first_of(sending, leaving, draining)
        if not sending.cancelled():
            sending.result()
        if not leaving.done() or leaving.cancelled():
            await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _send_events(self, send: Send) -> None:
        async for event in self._events:
            await send({"type": "http.response.body", "body": event, "more_body": True})


async def _client_left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _first_of(*tasks: asyncio.Task[Any]) -> None:
    """Wait for one of the tasks, and end the others before returning."""
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.wait(tasks)
