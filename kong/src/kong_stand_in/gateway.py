"""One request from the client's socket to the service's and back, streamed both ways in flat memory."""

import asyncio
import time
import uuid
from collections.abc import AsyncIterator

import aiohttp
from aiohttp import web
from multidict import CIMultiDict
from yarl import URL

from kong_stand_in.admission import Admitted, admit
from kong_stand_in.exchange import Exchange, Exit
from kong_stand_in.plan import Plan, RoutePlan
from kong_stand_in.plugins import learning_platform
from kong_stand_in.routing import upstream_path
from kong_stand_in.telemetry import Telemetry

_SERVER = "kong-stand-in"
_HOP_BY_HOP = frozenset(
    {"connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te", "trailer",
     "transfer-encoding", "upgrade", "expect", "host"}
)  # fmt: skip
_HEADERS_OF_AIOHTTP = ("Accept", "Accept-Encoding", "Content-Type", "User-Agent")
# Below the 5 s after which uvicorn closes an idle connection: a POST must not meet one that is just closing.
_KEEPALIVE_SECONDS = 4


def open_session() -> aiohttp.ClientSession:
    """The pool of connections to the services: adds no header, follows no redirect, unpacks nothing."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=_KEEPALIVE_SECONDS),
        cookie_jar=aiohttp.DummyCookieJar(),
        skip_auto_headers=_HEADERS_OF_AIOHTTP,
        auto_decompress=False,
        read_bufsize=2**16,
    )


class Gateway:
    def __init__(self, plan: Plan, session: aiohttp.ClientSession, telemetry: Telemetry) -> None:
        self._plan = plan
        self._session = session
        self._telemetry = telemetry
        self._running: set[asyncio.Task[object]] = set()

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        task = asyncio.current_task()
        assert task is not None
        self._running.add(task)
        started = time.monotonic()
        exchange = begin(request)
        try:
            return await self._answer(request, exchange)
        finally:
            self._running.discard(task)
            # 499: nginx's code for a client that went away before there was an answer
            exchange.status = exchange.status or 499
            self._telemetry.record(exchange, time.monotonic() - started)

    async def drain(self, seconds: float) -> None:
        """Lets running requests end for `seconds`, then ends those that are left."""
        if self._running:
            _, late = await asyncio.wait(set(self._running), timeout=seconds)
            for task in late:
                task.cancel()

    def refusal(self, exchange: Exchange, reply: Exit) -> web.Response:
        """The gateway's own answer: a problem document from 400 on."""
        exchange.status, exchange.source = reply.status, "exit"
        headers = self._common_headers(exchange)
        body = b""
        if reply.status >= 400:
            body, problem_headers = learning_platform.problem(
                self._plan.platform, reply.status, exchange.raw_path, exchange.request_id
            )
            headers.update(problem_headers)
        headers.update(reply.headers)
        headers["Server"] = _SERVER
        exchange.bytes_out = len(body)
        return web.Response(status=reply.status, headers=headers, body=body)

    async def _answer(self, request: web.BaseRequest, exchange: Exchange) -> web.StreamResponse:
        try:
            admitted = admit(self._plan, exchange)
            await _expect_body(request)
            return await self._forward(request, exchange, admitted)
        except Exit as reply:
            response = self.refusal(exchange, reply)
            if "Content-Length" in request.headers or "Transfer-Encoding" in request.headers:
                response.force_close()  # the rest of the body is not waited for
            return response

    async def _forward(self, request: web.BaseRequest, exchange: Exchange, admitted: Admitted) -> web.StreamResponse:
        route = admitted.match.route
        target = route.origin + upstream_path(route.base_path, admitted.match.postfix, admitted.path)
        query = request.raw_path.partition("?")[2]
        body = _Body(request, exchange, route.body_limit_bytes)
        asked = time.monotonic()
        response: web.StreamResponse | None = None
        try:
            async with self._session.request(
                exchange.method,
                URL(f"{target}?{query}" if query else target, encoded=True),
                headers=_upstream_headers(request, exchange, admitted),
                data=body.chunks() if body.is_sent else None,
                allow_redirects=False,
                timeout=_timeout(route),
            ) as upstream:
                exchange.upstream_seconds = time.monotonic() - asked
                exchange.source, exchange.status = "service", upstream.status
                response = web.StreamResponse(
                    status=upstream.status, reason=upstream.reason, headers=self._relayed_headers(exchange, upstream)
                )
                await response.prepare(request)
                async for chunk in upstream.content.iter_any():
                    exchange.bytes_out += len(chunk)
                    await response.write(chunk)
                await response.write_eof()
                return response
        except (aiohttp.ClientError, TimeoutError) as error:
            if response is not None and response.prepared:
                return _cut(request, response)
            raise _exit_for(error, body) from error

    def _relayed_headers(self, exchange: Exchange, upstream: aiohttp.ClientResponse) -> CIMultiDict[str]:
        headers = _end_to_end(CIMultiDict(upstream.headers))
        common = self._common_headers(exchange)
        if "Vary" in common:
            headers.add("Vary", common.popone("Vary"))
        headers.update(common)
        headers.setdefault("Server", _SERVER)
        return headers

    def _common_headers(self, exchange: Exchange) -> CIMultiDict[str]:
        headers = CIMultiDict(exchange.response_headers)
        headers.update(self._plan.cors.on_response(exchange.headers.get("Origin")))
        headers["X-Request-Id"] = exchange.request_id
        return headers


class _Body:
    """The client's body on its way to the service; what passes the limit ends the request with 413."""

    def __init__(self, request: web.BaseRequest, exchange: Exchange, limit_bytes: int) -> None:
        self._request = request
        self._exchange = exchange
        self._limit_bytes = limit_bytes
        self.is_sent = "Transfer-Encoding" in request.headers or request.headers.get("Content-Length", "0") != "0"
        self.is_too_large = False

    async def chunks(self) -> AsyncIterator[bytes]:
        async for chunk in self._request.content.iter_any():
            self._exchange.bytes_in += len(chunk)
            if self._exchange.bytes_in > self._limit_bytes:
                self.is_too_large = True
                raise Exit(413)
            yield chunk


def begin(request: web.BaseRequest) -> Exchange:
    raw_path = request.raw_path.partition("?")[0]
    if not raw_path.startswith("/"):  # absolute form, as for a proxy
        raw_path = URL(raw_path, encoded=True).raw_path or "/"
    return Exchange(
        method=request.method,
        raw_path=raw_path,
        client_ip=request.remote or "",
        request_id=uuid.uuid4().hex,
        headers=CIMultiDict(request.headers),
    )


async def _expect_body(request: web.BaseRequest) -> None:
    if request.headers.get("Expect", "").strip().lower() == "100-continue" and request.version >= (1, 1):
        await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        request.writer.output_size = 0  # nothing of the answer itself has been sent


def _end_to_end(headers: CIMultiDict[str]) -> CIMultiDict[str]:
    named = {name.strip().lower() for value in headers.getall("Connection", ()) for name in value.split(",")}
    for name in set(headers):
        if name.lower() in _HOP_BY_HOP | named:
            headers.popall(name, None)
    return headers


def _upstream_headers(request: web.BaseRequest, exchange: Exchange, admitted: Admitted) -> CIMultiDict[str]:
    """X-Forwarded-For is appended to; the others are the gateway's word alone."""
    headers = _end_to_end(CIMultiDict(exchange.headers))
    host = URL(f"//{request.host}")
    forwarded_for = [*headers.getall("X-Forwarded-For", ()), exchange.client_ip]
    headers["X-Forwarded-For"] = ", ".join(forwarded_for)
    headers["X-Forwarded-Proto"] = request.scheme
    headers["X-Forwarded-Host"] = host.host or ""
    headers["X-Forwarded-Port"] = str(_own_port(request))
    headers["X-Forwarded-Path"] = exchange.raw_path
    headers["X-Forwarded-Prefix"] = admitted.match.prefix
    headers["X-Real-IP"] = exchange.client_ip
    return headers


def _own_port(request: web.BaseRequest) -> int:
    address = request.transport.get_extra_info("sockname") if request.transport else None
    return int(address[1]) if address else 0


def _timeout(route: RoutePlan) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(
        total=None, sock_connect=route.connect_timeout_seconds, sock_read=route.read_timeout_seconds
    )


def _exit_for(error: Exception, body: _Body) -> Exit:
    """As Kong has it: 504 for a silent service, 500 for a name that does not resolve, else 502."""
    if body.is_too_large:
        return Exit(413)
    if isinstance(error, TimeoutError):
        return Exit(504)
    return Exit(500 if isinstance(error, aiohttp.ClientConnectorDNSError) else 502)


def _cut(request: web.BaseRequest, response: web.StreamResponse) -> web.StreamResponse:
    """The service broke off in its answer: the client must see that it is not whole."""
    if request.transport is not None:
        request.transport.abort()
    return response
