"""The Avro twin of an event's JSON Schema. Its namespace has the version, so that v2 is another name beside v1."""

import json
from typing import Any

from learning_contracts.generation.model import Array, Enumeration, EventSchema, FieldType, Record

_TYPES: dict[str, Any] = {
    "string": "string",
    "integer": "long",
    "number": "double",
    "boolean": "boolean",
    "uuid": {"type": "string", "logicalType": "uuid"},
    "date-time": {"type": "long", "logicalType": "timestamp-millis"},
}


def avro_twin(event: EventSchema, note: str) -> str:
    """The text of the `.avsc` file; `note` says where it comes from."""
    namespace = f"learning_platform.{event.type}"
    schema = {"generated": note, **_record(event.record, set()), "namespace": namespace}
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def _record(record: Record, defined: set[str]) -> dict[str, Any]:
    defined.add(record.name)
    fields = []
    for field in record.fields:
        type_ = _type(field.type, defined)
        described = {"name": field.name, "doc": field.description}
        fields.append(described | ({"type": ["null", type_], "default": None} if field.optional else {"type": type_}))
    return {"type": "record", "name": record.name, "doc": record.description, "fields": fields}


def _type(type_: FieldType, defined: set[str]) -> Any:
    match type_:
        case Array(item):
            return {"type": "array", "items": _type(item, defined)}
        case Record(name) | Enumeration(name) if name in defined:
            return name  # Avro defines a name once and then refers to it.
        case Record():
            return _record(type_, defined)
        case Enumeration(name, description, values):
            defined.add(name)
            return {"type": "enum", "name": name, "doc": description, "symbols": list(values)}
    return _TYPES[type_]
