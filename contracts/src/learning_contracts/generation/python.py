"""Writes the typed events: one module per topic, and `parts.py` for the types they are built from."""

from collections.abc import Iterable, Iterator, Sequence
from textwrap import wrap

from learning_contracts.generation.model import (
    Array,
    Enumeration,
    EventSchema,
    Field,
    FieldType,
    Record,
    UnsupportedSchema,
    named_type,
    nested_types,
)
from learning_contracts.topics import Topic

_ANNOTATIONS = {
    "string": "str",
    "integer": "int",
    "number": "float",
    "boolean": "bool",
    "uuid": "UUID",
    "date-time": "datetime",
}


def event_modules(topics: Sequence[Topic], schemas: Sequence[EventSchema], header: str) -> dict[str, str]:
    """File name in `events/` -> text. Raises UnsupportedSchema when one name stands for two different types."""
    parts = _parts(schemas)
    by_type = {schema.type: schema for schema in schemas}
    modules = {"parts.py": _parts_module(parts, header)}
    names: dict[str, list[str]] = {"parts": sorted(part.name for part in parts)}
    for topic in topics:
        module = topic.name.replace(".", "_")
        events = [by_type[event_type] for event_type in topic.event_types]
        modules[f"{module}.py"] = _topic_module(topic, events, header)
        names[module] = sorted(event.record.name for event in events)
    classes = {event.type: event.record.name for event in schemas}
    modules["__init__.py"] = _package_module(names, classes, header)
    return modules


def _parts(schemas: Iterable[EventSchema]) -> list[Record | Enumeration]:
    parts: dict[str, Record | Enumeration] = {}
    for schema in schemas:
        for part in nested_types(schema.record):
            if parts.setdefault(part.name, part) != part:
                raise UnsupportedSchema(f"{schema.type}: {part.name} differs from the one in another schema")
    return list(parts.values())


def _parts_module(parts: Sequence[Record | Enumeration], header: str) -> str:
    bodies = [_enumeration(part) if isinstance(part, Enumeration) else "\n".join(_record_lines(part)) for part in parts]
    return _module(header, "The types that events are built from.", "\n\n\n".join(bodies), parts=set())


def _topic_module(topic: Topic, events: Sequence[EventSchema], header: str) -> str:
    bodies = ["\n".join(_event_lines(topic, event)) for event in events]
    inner_types = (named_type(field) for event in events for field in event.record.fields)
    used = {inner.name for inner in inner_types if inner is not None}
    return _module(header, f"Events on `{topic.name}`.", "\n\n\n".join(bodies), used)


def _module(header: str, docstring: str, body: str, parts: set[str]) -> str:
    imports = ["from collections.abc import Mapping", "from dataclasses import dataclass"]
    if ": datetime" in body:
        imports.append("from datetime import datetime")
    typing = [name for name in ("Any", "ClassVar", "Literal", "Self") if f" {name}" in body]
    imports.append(f"from typing import {', '.join(typing)}")
    if ": UUID" in body:
        imports.append("from uuid import UUID")
    ours = []
    if "(Event)" in body:
        ours.append("from learning_contracts.event import Event")
    if parts:
        ours.append(_import("learning_contracts.events.parts", sorted(parts)))
    times = [name for name in ("parse_rfc3339", "rfc3339", "utc_milliseconds") if f"{name}(" in body]
    if times:
        ours.append(f"from learning_contracts.times import {', '.join(times)}")
    blocks = [header, f'"""{docstring}"""', "\n".join(imports), *(["\n".join(ours)] if ours else [])]
    return "\n\n".join([*blocks, body if body[0].isupper() else f"\n{body}"]) + "\n"


def _enumeration(enumeration: Enumeration) -> str:
    values = ", ".join(f'"{value}"' for value in enumeration.values)
    return f'{enumeration.name} = Literal[{values}]\n"""{enumeration.description}"""'


def _event_lines(topic: Topic, event: EventSchema) -> Iterator[str]:
    constants = [
        f'    TYPE: ClassVar[str] = "{event.name}"',
        f"    VERSION: ClassVar[int] = {event.version}",
        f'    TOPIC: ClassVar[str] = "{topic.name}"',
        "",
    ]
    yield from _record_lines(event.record, base="(Event)", constants=constants)
    key = next(field for field in event.record.fields if field.name == topic.key)
    value = f"self.{key.name}" if key.type == "string" else f"str(self.{key.name})"
    yield from ("", "    @property", "    def key(self) -> str:", f"        return {value}")


def _record_lines(record: Record, base: str = "", constants: Sequence[str] = ()) -> Iterator[str]:
    yield "@dataclass(frozen=True, slots=True, kw_only=True)"
    yield f"class {record.name}{base}:"
    yield from _docstring(record)
    yield from constants
    for field in record.fields:
        yield f"    {field.name}: {_annotation(field.type)}{' | None = None' if field.optional else ''}"
    moments = [field for field in record.fields if field.type == "date-time"]
    if moments:
        yield from ("", "    def __post_init__(self) -> None:")
        yield from (_normalise(field) for field in moments)
    yield from ("", "    def to_data(self) -> dict[str, Any]:", "        return {")
    yield from (f'            "{field.name}": {_write(field)},' for field in record.fields)
    yield from ("        }", "", "    @classmethod", "    def from_data(cls, data: Mapping[str, Any]) -> Self:")
    yield "        return cls("
    yield from (f"            {field.name}={_read(field)}," for field in record.fields)
    yield "        )"


def _docstring(record: Record) -> Iterator[str]:
    first, *rest = wrap(record.description, width=112)
    yield f'    """{first}' + ("" if rest else '"""')
    yield from (f"    {line}" for line in rest)
    if rest:
        yield '    """'
    yield ""


def _normalise(field: Field) -> str:
    assignment = f'object.__setattr__(self, "{field.name}", utc_milliseconds(self.{field.name}))'
    if field.optional:
        return f"        if self.{field.name} is not None:\n            {assignment}"
    return f"        {assignment}"


def _annotation(type_: FieldType) -> str:
    if isinstance(type_, Array):
        return f"tuple[{_annotation(type_.item)}, ...]"
    return type_.name if isinstance(type_, Record | Enumeration) else _ANNOTATIONS[type_]


def _write(field: Field) -> str:
    value = f"self.{field.name}"
    written = _to_json(field.type, value)
    return f"None if {value} is None else {written}" if field.optional and written != value else written


def _read(field: Field) -> str:
    value = f'data["{field.name}"]'
    read = _from_json(field.type, value)
    if not field.optional:
        return read
    value_or_none = f'data.get("{field.name}")'
    return value_or_none if read == value else f"None if {value_or_none} is None else {read}"


def _to_json(type_: FieldType, value: str) -> str:
    match type_:
        case Record():
            return f"{value}.to_data()"
        case Array(item):
            written = _to_json(item, "item")
            return f"list({value})" if written == "item" else f"[{written} for item in {value}]"
        case "uuid":
            return f"str({value})"
        case "date-time":
            return f"rfc3339({value})"
    return value


def _from_json(type_: FieldType, value: str) -> str:
    match type_:
        case Record(name):
            return f"{name}.from_data({value})"
        case Array(item):
            read = _from_json(item, "item")
            return f"tuple({value})" if read == "item" else f"tuple({read} for item in {value})"
        case "uuid":
            return f"UUID({value})"
        case "date-time":
            return f"parse_rfc3339({value})"
    return value


def _package_module(names: dict[str, list[str]], classes: dict[str, str], header: str) -> str:
    imports = [_import(f"learning_contracts.events.{module}", names[module]) for module in sorted(names)]
    entries = [f'    "{event_type}": {classes[event_type]},' for event_type in sorted(classes)]
    exported = [f'    "{name}",' for name in sorted(["Event", *(name for group in names.values() for name in group)])]
    return "\n".join(
        [
            header,
            "",
            '"""Every event of the platform, typed."""',
            "",
            "from collections.abc import Mapping",
            "from types import MappingProxyType",
            "",
            "from learning_contracts.event import Event",
            *imports,
            "",
            "EVENT_CLASSES: Mapping[str, type[Event]] = MappingProxyType(",
            "    {",
            *(f"    {entry}" for entry in entries),
            "    }",
            ")",
            "",
            "__all__ = [",
            '    "EVENT_CLASSES",',
            *exported,
            "]",
            "",
        ]
    )


def _import(module: str, names: Sequence[str]) -> str:
    line = f"from {module} import {', '.join(names)}"
    if len(line) <= 120:
        return line
    return "\n".join([f"from {module} import (", *(f"    {name}," for name in names), ")"])
