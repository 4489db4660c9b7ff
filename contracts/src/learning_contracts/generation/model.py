"""An event's JSON Schema as the generators see it. The schema may use no more of JSON Schema than is understood here.

One rule makes evolution safe: a field may be missing exactly when it may be null; missing and null mean the same.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

Scalar = Literal["string", "integer", "number", "boolean", "uuid", "date-time"]


_PLAIN: dict[str, Scalar] = {"string": "string", "integer": "integer", "number": "number", "boolean": "boolean"}
_FORMATS: dict[str, Scalar] = {"uuid": "uuid", "date-time": "date-time"}


class UnsupportedSchema(Exception):
    """The schema uses something that the generators do not understand, or breaks a rule of this folder."""


@dataclass(frozen=True)
class Enumeration:
    name: str
    description: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Array:
    item: FieldType


@dataclass(frozen=True)
class Field:
    name: str
    description: str
    type: FieldType
    optional: bool


@dataclass(frozen=True)
class Record:
    name: str
    description: str
    fields: tuple[Field, ...]


FieldType = Scalar | Enumeration | Array | Record


@dataclass(frozen=True)
class EventSchema:
    """One event type: `name` without version, `record` its data."""

    name: str
    version: int
    record: Record

    @property
    def type(self) -> str:
        return f"{self.name}.v{self.version}"


def load_event_schemas(folder: Path) -> tuple[EventSchema, ...]:
    """All event types under `folder/schemas`, by name. Raises UnsupportedSchema, naming file and field."""
    return tuple(_load(path) for path in sorted((folder / "schemas").glob("*.schema.json")))


def named_type(field: Field) -> Record | Enumeration | None:
    """The record or enum that a field holds, directly or in an array."""
    inner = field.type
    while isinstance(inner, Array):
        inner = inner.item
    return inner if isinstance(inner, Record | Enumeration) else None


def nested_types(record: Record) -> Iterator[Record | Enumeration]:
    """Every named type a record is built from, each after those it needs itself."""
    for field in record.fields:
        inner = named_type(field)
        if isinstance(inner, Record):
            yield from nested_types(inner)
        if inner is not None:
            yield inner


def _load(path: Path) -> EventSchema:
    name, _, version = path.name.removesuffix(".schema.json").rpartition(".v")
    try:
        schema = json.loads(path.read_text(encoding="utf-8"))
        return EventSchema(name, int(version), _Reader(schema.get("$defs", {})).record(schema["title"], schema))
    except (UnsupportedSchema, KeyError, ValueError) as error:
        raise UnsupportedSchema(f"{path.name}: {error}") from error


class _Reader:
    def __init__(self, definitions: Mapping[str, Any]) -> None:
        self._definitions = definitions

    def record(self, name: str, schema: Mapping[str, Any]) -> Record:
        required = schema["required"]
        fields = []
        for field_name, field_schema in schema["properties"].items():
            type_, nullable = self._nullable(f"{name}.{field_name}", field_schema)
            if nullable == (field_name in required):
                raise UnsupportedSchema(f"{name}.{field_name}: a field is required, or else it is nullable")
            fields.append(Field(field_name, field_schema["description"], type_, optional=nullable))
        return Record(name, schema["description"], tuple(fields))

    def _nullable(self, where: str, schema: Mapping[str, Any]) -> tuple[FieldType, bool]:
        if "anyOf" in schema:
            match schema["anyOf"]:
                case [inner, {"type": "null"}]:
                    return self._type(where, inner), True
        elif isinstance(schema.get("type"), list):
            match schema["type"]:
                case [inner, "null"]:
                    return self._type(where, {**schema, "type": inner}), True
        else:
            return self._type(where, schema), False
        raise UnsupportedSchema(f"{where}: the only union is one type and null")

    def _type(self, where: str, schema: Mapping[str, Any]) -> FieldType:
        match schema:
            case {"$ref": str(reference)}:
                return self._definition(reference.removeprefix("#/$defs/"))
            case {"type": "array", "items": items}:
                return Array(self._type(where, items))
            case {"type": "string", "format": str(name)} if name in _FORMATS:
                return _FORMATS[name]
            case {"type": str(name)} if name in _PLAIN and not schema.keys() & {"enum", "format"}:
                return _PLAIN[name]
        raise UnsupportedSchema(f"{where}: enums and objects are named under $defs; other types are not known")

    def _definition(self, name: str) -> FieldType:
        schema = self._definitions[name]
        match schema:
            case {"type": "string", "enum": values}:
                return Enumeration(name, schema["description"], tuple(values))
            case {"type": "object"}:
                return self.record(name, schema)
        raise UnsupportedSchema(f"$defs/{name}: only objects and enums of strings are named")
