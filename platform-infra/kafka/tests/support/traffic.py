"""What services do to a cluster: publish, read as a group, fail on a message."""

import asyncio
import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from confluent_kafka import Consumer, KafkaException, Message, TopicPartition

from chassis.kafka.client_config import client_config, prefixed
from chassis.kafka.dead_letters import DeadLetterWriter
from chassis.kafka.producer import TrackedProducer
from chassis.postgres.outbox import envelope_of
from chassis.settings import KafkaSettings
from learning_contracts import registry
from learning_contracts.codec import encode
from learning_contracts.event import Event
from learning_contracts.folder import contracts_folder

PATIENCE_SECONDS = 20.0


def example(event_type: str) -> Event:
    file = contracts_folder() / "examples" / event_type / "v1" / "full.json"
    return registry.event_class(f"{event_type}.v1").from_data(json.loads(file.read_text()))


def publish(settings: KafkaSettings, *events: Event) -> list[str]:
    """As a service would; returns the ids. Raises KafkaException when the cluster refuses."""
    producer = TrackedProducer(settings)
    ids = []
    try:
        for event in events:
            envelope = envelope_of(event, "urn:learning-platform:test")
            message = encode(envelope)
            producer.send_and_wait(message.topic, message.key, message.value, list(message.headers), PATIENCE_SECONDS)
            ids.append(envelope.id)
    finally:
        producer.close()
    return ids


@contextmanager
def member(settings: KafkaSettings, group: str, topic: str) -> Iterator[Consumer]:
    """A member of a group; what it has read is committed when it leaves."""
    options = {"group.id": prefixed(settings, group), "auto.offset.reset": "earliest"}
    consumer = Consumer(client_config(settings) | options)
    consumer.subscribe([prefixed(settings, topic)])
    try:
        yield consumer
    finally:
        consumer.close()


def read(consumer: Consumer, count: int) -> list[Message]:
    """So many messages. Raises KafkaException for what the cluster refuses, AssertionError when none come."""
    messages: list[Message] = []
    while len(messages) < count:
        message = consumer.poll(PATIENCE_SECONDS)
        assert message is not None, f"{len(messages)} of {count} messages"
        if (error := message.error()) is not None:
            raise KafkaException(error)
        messages.append(message)
    return messages


def read_as(settings: KafkaSettings, group: str, topic: str, count: int) -> list[Message]:
    with member(settings, group, topic) as consumer:
        return read(consumer, count)


def read_from(settings: KafkaSettings, topic: str, offset: int, count: int) -> list[Message]:
    """So many messages of partition 0, in no group: joining one takes a second."""
    consumer = Consumer(client_config(settings) | {"group.id": prefixed(settings, "reader")})
    try:
        consumer.assign([TopicPartition(prefixed(settings, topic), 0, offset)])
        return read(consumer, count)
    finally:
        consumer.close()


def bury(settings: KafkaSettings, group: str, messages: Iterable[Message]) -> None:
    """What the consumer runtime does with messages that a handler cannot handle."""

    async def write() -> None:
        writer = DeadLetterWriter(settings, group)
        for message in messages:
            await writer.write(message, ValueError("no such document"), attempts=3)
        await writer.close()

    asyncio.run(write())


def event_ids(messages: Iterable[Message]) -> list[str]:
    return [_headers(message)["ce_id"].decode() for message in messages]


def _headers(message: Message) -> dict[str, bytes]:
    pairs: Any = message.headers() or []
    return dict(pairs)
