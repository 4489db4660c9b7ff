"""The listening sides: the gateway for clients, status and metrics on loopback; SIGTERM drains and ends with 0."""

import asyncio
import contextlib
import signal
import sys
from collections.abc import AsyncIterator
from typing import Any

from aiohttp import web

from kong_stand_in.exchange import Exit
from kong_stand_in.gateway import Gateway, begin, open_session
from kong_stand_in.plan import Plan
from kong_stand_in.telemetry import Telemetry

DRAIN_SECONDS = 5.0
_MAX_HEADER_BYTES = 32 * 1024
_MAX_HEADER_COUNT = 1000


async def serve(plan: Plan, host: str, port: int, status_port: int | None) -> None:
    """Runs until SIGTERM or SIGINT. Raises OSError if an address is taken."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)

    telemetry = Telemetry(sys.stdout)
    async with contextlib.AsyncExitStack() as stack:
        session = await stack.enter_async_context(open_session())
        gateway = Gateway(plan, session, telemetry)
        status = _Status(telemetry)
        if status_port is not None:
            await stack.enter_async_context(_listening(web.Server(status.handle), "127.0.0.1", status_port))
        async with _listening(_server(gateway), host, port) as site:
            status.is_ready = True
            sys.stderr.write(f"gateway on http://{host}:{port}, {len(plan.routes)} routes\n")
            await stop.wait()
            status.is_ready = False
            await site.stop()
            await gateway.drain(DRAIN_SECONDS)


@contextlib.asynccontextmanager
async def _listening(server: web.Server, host: str, port: int) -> AsyncIterator[web.TCPSite]:
    runner = web.ServerRunner(server, shutdown_timeout=0.5)
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, port, reuse_address=True, backlog=1024)
        await site.start()
        yield site
    finally:
        await runner.cleanup()


class _Status:
    """What the supervisor and Prometheus ask, under the paths of Kong's status API."""

    def __init__(self, telemetry: Telemetry) -> None:
        self._telemetry = telemetry
        self.is_ready = False

    async def handle(self, request: web.BaseRequest) -> web.Response:
        match request.path:
            case "/status/ready":
                ready = self.is_ready
                return web.json_response({"message": "ready" if ready else "not ready"}, status=200 if ready else 503)
            case "/status":
                return web.json_response({"message": "alive"})
            case "/metrics":
                return web.Response(
                    body=self._telemetry.exposition(), headers={"Content-Type": "text/plain; version=0.0.4"}
                )
            case _:
                return web.json_response({"message": "not found"}, status=404)


def _server(gateway: Gateway) -> web.Server:
    return _GatewayServer(
        gateway,
        access_log=None,
        handler_cancellation=True,  # a client that goes away ends the request to the service
        auto_decompress=False,
        max_headers=_MAX_HEADER_COUNT,
        max_field_size=_MAX_HEADER_BYTES,
        max_line_size=_MAX_HEADER_BYTES,
    )


class _GatewayServer(web.Server):
    def __init__(self, gateway: Gateway, **options: Any) -> None:
        super().__init__(gateway.handle, **options)
        self._gateway = gateway

    def __call__(self) -> web.RequestHandler:
        return _Connection(self._gateway, self, loop=self._loop, **self._kwargs)


class _Connection(web.RequestHandler):
    """What aiohttp refuses before any handler runs is a problem document as well."""

    def __init__(self, gateway: Gateway, manager: web.Server, **options: Any) -> None:
        super().__init__(manager, **options)
        self._gateway = gateway

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,  # noqa: ARG002 - says too much about the parser
    ) -> web.StreamResponse:
        if status >= 500:
            self.log_exception("unexpected error", exc_info=exc)
        if request.writer.output_size > 0:
            raise ConnectionError("the answer has begun already")
        exchange = begin(request)
        response = self._gateway.refusal(exchange, Exit(status))
        response.force_close()
        return response
