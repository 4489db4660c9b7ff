"""How far a group has read, and reading again, on a real broker."""

import asyncio
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from support.answer import Tool
from support.traffic import event_ids, example, member, publish, read, read_as

from chassis.kafka.topics import TopicSpec, delete_topics, ensure_topics
from chassis.settings import KafkaSettings
from chassis.testing import servers
from learning_contracts.times import rfc3339
from learning_kafka.cluster.runner import settings_of

GROUP = "stt-service"
TOPIC = "audio.transcription.requested"
EVENT = example(TOPIC)


@pytest.fixture
def corner() -> Iterator[dict[str, str]]:
    """The topic of one group, on the shared broker, as an environment."""
    environment = {
        "KAFKA_BOOTSTRAP_SERVERS": servers.required(servers.KAFKA_BOOTSTRAP_SERVERS),
        "KAFKA_TOPIC_PREFIX": f"test-{uuid4().hex[:12]}.",
    }
    settings = settings_of(environment)
    asyncio.run(ensure_topics(settings, [TopicSpec(TOPIC, 2, retention_days=1)], replicas=1))
    yield environment
    asyncio.run(delete_topics(settings, [TOPIC]))


@pytest.fixture
def settings(corner: dict[str, str]) -> KafkaSettings:
    return settings_of(corner)


def now() -> str:
    """A time that is later than every message so far and earlier than every one to come."""
    time.sleep(0.05)
    moment = rfc3339(datetime.now(UTC))
    time.sleep(0.05)
    return moment


def test_lag_is_what_waits_and_a_limit_on_it_makes_the_exit_code(
    tool: Tool, corner: dict[str, str], settings: KafkaSettings
) -> None:
    publish(settings, *[EVENT] * 3)
    [row] = tool(corner, "groups", "lag", "--group", GROUP).rows
    assert (row["state"], row["lag"], row["members"]) == ("absent", 3, 0)

    read_as(settings, GROUP, TOPIC, 3)
    publish(settings, EVENT, EVENT)
    answer = tool(corner, "groups", "lag", "--group", GROUP, "--max", "2")
    assert (answer.code, answer.rows[0]["state"], answer.rows[0]["lag"]) == (0, "empty", 2)
    assert tool(corner, "groups", "lag", "--group", GROUP, "--max", "1").code == 1

    by_partition = tool(corner, "groups", "lag", "--group", GROUP, "--by-partition").rows
    assert [row["partition"] for row in by_partition] == [0, 1]
    assert sum(row["lag"] for row in by_partition) == 2


def test_a_rewound_group_reads_again_what_came_since_the_time_and_nothing_older(
    tool: Tool, corner: dict[str, str], settings: KafkaSettings
) -> None:
    publish(settings, EVENT, EVENT)
    moment = now()
    later = publish(settings, EVENT, EVENT, EVENT)
    read_as(settings, GROUP, TOPIC, 5)

    rewind = ("groups", "rewind", GROUP, "--to", moment)
    dry = tool(corner, *rewind, "--dry-run")
    assert (dry.code, sum(row["messages"] for row in dry.rows)) == (1, 3)
    assert tool(corner, "groups", "lag", "--group", GROUP).rows[0]["lag"] == 0, "a dry run moves nothing"

    assert tool(corner, *rewind).code == 0
    assert tool(corner, "groups", "lag", "--group", GROUP).rows[0]["lag"] == 3
    again = tool(corner, *rewind)
    assert (again.code, again.rows) == (0, []), "a second time there is nothing to do"
    assert event_ids(read_as(settings, GROUP, TOPIC, 3)) == later


def test_an_active_group_is_not_rewound_and_its_members_are_named(
    tool: Tool, corner: dict[str, str], settings: KafkaSettings
) -> None:
    publish(settings, EVENT)
    with member(settings, GROUP, TOPIC) as consumer:
        read(consumer, 1)
        answer = tool(corner, "groups", "rewind", GROUP, "--to", "2000-01-01T00:00:00Z")
    assert answer.code == 1
    assert "is active" in answer.problem
    assert "rdkafka" in answer.problem
    assert tool(corner, "groups", "lag", "--group", GROUP).rows[0]["lag"] == 0


def test_a_group_without_its_topic_is_told_so(tool: Tool, corner: dict[str, str]) -> None:
    answer = tool(corner, "groups", "lag", "--group", "tts-service")
    assert answer.code == 1
    assert "audio.generation.requested" in answer.problem
