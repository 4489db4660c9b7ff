"""Kafka: the relay from the outbox, the consumer runtime and its dead letters, the topics."""

from chassis.kafka.consumer import EventConsumer
from chassis.kafka.errors import DeadLetterNotWritten, TooManyFailures
from chassis.kafka.handling import RetryPolicy
from chassis.kafka.relay import Relay
from chassis.kafka.topics import declared_topics, ensure_topics

__all__ = [
    "DeadLetterNotWritten",
    "EventConsumer",
    "Relay",
    "RetryPolicy",
    "TooManyFailures",
    "declared_topics",
    "ensure_topics",
]
