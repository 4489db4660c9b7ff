"""Topics on a real broker: created, compared, repaired, and never harmed."""

import asyncio
from collections.abc import Iterator
from uuid import uuid4

import pytest
from confluent_kafka.admin import AlterConfigOpType, ConfigEntry, ConfigResource, NewTopic, ResourceType
from support.answer import Tool

from chassis.kafka.topics import delete_topics
from chassis.testing import servers
from learning_kafka import declared
from learning_kafka.cluster.runner import settings_of
from learning_kafka.connection import Connection
from learning_kafka.settling import look_until

Environment = dict[str, str]
ONE_COPY = ("--replicas", "1")


@pytest.fixture
def corner() -> Iterator[Environment]:
    """An installation of its own on the shared broker, empty, as an environment."""
    environment = {
        "KAFKA_BOOTSTRAP_SERVERS": servers.required(servers.KAFKA_BOOTSTRAP_SERVERS),
        "KAFKA_TOPIC_PREFIX": f"test-{uuid4().hex[:12]}.",
    }
    yield environment
    there = Connection(settings_of(environment)).admin.list_topics(timeout=10).topics
    prefix = environment["KAFKA_TOPIC_PREFIX"]
    ours = [name.removeprefix(prefix) for name in there if name.startswith(prefix)]
    if ours:
        asyncio.run(delete_topics(settings_of(environment), ours))


def set_retention(connection: Connection, topic: str, milliseconds: str) -> None:
    resource = ConfigResource(ResourceType.TOPIC, connection.name(topic))
    resource.add_incremental_config(
        ConfigEntry("retention.ms", milliseconds, incremental_operation=AlterConfigOpType.SET)
    )
    for future in connection.admin.incremental_alter_configs([resource]).values():
        future.result()


def partitions_of(tool: Tool, corner: Environment) -> dict[str, int]:
    return {row["topic"]: row["partitions"] for row in tool(corner, "topics", "describe").rows}


def test_topics_are_created_once_and_a_changed_setting_is_shown_and_repaired(tool: Tool, corner: Environment) -> None:
    dry = tool(corner, "topics", "create", *ONE_COPY, "--dry-run")
    assert (dry.code, len(dry.rows)) == (1, len(declared.topics()))
    assert tool(corner, "topics", "verify", *ONE_COPY).code == 1, "a dry run creates nothing"

    assert tool(corner, "topics", "create", *ONE_COPY).code == 0
    assert tool(corner, "topics", "verify", *ONE_COPY).code == 0
    assert tool(corner, "topics", "create", *ONE_COPY).rows == [], "a second run finds nothing to do"

    set_retention(Connection(settings_of(corner)), "quiz.requested", "60000")
    changed = look_until(lambda: tool(corner, "topics", "verify", *ONE_COPY), lambda answer: answer.code == 1)
    assert changed.code == 1
    [row] = changed.rows
    assert (row["topic"], row["what"], row["actual"]) == ("quiz.requested", "retention.ms", "60000")
    assert tool(corner, "topics", "create", *ONE_COPY).code == 0
    assert tool(corner, "topics", "verify", *ONE_COPY).code == 0

    shown = {row["topic"]: row for row in tool(corner, "topics", "describe").rows}
    assert shown["quiz.requested"]["retention_days"] == 3
    assert shown["quiz-service.dlq"]["partitions"] == 1


def test_partitions_grow_only_when_asked_and_copies_are_not_taken_for_granted(tool: Tool, corner: Environment) -> None:
    connection = Connection(settings_of(corner))
    for future in connection.admin.create_topics([NewTopic(connection.name("chat.message"), 2, 1)]).values():
        future.result()
    created = tool(corner, "topics", "create", *ONE_COPY)
    assert created.code == 1
    assert [(row["topic"], row["what"]) for row in created.rows if row["state"] == "stays"] == [
        ("chat.message", "partitions")
    ]
    assert partitions_of(tool, corner)["chat.message"] == 2
    assert tool(corner, "topics", "create", *ONE_COPY, "--grow-partitions").code == 0
    assert partitions_of(tool, corner)["chat.message"] == 6

    three = tool(corner, "topics", "verify")
    assert three.code == 1
    assert {row["what"] for row in three.rows} == {"replicas", "min.insync.replicas"}


def test_a_cluster_that_does_not_answer_is_code_1_and_says_where_it_was_looked_for(
    tool: Tool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("learning_kafka.topic_admin.REQUEST_SECONDS", 1.0)
    answer = tool({"KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1"}, "topics", "verify")
    assert answer.code == 1
    assert "127.0.0.1:1" in answer.problem
    assert len(answer.problem.splitlines()) == 1


def test_a_cluster_without_an_authorizer_gets_no_rules_and_says_so(tool: Tool, corner: Environment) -> None:
    answer = tool(corner, "acls", "apply")
    assert answer.code == 1
    assert "authorizer" in answer.problem
