"""Three secured brokers, as in production: who may do what, and what the tool does for the platform team there.

One cluster for the module, because starting it takes longer than everything else here.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AlterConfigOpType, ConfigEntry, ConfigResource, ResourceType
from support.answer import Answer, Tool
from support.traffic import bury, event_ids, example, publish, read_as

from chassis.settings import KafkaSettings
from learning_kafka import access, access_admin
from learning_kafka.access import MONITOR, OPERATOR, Rule
from learning_kafka.cluster.jvm import Jvm
from learning_kafka.cluster.kraft import KraftCluster, loopback_addresses
from learning_kafka.cluster.runner import RunningCluster, running, settings_of
from learning_kafka.connection import Connection
from learning_kafka.settling import look_until
from learning_local import ports

NODES = 3


class Secured:
    """The running cluster and how each principal connects to it."""

    def __init__(self, cluster: KraftCluster, processes: RunningCluster) -> None:
        self.cluster = cluster
        self.processes = processes
        self.is_declared = False

    def environment(self, principal: str) -> dict[str, str]:
        return self.cluster.client_environment(principal)

    def settings(self, principal: str) -> KafkaSettings:
        return settings_of(self.environment(principal))


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secured]:
    home = tmp_path_factory.mktemp("kafka")
    names = [f"{node}-{use}" for node in range(NODES) for use in ("client", "broker", "controller")]
    chosen = iter(ports.choose(names, home / "ports.json").values())
    addresses = loopback_addresses(list(zip(chosen, chosen, chosen, strict=True)))
    cluster = KraftCluster(home / "cluster", addresses, Jvm.ready(), principals=access.principals())
    with running(cluster) as processes:
        yield Secured(cluster, processes)
        processes.kill_all()  # a controller takes five seconds to leave its quorum; this one's data is thrown away


@pytest.fixture
def declared_cluster(secured: Secured, tool: Tool) -> Secured:
    """With its topics and rules; the first test to ask for it makes them, by the tool itself."""
    if not secured.is_declared:
        for kind, verb in (("topics", "create"), ("acls", "apply")):
            assert tool(secured.environment(OPERATOR), kind, verb).code == 0
        secured.is_declared = True
    return secured


def refusal(error: pytest.ExceptionInfo[KafkaException]) -> str:
    reason: KafkaError = error.value.args[0]
    return reason.name()


def settled(tool: Tool, environment: dict[str, str], *arguments: str) -> Answer:
    """Each connection asks another broker, which may learn of a change a moment later than the first."""
    return look_until(lambda: tool(environment, *arguments), lambda answer: answer.code == 0)


def test_nobody_may_do_anything_before_there_are_rules(secured: Secured, tool: Tool) -> None:
    answer = tool(secured.environment("quiz-service"), "topics", "create")
    assert answer.code == 1
    assert "authoriz" in answer.problem.lower()


def test_the_cluster_becomes_as_declared_and_the_monitor_sees_it_without_a_right_to_change_it(
    declared_cluster: Secured, tool: Tool
) -> None:
    monitor = declared_cluster.environment(MONITOR)
    assert settled(tool, monitor, "topics", "verify").code == 0
    assert settled(tool, monitor, "acls", "verify").code == 0
    assert tool(monitor, "groups", "lag").code == 0
    shown = tool(monitor, "topics", "describe").rows
    assert {(row["replicas"], row["min_in_sync"], row["without_leader"]) for row in shown} == {(3, 2, 0)}
    again = tool(declared_cluster.environment(OPERATOR), "acls", "apply")
    assert (again.code, again.rows) == (0, []), "a second run finds nothing to do"

    answer = tool(monitor, "groups", "rewind", "quiz-service", "--to", "2000-01-01T00:00:00Z")
    assert answer.rows == []
    with pytest.raises(KafkaException) as refused:
        publish(declared_cluster.settings(MONITOR), example("quiz.requested"))
    assert refusal(refused) == "CLUSTER_AUTHORIZATION_FAILED", "it has no right to an idempotent producer either"


def test_a_service_writes_its_own_topics_and_is_refused_anothers(declared_cluster: Secured) -> None:
    quiz = declared_cluster.settings("quiz-service")
    assert publish(quiz, example("quiz.requested"))
    with pytest.raises(KafkaException) as refused:
        publish(quiz, example("document.uploaded"))
    assert refusal(refused) == "TOPIC_AUTHORIZATION_FAILED"


def test_a_service_reads_its_own_topics_in_its_own_group_and_is_refused_anothers(declared_cluster: Secured) -> None:
    ids = publish(declared_cluster.settings("document-reader-service"), example("document.uploaded"))
    quiz = declared_cluster.settings("quiz-service")
    assert event_ids(read_as(quiz, "quiz-service", "document.uploaded", 1)) == ids
    with pytest.raises(KafkaException) as refused:
        read_as(quiz, "chat-service", "document.uploaded", 1)
    assert refusal(refused) == "GROUP_AUTHORIZATION_FAILED"
    with pytest.raises(KafkaException) as refused:
        read_as(quiz, "quiz-service", "chat.message", 1)
    assert refusal(refused) == "TOPIC_AUTHORIZATION_FAILED"


def test_a_wrong_password_is_named_as_the_cause(secured: Secured, tool: Tool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("learning_kafka.topic_admin.REQUEST_SECONDS", 2.5)
    environment = secured.environment("quiz-service") | {"KAFKA_SASL_PASSWORD": "wrong"}
    answer = tool(environment, "topics", "verify")
    assert answer.code == 1
    assert "authentication" in answer.problem.lower()


def test_every_principal_has_a_password_and_a_new_one_replaces_it_only_when_asked(
    secured: Secured, tool: Tool, tmp_path: Path
) -> None:
    operator = secured.environment(OPERATOR)
    assert settled(tool, operator, "users", "verify").code == 0
    file = tmp_path / "passwords.json"
    file.write_text(json.dumps(dict(secured.cluster.passwords) | {MONITOR: "another-one"}))
    apply = ("users", "apply", "--passwords", str(file))
    assert tool(operator, *apply).rows == [], "everybody has one"
    rotated = tool(operator, *apply, "--rotate")
    assert rotated.code == 0
    assert "another-one" not in str(rotated)
    changed = secured.environment(MONITOR) | {"KAFKA_SASL_PASSWORD": "another-one"}
    assert tool(changed, "topics", "describe").code == 0
    file.write_text(json.dumps(dict(secured.cluster.passwords)))
    assert tool(operator, *apply, "--rotate").code == 0


def test_a_changed_definition_is_shown_and_repaired(declared_cluster: Secured, tool: Tool) -> None:
    operator = declared_cluster.environment(OPERATOR)
    resource = ConfigResource(ResourceType.TOPIC, "chat.message")
    resource.add_incremental_config(
        ConfigEntry("min.insync.replicas", "1", incremental_operation=AlterConfigOpType.SET)
    )
    for future in Connection(settings_of(operator)).admin.incremental_alter_configs([resource]).values():
        future.result()
    changed = look_until(lambda: tool(operator, "topics", "verify"), lambda answer: answer.code == 1)
    assert [(row["topic"], row["what"], row["actual"]) for row in changed.rows] == [
        ("chat.message", "min.insync.replicas", "1")
    ]
    assert tool(operator, "topics", "create").code == 0
    assert settled(tool, operator, "topics", "verify").code == 0


def test_asking_for_one_copy_lowers_nothing(declared_cluster: Secured, tool: Tool) -> None:
    operator = declared_cluster.environment(OPERATOR)
    answer = tool(operator, "topics", "create", "--replicas", "1")
    assert answer.code == 1
    assert {row["state"] for row in answer.rows} == {"stays"}
    assert settled(tool, operator, "topics", "verify").code == 0


def test_a_rule_that_nobody_declares_is_found_and_removed_only_when_asked(
    declared_cluster: Secured, tool: Tool
) -> None:
    operator = declared_cluster.environment(OPERATOR)
    stray = Rule("quiz-service", "topic", "literal", "chat.message", "read")
    access_admin.add(Connection(settings_of(operator)), [stray])
    found = look_until(lambda: tool(operator, "acls", "verify"), lambda answer: answer.code == 1)
    assert [(row["rule"], row["principal"], row["name"]) for row in found.rows] == [
        ("unexpected", "User:quiz-service", "chat.message")
    ]
    assert tool(operator, "acls", "apply").code == 1, "it stays, and that is not as declared"
    assert tool(operator, "acls", "apply", "--prune").code == 0
    assert settled(tool, operator, "acls", "verify").code == 0


def test_an_operator_redrives_what_the_service_itself_could_not_write(declared_cluster: Secured, tool: Tool) -> None:
    operator, quiz = declared_cluster.environment(OPERATOR), declared_cluster.settings("quiz-service")
    ids = publish(declared_cluster.settings("document-reader-service"), example("notes.generated"))
    bury(quiz, "quiz-service", read_as(quiz, "quiz-service", "notes.generated", 1))
    assert tool(operator, "dead-letters", "redrive", "quiz-service").code == 0
    assert event_ids(read_as(quiz, "quiz-service", "notes.generated", 1)) == ids


def test_a_stopped_group_reads_again_from_a_time_on(declared_cluster: Secured, tool: Tool) -> None:
    operator, chat = declared_cluster.environment(OPERATOR), declared_cluster.settings("chat-service")
    ids = publish(chat, *[example("chat.message")] * 2)
    read_as(chat, "chat-service", "chat.message", 2)
    assert tool(operator, "groups", "rewind", "chat-service", "--to", "2000-01-01T00:00:00Z").code == 0
    assert event_ids(read_as(chat, "chat-service", "chat.message", 2)) == ids


def test_what_was_acknowledged_survives_a_killed_broker_and_writing_goes_on(
    declared_cluster: Secured, tool: Tool
) -> None:
    tts, processes = declared_cluster.settings("tts-service"), declared_cluster.processes
    event = example("audio.generation.requested")
    ids = publish(tts, event)
    assert event_ids(read_as(tts, "tts-service", "audio.generation.requested", 1)) == ids
    ids = publish(tts, event)
    processes.kill("broker-2")
    try:
        ids += publish(tts, event)
        assert event_ids(read_as(tts, "tts-service", "audio.generation.requested", 2)) == ids
        seen = look_until(
            lambda: tool(declared_cluster.environment(MONITOR), "topics", "describe"),
            lambda answer: all(row["under_replicated"] and not row["without_leader"] for row in answer.rows),
        )
        assert {row["without_leader"] for row in seen.rows} == {0}
        assert all(row["under_replicated"] for row in seen.rows), "each partition has a copy on the lost broker"
    finally:
        processes.start("broker-2")
        processes.wait_until_ready()
