"""The service behind the gateway under test: it tells what it was asked, and misbehaves on request."""

import asyncio
import hashlib
import json
import threading
import time

from aiohttp import web

EVENTS = 10
EVENT_SECONDS = 0.15  # the whole stream is longer than the second that an undrained stop takes
DOWNLOAD_BYTES = 64 * 2**20
PROBLEM = b'{"type":"urn:learning-platform:problem:notes-not-ready","title":"t","status":404,"detail":"d"}'


class Upstream:
    """An HTTP server in a thread of its own, so that it keeps serving while a test blocks."""

    def __init__(self, port: int = 0) -> None:
        self.abandoned = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.port = asyncio.run_coroutine_threadsafe(self._start(port), self._loop).result()

    def stop(self) -> None:
        asyncio.run_coroutine_threadsafe(self._runner.cleanup(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _start(self, port: int) -> int:
        server = web.Server(self._handle, access_log=None, handler_cancellation=True)
        self._runner = web.ServerRunner(server, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", port)
        await site.start()
        return int(self._runner.addresses[0][1])

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        match request.path.rpartition("/")[2]:
            case "events":
                return await self._events(request)
            case "silent":
                return await self._silent()
            case "broken":
                return await self._broken(request)
            case "download":
                return await self._download(request)
            case "problem":
                return web.Response(status=404, body=PROBLEM, headers={"Content-Type": "application/problem+json"})
            case _:
                return await self._echo(request)

    async def _echo(self, request: web.BaseRequest) -> web.Response:
        size, digest = 0, hashlib.sha256()
        async for chunk in request.content.iter_any():
            size += len(chunk)
            digest.update(chunk)
        seen = {
            "method": request.method,
            "path": request.raw_path,
            "headers": [[name.lower(), value] for name, value in request.headers.items()],
            "size": size,
            "sha256": digest.hexdigest(),
        }
        return web.Response(body=json.dumps(seen), headers={"Content-Type": "application/json", "ETag": '"7"'})

    async def _events(self, request: web.BaseRequest) -> web.StreamResponse:
        """Each event tells when it was sent, by the clock that all processes of this machine share."""
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        for number in range(EVENTS):
            await response.write(f"id: {number}\ndata: {time.monotonic()}\n\n".encode())
            await asyncio.sleep(EVENT_SECONDS)
        return response

    async def _silent(self) -> web.Response:
        try:
            await asyncio.sleep(30)
        except asyncio.CancelledError:
            self.abandoned.set()
            raise
        return web.Response()

    async def _broken(self, request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "1000"})
        await response.prepare(request)
        await response.write(b"half")
        assert request.transport is not None
        request.transport.abort()
        return response

    async def _download(self, request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": str(DOWNLOAD_BYTES)})
        await response.prepare(request)
        block = bytes(2**20)
        for _ in range(DOWNLOAD_BYTES // len(block)):
            await response.write(block)
        return response
