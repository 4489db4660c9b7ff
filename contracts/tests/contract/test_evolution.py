"""Old readers understand new writers and the other way round, with what was released and with what may come."""

import json
from collections.abc import Callable
from copy import deepcopy
from io import BytesIO
from pathlib import Path
from typing import Any

import fastavro
import pytest

from learning_contracts import avro, codec, registry
from learning_contracts.codec import Envelope, UnusableMessage
from learning_contracts.compatibility import breaks
from learning_contracts.event import Event
from learning_contracts.events import DocumentUploaded
from learning_contracts.folder import contracts_folder
from learning_contracts.generate import generated_files
from learning_contracts.schemas import load_schema, validator

Wrap = Callable[[Event], Envelope]
RELEASED = contracts_folder() / "released"
UPLOADED = "document.uploaded.v1"


def test_nothing_here_breaks_what_was_released() -> None:
    assert list(breaks(RELEASED, contracts_folder())) == []


def test_readers_of_the_released_schema_read_what_is_sent_now(example_type: str, example: Any) -> None:
    if not (RELEASED / f"schemas/{example_type}.schema.json").is_file():
        pytest.skip("a new event type has no old readers")
    sent = registry.event_class(example_type).from_data(example).to_data()
    assert list(validator(load_schema(RELEASED, example_type)).iter_errors(sent)) == []


def test_the_released_and_the_present_avro_read_each_other(example_type: str, example: Any) -> None:
    present, *released = avro.known_schemas(example_type)
    event = registry.event_class(example_type).from_data(example)
    for old in released:
        assert records(event, writer=present, reader=old)
        assert records(event, writer=old, reader=present)


def records(event: Event, writer: avro.AvroSchema, reader: avro.AvroSchema) -> Any:
    """What the reader makes of the event as the writer wrote it."""
    buffer = BytesIO()
    fastavro.schemaless_writer(buffer, writer, event_fields(event))
    buffer.seek(0)
    return fastavro.schemaless_reader(buffer, writer, reader)


def event_fields(value: Any) -> Any:
    """The event as plain fields, times and ids left as they are."""
    if isinstance(value, tuple):
        return [event_fields(item) for item in value]
    if hasattr(value, "__slots__") and hasattr(value, "to_data"):
        return {name: event_fields(getattr(value, name)) for name in value.__slots__}
    return value


@pytest.fixture
def evolved(bare_folder: Path) -> Path:
    """The contracts of a later version: `document.uploaded` has one more field, which may be missing."""
    path = bare_folder / f"schemas/{UPLOADED}.schema.json"
    schema = json.loads(path.read_text(encoding="utf-8"))
    schema["properties"]["course"] = {"type": ["string", "null"], "description": "Course it belongs to."}
    path.write_text(json.dumps(schema), encoding="utf-8")
    return bare_folder


@pytest.fixture
def newer_class(evolved: Path) -> type[Event]:
    """`DocumentUploaded` as the later version generates it."""
    source = generated_files(evolved)[Path("src/learning_contracts/events/document_uploaded.py")]
    module: dict[str, Any] = {"__name__": "later"}
    exec(compile(source, "later", "exec"), module)
    newer: type[Event] = module["DocumentUploaded"]
    return newer


@pytest.fixture
def newer_avro(evolved: Path) -> avro.AvroSchema:
    schema: avro.AvroSchema = json.loads(generated_files(evolved)[Path(f"schemas/{UPLOADED}.avsc")])
    return schema


@pytest.fixture
def uploaded() -> DocumentUploaded:
    path = contracts_folder() / "examples/document.uploaded/v1/full.json"
    return DocumentUploaded.from_data(json.loads(path.read_text(encoding="utf-8")))


def test_a_new_optional_field_is_a_compatible_change(evolved: Path) -> None:
    assert list(breaks(RELEASED, evolved)) == []


def test_an_old_reader_understands_a_new_writer(
    newer_class: type[Event], uploaded: DocumentUploaded, envelope_of: Wrap
) -> None:
    newer = newer_class.from_data(uploaded.to_data() | {"course": "Biology"})
    assert newer.to_data()["course"] == "Biology"
    headers = codec.encode(envelope_of(uploaded)).headers
    assert codec.decode(headers, json.dumps(newer.to_data()).encode()).data == uploaded


def test_a_new_reader_understands_an_old_writer(
    evolved: Path, newer_class: type[Event], uploaded: DocumentUploaded
) -> None:
    old = uploaded.to_data()
    assert list(validator(load_schema(evolved, UPLOADED)).iter_errors(old)) == []
    assert newer_class.from_data(old).to_data() == old | {"course": None}


def test_an_old_avro_reader_understands_a_new_writer(
    newer_avro: avro.AvroSchema, uploaded: DocumentUploaded, envelope_of: Wrap
) -> None:
    headers = avro.encode(envelope_of(uploaded)).headers
    buffer = BytesIO()
    fastavro.schemaless_writer(buffer, newer_avro, event_fields(uploaded) | {"course": "Biology"})
    value = avro.single_object(newer_avro, buffer.getvalue())
    assert avro.decode(headers, value, writers=[newer_avro]).data == uploaded
    with pytest.raises(UnusableMessage, match="not known"):
        avro.decode(headers, value)


def test_a_new_avro_reader_understands_an_old_writer(newer_avro: avro.AvroSchema, uploaded: DocumentUploaded) -> None:
    read = records(uploaded, writer=avro.avro_schema(UPLOADED), reader=newer_avro)
    assert read == event_fields(uploaded) | {"course": None}


def test_an_avro_reader_refuses_what_a_breaking_change_writes(uploaded: DocumentUploaded, envelope_of: Wrap) -> None:
    broken = deepcopy(avro.avro_schema(UPLOADED))
    broken["fields"] = [field for field in broken["fields"] if field["name"] != "sha256"]
    buffer = BytesIO()
    fastavro.schemaless_writer(buffer, broken, event_fields(uploaded))
    headers = avro.encode(envelope_of(uploaded)).headers
    with pytest.raises(UnusableMessage, match="sha256"):
        avro.decode(headers, avro.single_object(broken, buffer.getvalue()), writers=[broken])
