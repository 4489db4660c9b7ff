"""A corner of the Kafka server for one test: its own topic prefix, its own group, only the topics it asks for."""

import asyncio
import time
from collections.abc import Sequence
from uuid import uuid4

from confluent_kafka import Consumer, Message, TopicPartition

from chassis.kafka.client_config import client_config, prefixed
from chassis.kafka.producer import TrackedProducer
from chassis.kafka.topics import TopicSpec, delete_topics, ensure_topics
from chassis.postgres.outbox import envelope_of
from chassis.settings import KafkaSettings
from learning_contracts.codec import Envelope, encode
from learning_contracts.event import Event

SOURCE = "urn:learning-platform:test"


class KafkaSandbox:
    def __init__(self, bootstrap_servers: str) -> None:
        self.settings = KafkaSettings.model_validate(
            {"bootstrap_servers": bootstrap_servers, "topic_prefix": f"test-{uuid4().hex[:12]}."}
        )
        self.group = "test-group"
        self._topics: list[str] = []
        self._opened: TrackedProducer | None = None

    async def create_topics(self, *names: str, partitions: int = 1) -> None:
        """Create topics by their names without the prefix; the group's dead letters too: name `test-group.dlq`."""
        await ensure_topics(
            self.settings, [TopicSpec(name, partitions, retention_days=1) for name in names], replicas=1
        )
        self._topics += names

    async def publish(self, *events: Event) -> list[Envelope]:
        """Send events as a service would, in order; returns their envelopes once acknowledged."""
        envelopes = [envelope_of(event, SOURCE) for event in events]
        await self.send(*envelopes)
        return envelopes

    async def send(self, *envelopes: Envelope) -> None:
        """Send these envelopes; the same one twice is a duplicate delivery."""
        for message in map(encode, envelopes):
            await self.send_raw(message.topic, message.key, message.value, dict(message.headers))

    async def send_raw(
        self, topic: str, key: str, value: bytes | None, headers: dict[str, bytes] | None = None
    ) -> None:
        """Send any bytes, also such as no service would."""
        pairs = list((headers or {}).items())
        await asyncio.to_thread(self._producer().send_and_wait, topic, key, value, pairs, seconds=10)

    def _producer(self) -> TrackedProducer:
        if self._opened is None:
            self._opened = TrackedProducer(self.settings)
        return self._opened

    async def read(self, topic: str, count: int, timeout_seconds: float = 15.0) -> list[Message]:
        """The first `count` messages of a topic, fewer after the time-out."""
        return await asyncio.to_thread(self._read, topic, count, timeout_seconds)

    def _read(self, topic: str, count: int, timeout_seconds: float) -> list[Message]:
        consumer = Consumer(client_config(self.settings) | {"group.id": "test-reader", "enable.auto.commit": False})
        try:
            name = prefixed(self.settings, topic)
            partitions = consumer.list_topics(name, timeout=10).topics[name].partitions
            consumer.assign([TopicPartition(name, partition, 0) for partition in partitions])
            messages: list[Message] = []
            deadline = time.monotonic() + timeout_seconds
            while len(messages) < count and time.monotonic() < deadline:
                found = consumer.consume(count - len(messages), timeout=0.2)
                messages += [message for message in found if message.error() is None]
            return messages
        finally:
            consumer.close()

    async def committed_offset(self, topic: str, partition: int = 0) -> int:
        """Where the group stands; negative when it has committed nothing."""
        return await asyncio.to_thread(self._committed_offset, topic, partition)

    def _committed_offset(self, topic: str, partition: int) -> int:
        consumer = Consumer(client_config(self.settings) | {"group.id": prefixed(self.settings, self.group)})
        try:
            [found] = consumer.committed([TopicPartition(prefixed(self.settings, topic), partition)], timeout=10)
            return int(found.offset)
        finally:
            consumer.close()

    async def close(self) -> None:
        if self._topics:
            await delete_topics(self.settings, self._topics)

    @property
    def topics(self) -> Sequence[str]:
        return tuple(self._topics)
