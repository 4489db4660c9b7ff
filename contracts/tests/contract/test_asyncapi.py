"""The AsyncAPI document points at nothing that is missing, and shows every topic, event type and example."""

from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest
import yaml

from learning_contracts import registry
from learning_contracts.folder import contracts_folder

Document = dict[str, Any]


@pytest.fixture(scope="module")
def events_api() -> Document:
    document: Document = yaml.safe_load((contracts_folder() / "asyncapi.yaml").read_text(encoding="utf-8"))
    return document


def references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for name, value in node.items():
            if name == "$ref":
                yield value
            else:
                yield from references(value)
    elif isinstance(node, list):
        for item in node:
            yield from references(item)


def test_every_reference_leads_somewhere(events_api: Document) -> None:
    found = set(references(events_api))
    assert found
    for reference in found:
        node: Any = events_api
        for part in reference.removeprefix("#/").split("/"):
            node = node[part]


def test_every_topic_is_a_channel_with_its_messages_senders_and_receivers(events_api: Document) -> None:
    assert events_api["asyncapi"] == "3.0.0"
    assert events_api["channels"].keys() == {topic.name for topic in registry.topics()}
    for topic in registry.topics():
        channel = events_api["channels"][topic.name]
        assert tuple(channel["messages"]) == topic.event_types
        assert channel["bindings"]["kafka"]["partitions"] == topic.partitions
        assert channel["bindings"]["kafka"]["topicConfiguration"]["retention.ms"] == topic.retention_days * 86_400_000
    expected = {f"{service}.send.{topic.name}" for topic in registry.topics() for service in topic.producers}
    expected |= {f"{service}.receive.{topic.name}" for topic in registry.topics() for service in topic.consumers}
    assert events_api["operations"].keys() == expected


def test_every_payload_takes_its_examples(events_api: Document) -> None:
    assert events_api["components"]["messages"].keys() == set(registry.event_types())
    for name, message in events_api["components"]["messages"].items():
        assert {example["name"] for example in message["examples"]} >= {"full", "minimal"}, name
        # The dialect of AsyncAPI schemas is draft 7, where `$ref` hides what stands beside it.
        schema = {"allOf": [message["payload"]], "components": events_api["components"]}
        validator = jsonschema_rs.Draft7Validator(schema, validate_formats=True)
        for example in message["examples"]:
            assert validator.is_valid(example["payload"]), f"{name} {example['name']}"
            assert not validator.is_valid({**example["payload"], "owner_id": None}), f"{name} {example['name']}"
