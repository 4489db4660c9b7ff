"""`Prefer: wait=N` (RFC 7240): an asynchronous POST answers with the finished document if it is done in time."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from contextlib import nullcontext
from time import monotonic
from typing import TypeVar

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from chassis.http.snapshots import Fetch, Subscription, pause_for

MAX_WAIT_SECONDS = 60
_POLL_SECONDS = 1.0
_FIRST_POLL_SECONDS = 0.05
_WAIT = re.compile(r'wait\s*=\s*"?(\d{1,9})"?', re.IGNORECASE)

T = TypeVar("T")


def wait_seconds(request: Request) -> int:
    """Seconds the client is ready to wait: 0 without the preference, at most 60; an unusable one is ignored."""
    for preference in ",".join(request.headers.getlist("prefer")).split(","):
        if match := _WAIT.fullmatch(preference.split(";")[0].strip()):
            return min(int(match[1]), MAX_WAIT_SECONDS)
    return 0


async def await_final(
    fetch: Callable[[], Awaitable[T]],
    final: Callable[[T], bool],
    seconds: float,
    subscription: Subscription | None = None,
    stop: asyncio.Event | None = None,
) -> T:
    """Fetch until `final`, the time is over or `stop` is set; returns what was fetched last.

    Polls quickly at first and then every second, so that short jobs answer at once; `subscription` cuts a pause short.
    """
    deadline = monotonic() + seconds
    pause = _FIRST_POLL_SECONDS
    with subscription or nullcontext() as wakeup:
        while True:
            value = await fetch()
            left = deadline - monotonic()
            if final(value) or left <= 0 or (stop is not None and stop.is_set()):
                return value
            await pause_for(min(pause, left), wakeup)
            pause = min(pause * 2, _POLL_SECONDS)


async def when_final(
    request: Request, accepted: Response, fetch: Fetch, subscription: Subscription | None = None
) -> Response:
    """The reply of a POST that started a job, honouring `Prefer: wait`.

    `accepted` is its 202. In time: 200 with the final snapshot's document and the headers of `accepted`; else
    `accepted` itself. Call it after the unit of work was left: waiting inside a transaction would wait for ever.
    """
    seconds = wait_seconds(request)
    if seconds == 0 or accepted.status_code != 202:
        return accepted
    draining: asyncio.Event = request.app.state.draining
    snapshot = await await_final(fetch, lambda found: found is None or found.final, seconds, subscription, draining)
    reply = accepted
    if snapshot is not None and snapshot.final:
        reply = JSONResponse(dict(snapshot.data))
        for name, value in accepted.headers.items():
            if name not in ("content-length", "content-type", "retry-after"):
                reply.headers[name] = value
    reply.headers["Preference-Applied"] = f"wait={seconds}"
    return reply
