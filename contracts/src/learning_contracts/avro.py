"""Events as Kafka messages in Avro instead of JSON, for people with a schema registry; needs the extra `avro`.

The value is Avro's single-object encoding: its first bytes name the schema it was written with, so a reader resolves
between that one and its own (https://avro.apache.org/docs/1.12.0/specification/#single-object-encoding).
"""

import json
from collections.abc import Iterable
from datetime import datetime
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID

import fastavro
from fastavro.read import SchemaResolutionError
from fastavro.schema import fingerprint, to_parsing_canonical_form

from learning_contracts.codec import (
    EncodedMessage,
    Envelope,
    Headers,
    UnusableMessage,
    message,
    open_envelope,
    read_attributes,
    valid_data,
)
from learning_contracts.folder import contracts_folder
from learning_contracts.times import parse_rfc3339, rfc3339

AVRO_CONTENT_TYPE = "application/avro"

AvroSchema = dict[str, Any]

# What fastavro raises for bytes that end early, are no such value, or cannot become what the reader asks for.
_UNREADABLE = (SchemaResolutionError, ValueError, EOFError, IndexError, KeyError, TypeError, OverflowError)

_MARKER = b"\xc3\x01"
_HEAD_BYTES = 10  # the marker and the fingerprint


def encode(envelope: Envelope) -> EncodedMessage:
    """Raises InvalidEvent or EventTooLarge, as the JSON codec does."""
    schema = avro_schema(envelope.type)
    value = BytesIO()
    fastavro.schemaless_writer(value, schema, _to_avro(valid_data(envelope.data), schema))
    return message(envelope, AVRO_CONTENT_TYPE, single_object(schema, value.getvalue()))


def decode(headers: Headers | None, value: bytes | None, writers: Iterable[AvroSchema] = ()) -> Envelope:
    """`writers` are schemas of newer producers, as a schema registry gives them. Raises UnusableMessage."""
    attributes = read_attributes(headers, AVRO_CONTENT_TYPE)
    event_type = attributes["ce_type"]
    if not value:
        raise UnusableMessage("the value is empty")
    candidates = [*known_schemas(event_type), *writers]
    writer = next((schema for schema in candidates if value.startswith(_head(schema))), None)
    if writer is None:
        raise UnusableMessage(f"{event_type}: written with an Avro schema that is not known")
    try:
        data = fastavro.schemaless_reader(BytesIO(value[_HEAD_BYTES:]), writer, avro_schema(event_type))
    except _UNREADABLE as error:
        raise UnusableMessage(f"{event_type}: the value is not Avro of its schema: {error!r}") from None
    return open_envelope(attributes, _json_ready(data))


def single_object(writer: AvroSchema, body: bytes) -> bytes:
    """The value of a message whose body was written with this schema."""
    return _head(writer) + body


@cache
def avro_schema(event_type: str) -> AvroSchema:
    """The Avro twin of `document.uploaded.v1`, as this version has it."""
    return _load(contracts_folder() / "schemas" / f"{event_type}.avsc")


@cache
def known_schemas(event_type: str) -> tuple[AvroSchema, ...]:
    """The present twin and the released one."""
    released = contracts_folder() / "released" / "schemas" / f"{event_type}.avsc"
    return (avro_schema(event_type), *((_load(released),) if released.is_file() else ()))


def _load(path: Path) -> AvroSchema:
    schema: AvroSchema = json.loads(path.read_text(encoding="utf-8"))
    return schema


def _head(schema: AvroSchema) -> bytes:
    return _MARKER + bytes.fromhex(fingerprint(to_parsing_canonical_form(schema), "CRC-64-AVRO"))


def _to_avro(data: dict[str, Any], schema: AvroSchema) -> dict[str, Any]:
    """fastavro takes UUIDs as text but times only as datetimes; times stand at the top level of events alone."""
    moments = {field["name"] for field in schema["fields"] if "timestamp-millis" in json.dumps(field["type"])}
    return {
        name: parse_rfc3339(value) if name in moments and value is not None else value for name, value in data.items()
    }


def _json_ready(value: Any) -> Any:
    match value:
        case dict():
            return {name: _json_ready(item) for name, item in value.items()}
        case list():
            return [_json_ready(item) for item in value]
        case datetime():
            return rfc3339(value)
        case UUID():
            return str(value)
    return value
