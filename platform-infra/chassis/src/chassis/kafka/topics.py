"""Topics as the contracts declare them, created where they are missing; existing ones are left as they are.

Partitions are never added here: that would break the order per key.
"""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from chassis.kafka.client_config import client_config, dead_letter_topic, prefixed
from chassis.settings import KafkaSettings
from learning_contracts import registry

DEAD_LETTER_RETENTION_DAYS = 30
MILLISECONDS_PER_DAY = 24 * 60 * 60 * 1000
REQUEST_TIMEOUT_SECONDS = 30


@dataclass(frozen=True, slots=True)
class TopicSpec:
    """A topic by its name without the prefix."""

    name: str
    partitions: int
    retention_days: int


def declared_topics(groups: Iterable[str] = ()) -> Sequence[TopicSpec]:
    """Every topic of the contracts, and the dead-letter topic of each of these consumer groups."""
    topics = [TopicSpec(topic.name, topic.partitions, topic.retention_days) for topic in registry.topics()]
    dead_letters = [TopicSpec(dead_letter_topic(group), 1, DEAD_LETTER_RETENTION_DAYS) for group in groups]
    return topics + dead_letters


async def ensure_topics(settings: KafkaSettings, topics: Iterable[TopicSpec], replicas: int = 3) -> Sequence[str]:
    """Create what is missing, also in several processes at once; returns the names created. Raises KafkaException."""
    return await asyncio.to_thread(_ensure_topics, settings, list(topics), replicas)


def _ensure_topics(settings: KafkaSettings, topics: Sequence[TopicSpec], replicas: int) -> Sequence[str]:
    if not topics:
        return []
    admin = AdminClient(client_config(settings))
    new = [
        NewTopic(
            prefixed(settings, topic.name),
            num_partitions=topic.partitions,
            replication_factor=replicas,
            config={
                "retention.ms": str(topic.retention_days * MILLISECONDS_PER_DAY),
                # With three copies a write needs two: one broker may be down.
                "min.insync.replicas": str(min(2, replicas)),
            },
        )
        for topic in topics
    ]
    created = []
    for name, future in admin.create_topics(new, operation_timeout=REQUEST_TIMEOUT_SECONDS).items():
        try:
            future.result()
            created.append(name)
        except KafkaException as error:
            if error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
                raise
    return created


async def delete_topics(settings: KafkaSettings, names: Iterable[str]) -> None:
    """Remove topics by their names without the prefix; for tests."""
    await asyncio.to_thread(_delete_topics, settings, [prefixed(settings, name) for name in names])


def _delete_topics(settings: KafkaSettings, names: Sequence[str]) -> None:
    admin = AdminClient(client_config(settings))  # by a name: collected early, it would end its own requests
    for future in admin.delete_topics(list(names)).values():
        future.result()
