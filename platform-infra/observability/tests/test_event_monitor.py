"""The monitor of events tells what Kafka knows, and falls silent rather than repeat what it once knew."""

import asyncio
import os
import signal
import socket
import sys
import time
from collections.abc import Sequence

import httpx
import pytest
from confluent_kafka import Consumer, TopicPartition
from learning_kafka import declared
from learning_kafka.connection import Connection
from learning_kafka.offsets import Position
from learning_kafka.problems import CannotContinue
from places import OBSERVABILITY
from prometheus_client import CollectorRegistry

from chassis.kafka.client_config import client_config, prefixed
from chassis.testing.kafka import KafkaSandbox
from event_monitor import EventCollector, GroupFigures, read_figures

GROUP = "quiz-service"
TOPIC = "document.uploaded"


def sample(registry: CollectorRegistry, name: str, **labels: str) -> float | None:
    return registry.get_sample_value(name, labels)


def registered(figures: Sequence[GroupFigures]) -> CollectorRegistry:
    registry = CollectorRegistry()
    registry.register(EventCollector(lambda: figures))
    return registry


def commit(kafka: KafkaSandbox, group: str, topic: str, offset: int) -> None:
    consumer = Consumer(client_config(kafka.settings) | {"group.id": prefixed(kafka.settings, group)})
    consumer.commit(offsets=[TopicPartition(prefixed(kafka.settings, topic), 0, offset)], asynchronous=False)
    consumer.close()


def test_each_figure_is_a_series_of_its_own() -> None:
    positions = [Position(TOPIC, 0, 5, 0, 9), Position(TOPIC, 1, None, 2, 9)]
    registry = registered([GroupFigures(GROUP, 2, positions, 3)])
    lag = "learning_kafka_group_lag_messages"
    assert sample(registry, "learning_kafka_collector_up") == 1
    assert sample(registry, lag, group=GROUP, topic=TOPIC, partition="0") == 4
    assert sample(registry, lag, group=GROUP, topic=TOPIC, partition="1") == 7
    assert sample(registry, "learning_kafka_group_members", group=GROUP) == 2
    assert sample(registry, "learning_kafka_dead_letters_messages", group=GROUP) == 3


def test_when_kafka_does_not_answer_nothing_old_is_told() -> None:
    answers = [[GroupFigures(GROUP, 1, [], 1)]]

    def read() -> Sequence[GroupFigures]:
        if not answers:
            raise CannotContinue("no answer")
        return answers.pop()

    registry = CollectorRegistry()
    registry.register(EventCollector(read))
    assert sample(registry, "learning_kafka_dead_letters_messages", group=GROUP) == 1
    assert sample(registry, "learning_kafka_collector_up") == 0
    assert sample(registry, "learning_kafka_dead_letters_messages", group=GROUP) is None


async def test_lag_and_dead_letters_are_read_from_the_cluster(kafka: KafkaSandbox) -> None:
    letters = f"{GROUP}.dlq"
    await kafka.create_topics(*declared.topics_read_by(GROUP), letters)
    for number in range(3):
        await kafka.send_raw(TOPIC, str(number), b"{}")
    for number in range(2):
        await kafka.send_raw(letters, str(number), b"{}")
    commit(kafka, GROUP, TOPIC, 1)
    commit(kafka, f"{GROUP}.redrive", letters, 1)

    [figures] = read_figures(Connection(kafka.settings))  # no other group was ever here
    assert figures.group == GROUP
    assert figures.members == 0
    assert {position.topic: position.lag for position in figures.positions if position.lag} == {TOPIC: 2}
    assert figures.dead_letters == 1


async def test_the_process_answers_prometheus_and_ends_when_told(kafka: KafkaSandbox) -> None:
    await kafka.create_topics(*declared.topics_read_by(GROUP), f"{GROUP}.dlq")
    commit(kafka, GROUP, TOPIC, 0)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = os.environ | {
        "KAFKA_BOOTSTRAP_SERVERS": kafka.settings.bootstrap_servers,
        "KAFKA_TOPIC_PREFIX": kafka.settings.topic_prefix,
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    command = [sys.executable, "event_monitor.py", "--port", str(port)]
    process = await asyncio.create_subprocess_exec(*command, cwd=OBSERVABILITY, env=environment)
    try:
        text = await answer(port)
    finally:
        process.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(process.wait(), 10) == 0
    assert "learning_kafka_collector_up 1.0" in text
    assert f'learning_kafka_group_members{{group="{GROUP}"}} 0.0' in text


async def answer(port: int, seconds: float = 20.0) -> str:
    deadline = time.monotonic() + seconds
    async with httpx.AsyncClient(timeout=10.0) as client:
        while True:
            try:
                return (await client.get(f"http://127.0.0.1:{port}/metrics")).text
            except httpx.TransportError:
                if time.monotonic() > deadline:
                    pytest.fail("the monitor does not answer")
                await asyncio.sleep(0.2)
