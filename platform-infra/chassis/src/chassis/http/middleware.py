"""What surrounds every request: its id, its trace, its measurements, one log line, and the last net under errors.

Pure ASGI: Starlette's BaseHTTPMiddleware would buffer streams and hide disconnects.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter

import structlog
from opentelemetry.trace import SpanKind
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chassis import context, metrics, tracing
from chassis.errors import InternalError, PayloadTooLarge, Problem
from chassis.http.auth import TokenVerifier, authenticate
from chassis.http.problems import problem_response
from chassis.ids import uuid7

REQUEST_ID_HEADER = "X-Request-Id"
CLIENT_CLOSED_REQUEST = 499  # nginx's number; nobody receives it, it is for the log and the metrics
_SANE_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_LIMIT = "chassis.body_limit"
# Asked every few seconds by machines: counted, but not worth a log line each.
_UNLOGGED = frozenset({"/health", "/ready", "/metrics"})

log = structlog.get_logger("chassis.access")


def accepted_request_id(sent: str | None) -> str:
    """The client's request id if it is harmless in logs and headers, else a new one."""
    return sent if sent is not None and _SANE_REQUEST_ID.fullmatch(sent) else str(uuid7())


class RequestScope:
    """The outermost layer: nothing leaves without an X-Request-Id, and no exception leaves unless a reply had begun."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        request_id = accepted_request_id(headers.get(REQUEST_ID_HEADER))
        with context.bind(request_id=request_id, correlation_id=request_id, causation_id=None, owner_id=None):
            with tracing.continue_trace(headers.get("traceparent"), "http request", kind=SpanKind.SERVER) as span:
                exchange = _Exchange(scope, send, request_id)
                with metrics.HTTP_REQUESTS_IN_PROGRESS.track_inprogress():
                    await exchange.run(self._app, receive)
                span.update_name(f"{exchange.method} {exchange.route}")
                span.set_attribute("http.response.status_code", exchange.status)


class _Exchange:
    """One request and its reply."""

    def __init__(self, scope: Scope, send: Send, request_id: str) -> None:
        self._scope = scope
        self._send = send
        self._request_id = request_id
        self._begun = False
        self.status = InternalError.status
        self.method = scope["method"] if scope["method"] in _METHODS else "other"

    @property
    def route(self) -> str:
        """The route's template: a closed set, unlike the path."""
        return getattr(self._scope.get("route"), "path", "unmatched")

    async def run(self, app: ASGIApp, receive: Receive) -> None:
        started = perf_counter()
        try:
            await app(self._scope, receive, self._forward)
        except ClientDisconnect:
            self.status = CLIENT_CLOSED_REQUEST
        except Exception as error:
            if self._begun:
                # Too late for another reply. Raising breaks the transfer, so the client knows it is not whole.
                raise
            log.error("http.failed", exc_info=error)
            await self._reply(InternalError(), receive)
        finally:
            self._account(perf_counter() - started)

    async def _reply(self, problem: Problem, receive: Receive) -> None:
        await problem_response(problem, self._scope["path"])(self._scope, receive, self._forward)

    async def _forward(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._begun = True
            self.status = message["status"]
            MutableHeaders(scope=message)[REQUEST_ID_HEADER] = self._request_id
        await self._send(message)

    def _account(self, seconds: float) -> None:
        metrics.HTTP_REQUESTS.labels(self.method, self.route, str(self.status)).inc()
        metrics.HTTP_REQUEST_DURATION.labels(self.method, self.route).observe(seconds)
        if self._scope["path"] not in _UNLOGGED:
            log.info(
                "http.request",
                method=self.method,
                path=self._scope["path"],
                route=self.route,
                status=self.status,
                duration_ms=round(seconds * 1000, 1),
            )


class Authentication:
    """Every path but the public ones needs a valid token, also one whose route forgot to ask for a scope.

    It stands before routing and before any body is read.
    """

    def __init__(self, app: ASGIApp, verifier: TokenVerifier, public_paths: Sequence[str]) -> None:
        self._app = app
        self._verifier = verifier
        self._public_paths = frozenset(public_paths)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] not in self._public_paths:
            try:
                scope["user"] = await authenticate(Request(scope), self._verifier)
            except Problem as problem:
                await problem_response(problem, scope["path"])(scope, receive, send)
                return
        await self._app(scope, receive, send)


class BodyLimit:
    """No body is read beyond `max_bytes`, unless the route lifts the limit because it streams (`lift_body_limit`)."""

    def __init__(self, app: ASGIApp, max_bytes: int) -> None:
        self._app = app
        self._max_bytes = max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        declared = Headers(scope=scope).get("content-length", "")
        received, expected = 0, int(declared) if declared.isdigit() else 0
        limit = scope[_LIMIT] = _Limit(self._max_bytes)

        async def limited() -> Message:
            nonlocal received
            limit.check(expected)  # what is declared too large is refused before anything of it is read
            message = await receive()
            received += len(message.get("body", b""))
            limit.check(received)
            return message

        await self._app(scope, limited, send)


@dataclass(slots=True)
class _Limit:
    max_bytes: int | None

    def check(self, size: int) -> None:
        if self.max_bytes is not None and size > self.max_bytes:
            raise PayloadTooLarge(f"The body may have at most {self.max_bytes} bytes.")


def lift_body_limit(scope: Scope) -> None:
    """For a route that reads the body as a stream and has a limit of its own."""
    if _LIMIT in scope:
        scope[_LIMIT].max_bytes = None
