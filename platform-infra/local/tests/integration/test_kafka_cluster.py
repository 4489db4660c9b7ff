"""Three brokers under the supervisor: what is acknowledged with one of them dead, and that it comes back."""

import asyncio
import os
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Message, Producer
from confluent_kafka.admin import AdminClient

from learning_local import ports
from learning_local.home import Home
from learning_local.kafka_shape import KafkaShape
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


def produce(bootstrap_servers: str, key: str) -> Message:
    """One message that every copy in sync has, or an error after 20 seconds."""
    delivered: list[Message] = []
    settings = {"bootstrap.servers": bootstrap_servers, "acks": "all", "message.timeout.ms": 20_000}
    producer = Producer(settings, logger=None)
    producer.produce(TOPIC, key=key, value=b"{}", on_delivery=lambda error, message: delivered.append(message))
    producer.flush(25)
    [message] = delivered
    assert message.error() is None, message.error()
    return message


def leader_of(bootstrap_servers: str, message: Message) -> int:
    metadata = AdminClient({"bootstrap.servers": bootstrap_servers}, logger=None).list_topics(TOPIC, timeout=10)
    partition = metadata.topics[TOPIC].partitions[message.partition() or 0]
    assert len(partition.replicas) == 3
    leader: int = partition.leader
    return leader


async def test_with_one_of_three_brokers_dead_writes_to_all_copies_go_on_and_it_comes_back(home: Home) -> None:
    async with running(home, KafkaShape(3)) as (supervisor, kafka):
        first = await asyncio.to_thread(produce, kafka.bootstrap_servers, "a-key")
        leader = await asyncio.to_thread(leader_of, kafka.bootstrap_servers, first)
        part = state_of(supervisor, f"kafka-{leader}")
        assert part.pid is not None
        dead = part.pid
        os.kill(dead, signal.SIGKILL)
        second = await asyncio.to_thread(produce, kafka.bootstrap_servers, "a-key")
        assert (second.partition(), second.offset()) == (first.partition(), (first.offset() or 0) + 1)
        await until(lambda: part.state is State.READY and part.pid not in {None, dead}, supervisor)
    assert KafkaShape.chosen(home, {}) == KafkaShape(3)


def state_of(supervisor: Supervisor, name: str) -> PartState:
    return next(part for part in supervisor.states if part.name == name)
