"""The figures of `kafka-architecture.md`: facts from contracts and configuration, sizes and costs by arithmetic."""

import re
from collections.abc import Mapping

import sizing
from learning_kafka import declared
from learning_kafka.broker_config import PLACES, config_folder
from places import DOCS

from chassis.kafka.topics import declared_topics
from learning_contracts import registry
from learning_contracts.codec import MAX_EVENT_BYTES

TEXT = (DOCS / "kafka-architecture.md").read_text()


def stated() -> dict[str, int]:
    section = TEXT.partition("## Facts")[2].partition("\n## ")[0]
    return {name.strip(): int(value) for name, value in re.findall(r"^\| ([^|]+) \| (\d+) \|$", section, re.MULTILINE)}


def true() -> Mapping[str, int]:
    topics = registry.topics()
    [partitions] = {topic.partitions for topic in topics}
    [letters] = [spec for spec in declared_topics(["x"]) if spec.name == "x.dlq"]
    [in_sync] = {topic.configs["min.insync.replicas"] for topic in declared.topics()}
    address = PLACES["ec2"].address(1, {"domain": "x"})
    return {
        "topics": len(topics),
        "partitions of a topic": partitions,
        "shortest retention, days": min(topic.retention_days for topic in topics),
        "longest retention, days": max(topic.retention_days for topic in topics),
        "partitions of a dead-letter topic": letters.partitions,
        "retention of dead letters, days": letters.retention_days,
        "replication factor": declared.DEFAULT_REPLICAS,
        "min in-sync replicas": int(in_sync),
        "largest event, KiB": MAX_EVENT_BYTES // 1024,
        "port for clients": address.client_port,
        "port between controllers": address.controller_port,
        "port between brokers": address.broker_port,
    }


def between(marker: str) -> str:
    return TEXT.partition(f"<!-- {marker} -->\n")[2].partition(f"\n<!-- /{marker} -->")[0]


def test_the_facts_are_those_of_the_code() -> None:
    assert stated() == true()


def test_every_listener_of_the_configuration_is_explained() -> None:
    settings = "\n".join(path.read_text() for path in config_folder().rglob("*.properties"))
    names = set(re.findall(r"([A-Z]+)://", settings))
    assert names >= {"CLIENTS", "BROKERS", "CONTROLLER"}
    assert not [name for name in names if f"| `{name}` |" not in TEXT]


def test_the_tables_of_size_and_cost_are_the_arithmetics() -> None:
    assert between("load") == sizing.load_table()
    assert between("cost") == sizing.cost_table()


def test_the_load_of_one_learner_counts_every_topic() -> None:
    assert sizing.DAILY.keys() == {topic.name for topic in registry.topics()}


def test_kept_bytes_follow_retention_and_copies() -> None:
    one = sizing.load(1)
    size = 0.2 * 100_000  # the text of documents alone
    assert one.stored_bytes > size * registry.topic("document.processed").retention_days * declared.DEFAULT_REPLICAS
    assert sizing.load(1000).stored_bytes == 1000 * one.stored_bytes
    assert declared.DEFAULT_REPLICAS == sizing.REPLICAS


def test_the_bill_is_the_sum_of_its_parts() -> None:
    of = sizing.load(10**5)
    money = sizing.cost(of)
    assert money.machines == 3 * 59.6
    assert round(money.disks, 2) == round(of.stored_bytes / 0.6 / 1e9 * 0.08, 2)
    assert money.total == money.machines + money.disks + money.traffic
