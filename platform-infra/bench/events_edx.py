"""The Open edX event bus: one message at a time, its offset committed after the receivers, no inbox.

It is no dependency of ours; without it the comparison is left out, and events.py says so. The schema registry it needs
is a stand-in here that knows one schema a subject and is asked once: it takes no part in what is measured.
"""

from __future__ import annotations

import json
import logging
import os
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from multiprocessing.connection import Connection
from typing import Any, ClassVar

import psycopg
from chassis.clock import rfc3339, utc_now
from confluent_kafka import OFFSET_BEGINNING, Consumer, TopicPartition
from events_place import EFFECT, GROUP, Place

INSTALL = "uv pip install edx-event-bus-kafka 'confluent-kafka[avro]'"
_REGISTRY = "BENCH_SCHEMA_REGISTRY"


def is_installed() -> bool:
    return find_spec("edx_event_bus_kafka") is not None


class _Registry(BaseHTTPRequestHandler):
    schemas: ClassVar[list[str]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        schema = json.loads(body)["schema"]
        if schema not in self.schemas:
            self.schemas.append(schema)
        self._reply(self.schemas.index(schema))

    def do_GET(self) -> None:
        if not self.path.startswith("/schemas/ids/"):
            self.send_error(404)
            return
        self._reply(int(self.path.partition("?")[0].rpartition("/")[2]) - 1)

    def _reply(self, index: int) -> None:
        subject = self.path.split("/")[2]
        found = {
            "id": index + 1,
            "version": 1,
            "subject": subject,
            "schema": self.schemas[index],
        }
        body = json.dumps(found).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing."""


@contextmanager
def schema_registry() -> Iterator[None]:
    """One for this process and those it starts."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Registry)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    os.environ[_REGISTRY] = f"http://127.0.0.1:{server.server_port}"
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()


@cache
def _configure(bootstrap_servers: str) -> None:
    import django
    from django.conf import settings

    settings.configure(
        EVENT_BUS_KAFKA_BOOTSTRAP_SERVERS=bootstrap_servers,
        EVENT_BUS_KAFKA_SCHEMA_REGISTRY_URL=os.environ[_REGISTRY],
        EVENT_BUS_TOPIC_PREFIX=None,
        SERVICE_VARIANT="bench",
        DATABASES={
            "default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}
        },
        CACHES={
            "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
        },
        INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "waffle"],
        LOGGING_CONFIG=None,
    )
    logging.disable(logging.INFO)
    django.setup()


def prepared(at: Place, count: int) -> Callable[[], None]:
    """Sends so many events as its producer does."""
    _configure(at.bootstrap_servers)
    from edx_event_bus_kafka import create_producer
    from openedx_events.data import EventsMetadata
    from openedx_events.learning.data import UserData, UserPersonalData
    from openedx_events.learning.signals import SESSION_LOGIN_COMPLETED as SIGNAL

    def send() -> None:
        producer = create_producer()
        for number in range(count):
            personal = UserPersonalData(
                username=str(uuid.uuid4()),
                email="a@example.org",
                name=rfc3339(utc_now()),
            )
            producer.send(
                signal=SIGNAL,
                topic=at.topic,
                event_key_field="user.pii.username",
                event_data={"user": UserData(id=number, is_active=True, pii=personal)},
                event_metadata=EventsMetadata(event_type=SIGNAL.event_type),
            )
        producer.prepare_for_shutdown()

    return send


def consume(at: Place, share: int, reports: Connection) -> None:
    """Its consumer, until the process is terminated."""
    _configure(at.bootstrap_servers)
    from edx_event_bus_kafka import KafkaEventConsumer
    from edx_event_bus_kafka.internal import consumer as internal
    from openedx_events.learning.signals import SESSION_LOGIN_COMPLETED as SIGNAL

    connection = psycopg.connect(at.dsn, autocommit=True)

    def receive(user: Any, **_: Any) -> None:
        connection.execute(EFFECT, (user.pii.username,))
        reports.send([(datetime.fromisoformat(user.pii.name).timestamp(), time.time())])

    class Announcing(Consumer):
        def subscribe(self, topics: list[str]) -> None:
            super().subscribe(topics, on_assign=self._assigned)

        def _assigned(
            self, _consumer: Consumer, partitions: list[TopicPartition]
        ) -> None:
            # From the first message on; by default it begins at the end of the topic.
            self.assign(
                [
                    TopicPartition(each.topic, each.partition, OFFSET_BEGINNING)
                    for each in partitions
                ]
            )
            if len(partitions) == share:
                reports.send("ready")

    SIGNAL.connect(receive)
    internal.Consumer = Announcing
    KafkaEventConsumer(at.topic, at.prefix + GROUP).consume_indefinitely()
