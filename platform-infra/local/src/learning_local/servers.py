"""Real servers for a test run: PostgreSQL, Kafka and Redis in a temporary home, their addresses in the environment.

BROKERS=3 makes Kafka a cluster.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from learning_local import java, ports
from learning_local.credentials import Credentials
from learning_local.downloads import JarStore
from learning_local.home import Home
from learning_local.kafka_shape import KafkaShape
from learning_local.parts.postgres import Postgres
from learning_local.parts.redis import Redis
from learning_local.problems import CannotContinue
from learning_local.stack import embedded_kafka
from learning_local.state import State
from learning_local.supervisor import Supervisor
from learning_local.terminal import Terminal

READY_SECONDS = 120.0


def run_with_servers(cache: Path, command: Sequence[str]) -> int:
    """The command's exit code. Raises CannotContinue when a server does not start."""
    directory = Path(tempfile.mkdtemp(prefix="learning-test-"))
    directory.chmod(0o755)  # as root, PostgreSQL's user must get in
    home = Home(directory, cache)
    try:
        home.make()
        fetch(home)
        return asyncio.run(_run(home, command))
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def fetch(home: Home) -> None:
    if java.find(home.cache) is None:
        java.fetch(home.cache)
    terminal = Terminal()
    JarStore(home.cache).fetch(lambda done, total: terminal.progress("Apache Kafka", done, total))


async def _run(home: Home, command: Sequence[str]) -> int:
    async with test_servers(home) as variables:
        process = await asyncio.create_subprocess_exec(*command, env={**os.environ, **variables})
        for number in (signal.SIGTERM, signal.SIGINT):  # the command gets it too and ends; then the servers are stopped
            asyncio.get_running_loop().add_signal_handler(number, _forward, process, number)
        return await process.wait()


def _forward(process: asyncio.subprocess.Process, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(number)


@contextlib.asynccontextmanager
async def test_servers(home: Home) -> AsyncIterator[dict[str, str]]:
    """Started on entry, stopped on exit; yields the variables that the chassis' pytest plugin reads."""
    shape = KafkaShape.chosen(home, {"BROKERS": os.environ.get("BROKERS", "")})
    chosen = ports.choose(["postgres", *shape.port_names, "redis"], home.ports_file)
    credentials = Credentials(home.credentials_file)
    postgres = Postgres(home, chosen["postgres"], credentials, accounts=(), durable=False)
    kafka = embedded_kafka(home, shape, chosen, groups=None)
    redis = Redis(home, chosen["redis"], credentials.password("redis"))
    supervisor = Supervisor([postgres, *kafka.parts, redis], home.logs)
    stop = asyncio.Event()
    running = asyncio.create_task(supervisor.run(stop))
    try:
        await _until_ready(supervisor, running)
        yield {
            "TEST_POSTGRES_URL": postgres.superuser_dsn,
            "TEST_KAFKA_BOOTSTRAP_SERVERS": kafka.bootstrap_servers,
            "TEST_REDIS_URL": redis.url,
        }
    finally:
        stop.set()
        await running


async def _until_ready(supervisor: Supervisor, running: asyncio.Task[None]) -> None:
    deadline = asyncio.get_running_loop().time() + READY_SECONDS
    while waiting := [part for part in supervisor.states if part.state is not State.READY]:
        if running.done() or asyncio.get_running_loop().time() > deadline:
            raise CannotContinue("; ".join(f"{part.name} does not start: {part.problem}" for part in waiting))
        await asyncio.sleep(0.1)
