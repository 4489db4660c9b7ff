"""Runs one process: the HTTP server and the components beside it, until it is told to stop or one of them dies.

SIGTERM drains: readiness turns first, streams end, work under way is finished within the grace period; a second signal
ends the process at once. A component that dies takes the process with it, so that whoever supervises it restarts it.
"""

import asyncio
import os
import signal
import socket
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import Literal, Protocol

import structlog
import uvicorn
from fastapi import FastAPI

Role = Literal["api", "worker", "all"]

log = structlog.get_logger(__name__)


class Component(Protocol):
    """Something that runs beside the HTTP server: a consumer, a relay, a runner of jobs."""

    @property
    def name(self) -> str: ...

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set, finish what is under way, return. Returning earlier or raising is a failure."""
        ...


async def _nothing() -> None:
    pass


@dataclass(frozen=True, slots=True)
class Application:
    """What a process runs. `close` is awaited last, after everything that uses what it closes has ended."""

    app: FastAPI
    components: Sequence[Component] = field(default=())
    close: Callable[[], Awaitable[None]] = _nothing


class StartFailed(Exception):
    """The process cannot start; the message is for the operator."""


class _HttpServer(uvicorn.Server):
    """Without uvicorn's own signal handling: the runtime decides when to stop, and in which order."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def serve(application: Application) -> int:
    """Run until stopped; returns the exit code: 0 after a drain that was asked for, 1 when something died or hung."""
    return await Supervisor(application).run()


class Supervisor:
    def __init__(self, application: Application) -> None:
        self._application = application
        self._settings = application.app.state.settings
        self._draining: asyncio.Event = application.app.state.draining
        self._failed = False

    async def run(self) -> int:
        try:
            await self._run()
        finally:
            await self._application.close()
        log.info("process.stopped", failed=self._failed)
        return 1 if self._failed else 0

    async def _run(self) -> None:
        http = self._settings.http
        with closing(bind(http.http_host, http.http_port)) as listener, self._signals():
            server = self._server()
            tasks = {asyncio.create_task(server.serve(sockets=[listener]), name="http")}
            tasks |= {
                asyncio.create_task(component.run(self._draining), name=component.name)
                for component in self._application.components
            }
            log.info(
                "process.started", address=listener.getsockname()[:2], components=sorted(t.get_name() for t in tasks)
            )
            await self._until_told_or_dead(tasks)
            server.should_exit = True
            await self._drain(tasks)

    def _server(self) -> uvicorn.Server:
        return _HttpServer(
            uvicorn.Config(
                self._application.app,
                log_config=None,
                access_log=False,
                server_header=False,
                ws="none",
                lifespan="off",
                timeout_graceful_shutdown=max(1, int(self._settings.platform.drain_seconds)),
            )
        )

    @contextmanager
    def _signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        signals = (signal.SIGTERM, signal.SIGINT)
        for number in signals:
            loop.add_signal_handler(number, self._on_signal, number)
        try:
            yield
        finally:
            for number in signals:
                loop.remove_signal_handler(number)

    def _on_signal(self, number: signal.Signals) -> None:
        if self._draining.is_set():
            log.warning("process.killed_while_draining", signal=number.name)
            os._exit(128 + number)
        log.info("process.draining", signal=number.name, seconds=self._settings.platform.drain_seconds)
        self._draining.set()

    async def _until_told_or_dead(self, tasks: set[asyncio.Task[None]]) -> None:
        told = asyncio.create_task(self._draining.wait())
        try:
            done, _ = await asyncio.wait([told, *tasks], return_when=asyncio.FIRST_COMPLETED)
        finally:
            told.cancel()
        if told not in done:
            self._draining.set()
            for task in (task for task in tasks if task.done()):
                self._failed = True
                log.critical("process.component_died", component=task.get_name(), exc_info=_outcome(task))

    async def _drain(self, tasks: set[asyncio.Task[None]]) -> None:
        running = {task for task in tasks if not task.done()}
        if not running:
            return
        done, late = await asyncio.wait(running, timeout=self._settings.platform.drain_seconds)
        for task in late:
            log.error("process.component_cancelled", component=task.get_name())
            task.cancel()
        if late:
            await asyncio.wait(late, timeout=1.0)
        self._failed |= bool(late)
        for task in done:
            if (error := _outcome(task)) is not None:
                self._failed = True
                log.error("process.component_failed", component=task.get_name(), exc_info=error)


def _outcome(task: asyncio.Task[None]) -> BaseException | None:
    """What a finished task ended with; None for a plain return."""
    return asyncio.CancelledError() if task.cancelled() else task.exception()


def bind(host: str, port: int) -> socket.socket:
    """A listening socket. Raises StartFailed with one line for the operator."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
    except OSError as error:
        raise StartFailed(f"HTTP_HOST {host!r} cannot be used: {error}") from error
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(2048)
        listener.setblocking(False)
    except OSError as error:
        listener.close()
        raise StartFailed(f"HTTP_PORT {port} on {host} cannot be used: {error.strerror}") from error
    return listener
