"""Messages that nobody could handle: found, looked at, given a second chance or dropped."""

import asyncio
from collections.abc import Iterator
from uuid import uuid4

import pytest
from support.answer import Tool
from support.traffic import bury, event_ids, example, publish, read_from

from chassis.kafka.producer import TrackedProducer
from chassis.kafka.topics import TopicSpec, delete_topics, ensure_topics
from chassis.settings import KafkaSettings
from chassis.testing import servers
from learning_kafka.cluster.runner import settings_of

GROUP = "quiz-service"
TOPIC = "quiz.requested"
DEAD_LETTERS = "quiz-service.dlq"
EVENT = example(TOPIC)


@pytest.fixture
def corner() -> Iterator[dict[str, str]]:
    """A topic and the dead letters of one group, on the shared broker, as an environment."""
    environment = {
        "KAFKA_BOOTSTRAP_SERVERS": servers.required(servers.KAFKA_BOOTSTRAP_SERVERS),
        "KAFKA_TOPIC_PREFIX": f"test-{uuid4().hex[:12]}.",
    }
    settings = settings_of(environment)
    specs = [TopicSpec(name, 1, retention_days=1) for name in (TOPIC, DEAD_LETTERS)]
    asyncio.run(ensure_topics(settings, specs, replicas=1))
    yield environment
    asyncio.run(delete_topics(settings, [TOPIC, DEAD_LETTERS]))


@pytest.fixture
def settings(corner: dict[str, str]) -> KafkaSettings:
    return settings_of(corner)


@pytest.fixture
def buried(settings: KafkaSettings) -> list[str]:
    """Two dead letters, by their event ids."""
    ids = publish(settings, EVENT, EVENT)
    bury(settings, GROUP, read_from(settings, TOPIC, 0, 2))
    return ids


def listed(tool: Tool, corner: dict[str, str], *arguments: str) -> list[dict[str, object]]:
    return tool(corner, "dead-letters", "list", "--group", GROUP, *arguments).rows


def test_dead_letters_are_listed_with_why_and_shown_whole(
    tool: Tool, corner: dict[str, str], buried: list[str]
) -> None:
    rows = listed(tool, corner)
    assert [row["event_id"] for row in rows] == buried
    assert [(row["place"], row["topic"], row["from"]) for row in rows] == [("0:0", TOPIC, "0:0"), ("0:1", TOPIC, "0:1")]
    assert {row["message"] for row in rows} == {"no such document"}
    assert len(listed(tool, corner, "--limit", "1")) == 1

    shown = {row["part"]: row["content"] for row in tool(corner, "dead-letters", "show", GROUP, "0:1").rows}
    assert shown["header ce_id"] == buried[1]
    assert shown["error_class"] == "builtins.ValueError"
    assert str(EVENT.to_data()["quiz_id"]) in str(shown["value"])
    assert tool(corner, "dead-letters", "show", GROUP, "0:2").code == 1


def test_automation_can_ask_whether_there_are_any(tool: Tool, corner: dict[str, str], buried: list[str]) -> None:
    assert tool(corner, "dead-letters", "list", "--group", GROUP).code == 0
    assert tool(corner, "dead-letters", "list", "--group", GROUP, "--fail-if-any").code == 1


def test_redriven_messages_keep_their_ids_and_are_sent_once(
    tool: Tool, corner: dict[str, str], settings: KafkaSettings, buried: list[str]
) -> None:
    redrive = ("dead-letters", "redrive", GROUP)
    dry = tool(corner, *redrive, "--dry-run")
    assert (dry.code, [row["event_id"] for row in dry.rows]) == (1, buried)

    assert tool(corner, *redrive).code == 0
    assert event_ids(read_from(settings, TOPIC, 2, 2)) == buried
    again = tool(corner, *redrive)
    assert (again.code, again.rows) == (0, [])
    assert [row["sent_again"] for row in listed(tool, corner)] == [True, True]


def test_one_that_is_named_is_sent_again_however_often(
    tool: Tool, corner: dict[str, str], settings: KafkaSettings, buried: list[str]
) -> None:
    for offset in (2, 3):
        assert tool(corner, "dead-letters", "redrive", GROUP, "--only", "0:1").code == 0
        assert event_ids(read_from(settings, TOPIC, offset, 1)) == [buried[1]]


def test_nothing_is_sent_when_one_of_those_named_is_not_there(
    tool: Tool, corner: dict[str, str], buried: list[str]
) -> None:
    answer = tool(corner, "dead-letters", "redrive", GROUP, "--only", "0:0", "--only", "0:7")
    assert answer.code == 1
    assert "0:7" in answer.problem
    assert tool(corner, "groups", "lag", "--group", GROUP).code == 1, "other topics of the group are not there"
    assert [row["sent_again"] for row in listed(tool, corner)] == [False, False]


def test_dropping_asks_first_and_deletes_up_to_the_offset(
    tool: Tool, corner: dict[str, str], buried: list[str]
) -> None:
    drop = ("dead-letters", "drop", GROUP, "--before", "1")
    assert tool(corner, *drop).code == 2, "nobody can be asked here"
    assert tool(corner, *drop, "--dry-run").rows == [
        {"group": GROUP, "partition": 0, "from": 0, "before": 1, "never_redriven": 1}
    ]
    assert len(listed(tool, corner)) == 2
    assert tool(corner, *drop, "--yes").code == 0
    assert [row["event_id"] for row in listed(tool, corner)] == buried[1:]
    assert tool(corner, "dead-letters", "drop", GROUP, "--all", "--yes").code == 0
    assert listed(tool, corner) == []


def test_what_does_not_say_where_it_came_from_is_shown_but_never_sent(
    tool: Tool, corner: dict[str, str], settings: KafkaSettings, buried: list[str]
) -> None:
    producer = TrackedProducer(settings)
    producer.send_and_wait(DEAD_LETTERS, None, b"by hand", [], 10)
    producer.close()
    assert [row["topic"] for row in listed(tool, corner)] == [TOPIC, TOPIC, None]
    answer = tool(corner, "dead-letters", "redrive", GROUP)
    assert answer.code == 1
    assert "0:2" in answer.problem
    assert [row["sent_again"] for row in listed(tool, corner)] == [False, False, False]
