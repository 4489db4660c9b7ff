"""Every example of every event type goes through the classes and both codecs and comes out the same."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import fastavro
import pytest

from learning_contracts import avro, codec, registry
from learning_contracts.codec import Envelope, InvalidEvent, UnusableMessage
from learning_contracts.event import Event
from learning_contracts.events import DocumentProcessed
from learning_contracts.folder import contracts_folder

Wrap = Callable[[Event], Envelope]


@pytest.fixture
def event(example_type: str, example: Any) -> Event:
    return registry.event_class(example_type).from_data(example)


def test_an_example_is_what_its_event_would_send(event: Event, example: Any) -> None:
    """Fields left out are null, which means the same."""
    assert without_nulls(event.to_data()) == without_nulls(example)


def test_an_example_survives_the_wire(event: Event, envelope_of: Wrap) -> None:
    message = codec.encode(envelope_of(event))
    assert codec.decode(message.headers, message.value) == envelope_of(event)


def test_an_example_survives_the_wire_in_avro(event: Event, envelope_of: Wrap) -> None:
    message = avro.encode(envelope_of(event))
    assert dict(message.headers)["content-type"] == b"application/avro"
    assert avro.decode(message.headers, message.value) == envelope_of(event)


def test_an_example_is_told_apart_by_the_key_of_its_topic(event: Event) -> None:
    topic = registry.topic(event.TOPIC)
    assert event.key == event.to_data()[topic.key]


@pytest.mark.parametrize("path", sorted(contracts_folder().glob("schemas/*.avsc")), ids=lambda path: path.stem)
def test_every_avro_twin_is_a_schema_to_fastavro(path: Path) -> None:
    parsed = fastavro.parse_schema(json.loads(path.read_text(encoding="utf-8")))
    assert isinstance(parsed, dict)
    assert parsed["name"].startswith(f"learning_platform.{path.stem}.")


@pytest.fixture
def processed() -> DocumentProcessed:
    path = contracts_folder() / "examples/document.processed/v1/full.json"
    return DocumentProcessed.from_data(json.loads(path.read_text(encoding="utf-8")))


def test_a_message_in_avro_is_smaller_than_in_json(processed: DocumentProcessed, envelope_of: Wrap) -> None:
    assert len(avro.encode(envelope_of(processed)).value) < len(codec.encode(envelope_of(processed)).value)


def test_avro_that_breaks_the_schema_is_not_sent(processed: DocumentProcessed, envelope_of: Wrap) -> None:
    with pytest.raises(InvalidEvent, match="/owner_id"):
        avro.encode(envelope_of(replace(processed, owner_id="me")))


def test_avro_that_cannot_be_read_is_unusable(processed: DocumentProcessed, envelope_of: Wrap) -> None:
    message = avro.encode(envelope_of(processed))
    with pytest.raises(UnusableMessage, match="the value is empty"):
        avro.decode(message.headers, b"")
    with pytest.raises(UnusableMessage, match="Avro schema that is not known"):
        avro.decode(message.headers, b"\xc3\x01" + bytes(8) + message.value[10:])
    for length in range(10, len(message.value) - 1, 7):
        with pytest.raises(UnusableMessage, match=r"document\.processed\.v1"):
            avro.decode(message.headers, message.value[:length])


def test_avro_and_json_are_not_taken_for_each_other(processed: DocumentProcessed, envelope_of: Wrap) -> None:
    in_avro, in_json = avro.encode(envelope_of(processed)), codec.encode(envelope_of(processed))
    with pytest.raises(UnusableMessage, match="header content-type"):
        codec.decode(in_avro.headers, in_avro.value)
    with pytest.raises(UnusableMessage, match="header content-type"):
        avro.decode(in_json.headers, in_json.value)


def without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: without_nulls(item) for name, item in value.items() if item is not None}
    return [without_nulls(item) for item in value] if isinstance(value, list) else value
