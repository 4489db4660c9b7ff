"""Where the contestants of events.py meet: a database and a topic of their own, workers that tell of each commit."""

from __future__ import annotations

import asyncio
import multiprocessing
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Self

import psycopg
from chassis.clock import utc_now
from chassis.kafka.topics import TopicSpec, delete_topics, ensure_topics
from chassis.postgres import schema
from chassis.settings import KafkaSettings
from learning_contracts.events import DocumentUploaded
from psycopg.conninfo import make_conninfo

PARTITIONS = 6
TOPIC = DocumentUploaded.TOPIC
GROUP = "bench"
EFFECT = "INSERT INTO effects (document_id) VALUES (%s)"
FACT = "INSERT INTO facts (document_id) VALUES (%s)"
PATIENCE_SECONDS = 90.0
_TABLES = "CREATE TABLE facts (document_id uuid NOT NULL); CREATE TABLE effects (document_id uuid NOT NULL);"

# When an event was made and when its effect was committed, in seconds since the epoch.
Commit = tuple[float, float]


@dataclass(frozen=True)
class Place:
    """What one measurement has to itself; small enough to be sent to its worker processes."""

    dsn: str
    bootstrap_servers: str
    prefix: str

    @property
    def kafka(self) -> KafkaSettings:
        return KafkaSettings.model_validate(
            {"bootstrap_servers": self.bootstrap_servers, "topic_prefix": self.prefix}
        )

    @property
    def topic(self) -> str:
        """The topic's name on the cluster."""
        return self.prefix + TOPIC

    def count(self, table: str) -> int:
        with psycopg.connect(self.dsn) as connection:
            found = connection.execute(f"SELECT count(*) FROM {table}").fetchone()  # type: ignore[call-overload]
        return int(found[0])

    def execute(self, statement: str) -> None:
        with psycopg.connect(self.dsn, autocommit=True) as connection:
            connection.execute(statement.encode())


@contextmanager
def place(server: str, bootstrap_servers: str) -> Iterator[Place]:
    """A fresh database with the chassis tables, and a fresh topic; both are dropped at the end."""
    name = f"bench_{uuid.uuid4().hex[:8]}"
    found = Place(make_conninfo(server, dbname=name), bootstrap_servers, f"{name}.")
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
        try:
            found.execute(schema.SQL + _TABLES)
            topics = [
                TopicSpec(TOPIC, PARTITIONS, retention_days=1),
                TopicSpec(f"{GROUP}.dlq", 1, retention_days=1),
            ]
            asyncio.run(ensure_topics(found.kafka, topics, replicas=1))
            try:
                yield found
            finally:
                asyncio.run(
                    delete_topics(found.kafka, [topic.name for topic in topics])
                )
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


def uploaded() -> DocumentUploaded:
    """An event of now."""
    return DocumentUploaded(
        document_id=uuid.uuid4(),
        owner_id="0" * 32,
        filename="lecture.pdf",
        media_type="application/pdf",
        size_bytes=1_234_567,
        sha256="0" * 64,
        title="Cells and their organelles",
        uploaded_at=utc_now(),
    )


Consume = Callable[[Place, int, Connection], None]


class Workers:
    """Processes that run `consume(place, share, reports)`.

    `consume` sends "ready" when `share` partitions are its own, then after each commit a list of `Commit`.
    """

    def __init__(self, consume: Consume, at: Place, number: int = 1) -> None:
        # Spawned, not forked: librdkafka's threads do not survive a fork.
        processes = multiprocessing.get_context("spawn")
        self._commits: list[Commit] = []
        self._ready: list[str] = []
        self._processes = []
        for _ in range(number):
            ours, theirs = processes.Pipe(duplex=False)
            process = processes.Process(
                target=consume, args=(at, PARTITIONS // number, theirs), daemon=True
            )
            process.start()
            theirs.close()
            self._processes.append(process)
            threading.Thread(target=self._listen, args=(ours,), daemon=True).start()

    def __enter__(self) -> Self:
        self._wait(
            "the workers to be ready", lambda: len(self._ready) == len(self._processes)
        )
        return self

    def __exit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for process in self._processes:
            process.terminate()
        for process in self._processes:
            process.join(10)

    def commits(self, count: int) -> list[Commit]:
        """Wait for so many commits since the last call, and return them. Raises TimeoutError."""
        self._wait(f"{count} commits", lambda: len(self._commits) >= count)
        found, self._commits = self._commits, []
        return found

    def _wait(self, what: str, is_so: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not is_so():
            if time.monotonic() > deadline:
                raise TimeoutError(
                    f"waited {PATIENCE_SECONDS:g} s for {what}; there are {len(self._commits)}"
                )
            if not all(process.is_alive() for process in self._processes):
                raise RuntimeError("a worker died; what it said is above")
            time.sleep(0.01)

    def _listen(self, reports: Connection) -> None:
        try:
            while True:
                report = reports.recv()
                if report == "ready":
                    self._ready.append(report)
                else:
                    self._commits += report
        except (EOFError, OSError):
            return
