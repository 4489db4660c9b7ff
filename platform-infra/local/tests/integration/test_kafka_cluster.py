"""Clusters under the supervisor: writes go on with a broker dead, and a secured one refuses what is not declared."""

import asyncio
import os
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import KafkaError, Message, Producer
from confluent_kafka.admin import AdminClient

from learning_local import ports
from learning_local.home import Home
from learning_local.kafka_shape import KafkaShape
from learning_local.parts.kafka_cluster import client_config
from learning_local.servers import fetch
from learning_local.stack import KafkaAccess, embedded_kafka
from learning_local.state import PartState, State
from learning_local.supervisor import Supervisor

READY_SECONDS = 90.0
TOPIC = "document.uploaded"
GROUP = "quiz-service"


@pytest.fixture
def home() -> Iterator[Home]:
    directory = Path(tempfile.mkdtemp(prefix="learning-kafka-"))
    home = Home(directory, Home.from_environment().cache)
    home.make()
    fetch(home)
    yield home
    shutil.rmtree(directory)


@asynccontextmanager
async def running(home: Home, shape: KafkaShape) -> AsyncIterator[tuple[Supervisor, KafkaAccess]]:
    kafka = embedded_kafka(home, shape, ports.choose(shape.port_names, home.ports_file), [GROUP])
    supervisor, stop = Supervisor(kafka.parts, home.logs), asyncio.Event()
    task = asyncio.create_task(supervisor.run(stop))
    try:
        await until(lambda: all(part.state is State.READY for part in supervisor.states), supervisor)
        yield supervisor, kafka
    finally:
        stop.set()
        await task


async def until(condition: Any, supervisor: Supervisor) -> None:
    deadline = asyncio.get_running_loop().time() + READY_SECONDS
    while not condition():
        assert asyncio.get_running_loop().time() < deadline, [
            (part.name, part.state, part.problem) for part in supervisor.states
        ]
        await asyncio.sleep(0.1)


def produce(settings: Mapping[str, str], topic: str = TOPIC) -> Message:
    """One message that every copy in sync has, or an error after 20 seconds."""
    delivered: list[Message] = []
    producer = Producer({**client_config(settings), "acks": "all", "message.timeout.ms": 20_000}, logger=None)
    producer.produce(topic, key="a-key", value=b"{}", on_delivery=lambda _, message: delivered.append(message))
    producer.flush(25)
    [message] = delivered
    return message


def leader_of(settings: Mapping[str, str], message: Message) -> int:
    metadata = AdminClient(client_config(settings), logger=None).list_topics(TOPIC, timeout=10)
    partition = metadata.topics[TOPIC].partitions[message.partition() or 0]
    assert len(partition.replicas) == 3
    leader: int = partition.leader
    return leader


async def test_with_one_of_three_brokers_dead_writes_to_all_copies_go_on_and_it_comes_back(home: Home) -> None:
    async with running(home, KafkaShape(3)) as (supervisor, kafka):
        settings = kafka.settings_of(GROUP)
        first = await asyncio.to_thread(produce, settings)
        assert first.error() is None
        leader = await asyncio.to_thread(leader_of, settings, first)
        part = state_of(supervisor, f"kafka-{leader}")
        assert part.pid is not None
        dead = part.pid
        os.kill(dead, signal.SIGKILL)
        second = await asyncio.to_thread(produce, settings)
        assert second.error() is None
        assert (second.partition(), second.offset()) == (first.partition(), (first.offset() or 0) + 1)
        await until(lambda: part.state is State.READY and part.pid not in {None, dead}, supervisor)
    assert KafkaShape.chosen(home, {}) == KafkaShape(3)


async def test_a_secured_broker_lets_a_service_write_its_own_topics_and_refuses_anothers(home: Home) -> None:
    async with running(home, KafkaShape(1, secured=True)) as (_, kafka):
        settings = kafka.settings_of(GROUP)
        own = await asyncio.to_thread(produce, settings, "quiz.generated")
        anothers = await asyncio.to_thread(produce, settings, "document.uploaded")
        assert own.error() is None
        refusal = anothers.error()
        assert refusal is not None
        assert refusal.code() == KafkaError.TOPIC_AUTHORIZATION_FAILED
    assert KafkaShape.chosen(home, {}) == KafkaShape(1, secured=True)


def state_of(supervisor: Supervisor, name: str) -> PartState:
    return next(part for part in supervisor.states if part.name == name)
