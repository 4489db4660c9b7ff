"""What changes a declared topic leads to, and what is never done to a topic that holds messages."""

from dataclasses import replace

import pytest

from learning_contracts import registry
from learning_kafka import declared
from learning_kafka.declared import DeclaredTopic
from learning_kafka.topic_plan import Difference, TopicState, differences

DAY = 24 * 60 * 60 * 1000
TOPIC = DeclaredTopic("quiz.generated", 6, 3, {"min.insync.replicas": "2", "retention.ms": str(7 * DAY)})
AS_DECLARED = TopicState(6, 3, {**TOPIC.configs, "segment.bytes": "1073741824"})


def found(state: TopicState, topic: DeclaredTopic = TOPIC, *, grow: bool = False) -> list[Difference]:
    return list(differences([topic], {topic.name: state}, grow=grow))


def with_config(name: str, value: str) -> TopicState:
    return replace(AS_DECLARED, configs={**AS_DECLARED.configs, name: value})


def test_a_topic_as_declared_has_no_differences_whatever_else_is_set_on_it() -> None:
    assert found(AS_DECLARED) == []


def test_a_missing_topic_is_created() -> None:
    [one] = differences([TOPIC], {})
    assert (one.topic, one.what, one.actual, one.step) == ("quiz.generated", "topic", "missing", "create")


def test_a_longer_retention_is_configured() -> None:
    [one] = found(with_config("retention.ms", str(3 * DAY)))
    assert (one.what, one.declared, one.actual, one.step, one.remark) == (
        "retention.ms", str(7 * DAY), str(3 * DAY), "configure", "",
    )  # fmt: skip


@pytest.mark.parametrize("kept", [str(30 * DAY), "-1"])
def test_a_shorter_retention_is_configured_and_says_that_it_deletes(kept: str) -> None:
    [one] = found(with_config("retention.ms", kept))
    assert one.step == "configure"
    assert "deleted" in one.remark


def test_partitions_grow_only_when_asked_and_say_that_the_order_breaks() -> None:
    [one] = found(replace(AS_DECLARED, partitions=3))
    assert one.step is None
    assert "--grow-partitions" in one.remark
    assert "order" in one.remark
    [asked] = found(replace(AS_DECLARED, partitions=3), grow=True)
    assert asked.step == "grow"
    assert "order" in asked.remark


@pytest.mark.parametrize("grow", [False, True])
def test_partitions_never_shrink(grow: bool) -> None:
    [one] = found(replace(AS_DECLARED, partitions=12), grow=grow)
    assert (one.declared, one.actual, one.step) == ("6", "12", None)


@pytest.mark.parametrize("replicas", [1, 2])
def test_missing_copies_are_a_difference_with_what_adds_them(replicas: int) -> None:
    one, *_ = found(replace(AS_DECLARED, replicas=replicas))
    assert (one.what, one.step) == ("replicas", None)
    assert "kafka-reassign-partitions" in one.remark


def test_asking_for_fewer_copies_lowers_nothing_and_is_told() -> None:
    fewer = replace(TOPIC, replicas=1, configs={**TOPIC.configs, "min.insync.replicas": "1"})
    assert [(one.what, one.step) for one in found(AS_DECLARED, fewer)] == [
        ("replicas", None),
        ("min.insync.replicas", None),
    ]


def test_a_topic_is_not_made_unwritable_by_asking_for_more_copies_in_a_write_than_there_are() -> None:
    state = TopicState(6, 1, {**TOPIC.configs, "min.insync.replicas": "1"})
    assert {one.what: one.step for one in found(state)} == {"replicas": None, "min.insync.replicas": None}


def test_more_copies_in_a_write_are_configured_where_they_exist() -> None:
    [one] = found(with_config("min.insync.replicas", "1"))
    assert (one.declared, one.step) == ("2", "configure")


def test_every_topic_of_the_contracts_and_every_groups_dead_letters_are_declared() -> None:
    names = {topic.name for topic in declared.topics()}
    dead_letters = {f"{group}.dlq" for group in declared.consuming_services()}
    assert names == {topic.name for topic in registry.topics()} | dead_letters
    assert "quiz-service.dlq" in dead_letters


def test_a_write_needs_two_of_three_copies_and_a_single_broker_can_still_be_written_to() -> None:
    def of(replicas: int) -> set[str]:
        return {topic.configs["min.insync.replicas"] for topic in declared.topics(replicas)}

    assert of(3) == {"2"}
    assert of(1) == {"1"}


def test_applying_the_plan_to_what_was_just_created_finds_nothing_more() -> None:
    topics = declared.topics(3)
    created = {topic.name: TopicState(topic.partitions, topic.replicas, topic.configs) for topic in topics}
    assert len(differences(topics, {})) == len(topics)
    assert differences(topics, created) == []
