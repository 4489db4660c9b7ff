"""An idempotent producer whose delivery reports are collected by whoever polls it."""

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from confluent_kafka import KafkaError, KafkaException, Message, Producer

from chassis.kafka.client_config import client_config, prefixed
from chassis.settings import KafkaSettings

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of the message that was sent with this tag; `error` None = acknowledged by all in-sync replicas."""

    tag: int
    error: KafkaError | None


class TrackedProducer:
    """Not thread-safe: one caller at a time. A fatal error leaves it useless; make another."""

    def __init__(self, settings: KafkaSettings, **options: str | int | bool) -> None:
        self._settings = settings
        self._deliveries: list[Delivery] = []
        self._trouble: KafkaError | None = None
        config: dict[str, Any] = {
            "enable.idempotence": True,
            "acks": "all",
            # Without limit. A message given up here may still be in the log, and one behind it with the same key may
            # still be sent: both the doubling and the wrong order are avoided by never giving up while we live.
            "message.timeout.ms": 0,
            # A missing topic is an error after this long, not after 30 s.
            "topic.metadata.propagation.max.ms": 10_000,
            "linger.ms": 5,
            "compression.type": "lz4",
            # As Java clients hash keys, so that producers in other languages agree on the partition.
            "partitioner": "murmur2_random",
            "error_cb": self._on_error,
            "logger": logging.getLogger("librdkafka"),
        }
        self._producer = Producer(client_config(settings) | config | options)

    def send(self, topic: str, key: str | bytes | None, value: bytes | None, headers: Any, tag: int = 0) -> None:
        """Queue a message for a topic (name without prefix).

        Raises KafkaException when it is refused at once (too large, or the producer is dead), BufferError when the
        queue is full; there is no delivery then.
        """

        def delivered(error: KafkaError | None, _message: Message) -> None:
            self._on_delivery(Delivery(tag, error))

        self._producer.produce(
            prefixed(self._settings, topic), key=key, value=value, headers=headers, on_delivery=delivered
        )

    def send_and_wait(
        self, topic: str, key: str | bytes | None, value: bytes | None, headers: Any, seconds: float
    ) -> None:
        """Send one message and wait for its acknowledgement, with nothing else in flight. Blocks.

        Raises KafkaException when it is refused, TimeoutError when nothing is known after so many seconds.
        """
        self.send(topic, key, value, headers)
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            for delivery in self.poll(0.1):
                if delivery.error is not None:
                    raise KafkaException(delivery.error)
                return
        raise TimeoutError(f"no acknowledgement within {seconds:g} s ({self.trouble or 'no error reported'})")

    def poll(self, seconds: float) -> Sequence[Delivery]:
        """The deliveries that are known by now, waiting up to so long for the first. Blocks."""
        self._producer.poll(seconds)
        deliveries, self._deliveries = self._deliveries, []
        return deliveries

    @property
    def fatal_error(self) -> KafkaError | None:
        """Set when this producer cannot send any more."""
        return self._trouble if self._trouble is not None and self._trouble.fatal() else None

    @property
    def trouble(self) -> str | None:
        """The last connection error since something was acknowledged: a wrong password shows up only here."""
        return self._trouble.str() if self._trouble is not None else None

    def close(self) -> None:
        """Drop what is still queued. Blocks for a moment."""
        self._producer.purge()
        self._producer.poll(0)

    def _on_delivery(self, delivery: Delivery) -> None:
        if delivery.error is None and self.fatal_error is None:
            self._trouble = None
        self._deliveries.append(delivery)

    def _on_error(self, error: KafkaError) -> None:
        if self.fatal_error is None:
            self._trouble = error
        log.warning("kafka.producer_error", error=error.str(), code=error.name(), fatal=error.fatal())
