"""Events as Kafka messages: CloudEvents 1.0, binary mode, JSON.

Writing is strict; reading ignores what it does not know.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import jsonschema_rs

from learning_contracts import registry
from learning_contracts.event import Event, type_with_version
from learning_contracts.times import parse_rfc3339, rfc3339, utc_milliseconds

MAX_EVENT_BYTES = 512 * 1024
JSON_CONTENT_TYPE = "application/json"

Headers = Iterable[tuple[str, bytes | str | None]]


class InvalidEvent(ValueError):
    """The event breaks its schema: a fault of the producer."""


class EventTooLarge(InvalidEvent):
    """The event's data is larger than 512 KiB; texts travel in parts."""


class UnusableMessage(ValueError):
    """The message will never be readable: it belongs among the dead letters."""


class UnknownEventType(UnusableMessage):
    """The message is of a type that this version does not know, perhaps from a newer producer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """An event with its CloudEvents attributes. `type` has the version, as in `document.uploaded.v1`."""

    id: str
    type: str
    source: str
    subject: str
    time: datetime
    data: Event
    correlation_id: str | None = None
    causation_id: str | None = None
    traceparent: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "time", utc_milliseconds(self.time))


@dataclass(frozen=True, slots=True, kw_only=True)
class EncodedMessage:
    """A message ready for a Kafka producer."""

    topic: str
    key: str
    headers: tuple[tuple[str, bytes], ...]
    value: bytes


def encode(envelope: Envelope) -> EncodedMessage:
    """Raises InvalidEvent, naming the field, or EventTooLarge."""
    data = valid_data(envelope.data)
    try:
        value = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    except UnicodeEncodeError as error:
        raise InvalidEvent(f"{envelope.type}: text that is not Unicode: {error.reason}") from None
    return message(envelope, JSON_CONTENT_TYPE, value)


def decode(headers: Headers | None, value: bytes | None) -> Envelope:
    """Raises UnusableMessage, naming what is wrong."""
    attributes = read_attributes(headers, JSON_CONTENT_TYPE)
    return open_envelope(attributes, _parse_json(value))


def valid_data(event: Event) -> dict[str, Any]:
    """The event's data. Raises InvalidEvent unless it keeps to the schema."""
    try:
        data = event.to_data()
    except (AttributeError, TypeError, ValueError) as error:
        raise InvalidEvent(f"{type_with_version(event)}: {error}") from error
    _validate(registry.writer_validator(type_with_version(event)), type_with_version(event), data, InvalidEvent)
    return data


def message(envelope: Envelope, content_type: str, value: bytes) -> EncodedMessage:
    """Adds the headers. Raises InvalidEvent for a bad attribute, EventTooLarge above MAX_EVENT_BYTES."""
    if len(value) > MAX_EVENT_BYTES:
        raise EventTooLarge(f"{envelope.type}: {len(value)} bytes, at most {MAX_EVENT_BYTES} are allowed")
    if envelope.type != type_with_version(envelope.data):
        raise InvalidEvent(f"type {envelope.type} does not fit the data, which is {type_with_version(envelope.data)}")
    attributes = {
        "ce_specversion": "1.0",
        "ce_id": envelope.id,
        "ce_type": envelope.type,
        "ce_source": envelope.source,
        "ce_subject": envelope.subject,
        "ce_time": rfc3339(envelope.time),
        "ce_dataschema": f"urn:learning-platform:schema:{envelope.type}",
        "content-type": content_type,
    }
    if "" in attributes.values():
        raise InvalidEvent(f"{envelope.type}: the attributes id, source and subject may not be empty")
    extensions = {
        "ce_correlationid": envelope.correlation_id,
        "ce_causationid": envelope.causation_id,
        "traceparent": envelope.traceparent,
    }
    attributes |= {name: text for name, text in extensions.items() if text is not None}
    return EncodedMessage(
        topic=envelope.data.TOPIC,
        key=envelope.data.key,
        headers=tuple((name, text.encode()) for name, text in attributes.items()),
        value=value,
    )


def read_attributes(headers: Headers | None, content_type: str) -> dict[str, str]:
    """The headers as text, by name. Raises UnusableMessage unless the required ones are there and understood."""
    attributes: dict[str, str] = {}
    for name, raw in headers or ():
        try:
            attributes[name] = raw.decode() if isinstance(raw, bytes) else raw or ""
        except UnicodeDecodeError:
            # Only headers that are ours must be text; others may put what they like into theirs.
            if name.startswith("ce_") or name in ("content-type", "traceparent"):
                raise UnusableMessage(f"header {name} is not UTF-8") from None
    for name in ("ce_specversion", "ce_id", "ce_type", "ce_source", "ce_subject", "ce_time", "content-type"):
        if not attributes.get(name):
            raise UnusableMessage(f"header {name} is missing")
    if attributes["ce_specversion"] != "1.0":
        raise UnusableMessage(f"header ce_specversion is {attributes['ce_specversion']!r}, not '1.0'")
    if attributes["content-type"].partition(";")[0].strip().lower() != content_type:
        raise UnusableMessage(f"header content-type is {attributes['content-type']!r}, not {content_type!r}")
    if attributes["ce_type"] not in registry.event_types():
        raise UnknownEventType(f"header ce_type names an unknown event type, {attributes['ce_type']!r}")
    return attributes


def open_envelope(attributes: Mapping[str, str], data: Any) -> Envelope:
    """Raises UnusableMessage when the data breaks the schema or the time is none."""
    event_type = attributes["ce_type"]
    _validate(registry.reader_validator(event_type), event_type, data, UnusableMessage)
    try:
        time = parse_rfc3339(attributes["ce_time"])
    except ValueError as error:
        raise UnusableMessage(f"header ce_time: {error}") from None
    try:
        event = registry.event_class(event_type).from_data(data)
    except ValueError as error:
        raise UnusableMessage(f"{event_type}: {error}") from None
    return Envelope(
        id=attributes["ce_id"],
        type=event_type,
        source=attributes["ce_source"],
        subject=attributes["ce_subject"],
        time=time,
        data=event,
        correlation_id=attributes.get("ce_correlationid") or None,
        causation_id=attributes.get("ce_causationid") or None,
        traceparent=attributes.get("traceparent") or None,
    )


def _parse_json(value: bytes | None) -> Any:
    if not value:
        raise UnusableMessage("the value is empty")
    try:
        return json.loads(value.decode(), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise UnusableMessage(f"the value is not JSON: {error}") from None


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON number")


def _validate(
    validator: jsonschema_rs.Validator, event_type: str, data: Any, error_class: type[InvalidEvent | UnusableMessage]
) -> None:
    first = next(iter(validator.iter_errors(data)), None)
    if first is not None:
        pointer = "".join(f"/{part}" for part in first.instance_path)
        raise error_class(f"{event_type}: {pointer or 'the data'}: {first.message}")
