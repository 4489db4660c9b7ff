"""Whether the folder is whole: what is there is used, what is used is there, and the examples are true."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from learning_contracts.generation.model import Array, EventSchema, Record, load_event_schemas, nested_types
from learning_contracts.schemas import closed, load_schema, validator
from learning_contracts.topics import Topic, load_topics

SERVICES = ("tts-service", "stt-service", "chat-service", "document-reader-service", "quiz-service")


def problems(folder: Path) -> Iterator[str]:
    """What is wrong with the contracts in `folder`, one line each. Raises InvalidTopic or UnsupportedSchema."""
    topics, schemas = load_topics(folder), load_event_schemas(folder)
    yield from _topic_problems(topics, {schema.type: schema for schema in schemas})
    yield from _schema_problems(folder, schemas)
    yield from _example_problems(folder, schemas)


def _topic_problems(topics: Sequence[Topic], schemas: dict[str, EventSchema]) -> Iterator[str]:
    for topic in topics:
        if not topic.producers:
            yield f"{topic.name}: nobody produces it"
        for service in sorted({*topic.producers, *topic.consumers} - set(SERVICES)):
            yield f"{topic.name}: there is no service {service}"
        for event_type in topic.event_types:
            if event_type not in schemas:
                yield f"{topic.name}: {event_type} has no schema"
            elif not _has_required_field(schemas[event_type].record, topic.key):
                yield f"{topic.name}: {event_type} has no required field {topic.key}, the key"
    uses = Counter(event_type for topic in topics for event_type in topic.event_types)
    yield from (f"{event_type}: on no topic" for event_type in schemas if not uses[event_type])
    yield from (f"{event_type}: on more than one topic" for event_type, count in uses.items() if count > 1)


def _has_required_field(record: Record, name: str) -> bool:
    return any(field.name == name and not field.optional for field in record.fields)


def _schema_problems(folder: Path, schemas: Sequence[EventSchema]) -> Iterator[str]:
    names = Counter(schema.record.name for schema in schemas)
    yield from (f"{name}: the title of more than one event type" for name, count in names.items() if count > 1)
    for schema in schemas:
        written = load_schema(folder, schema.type)
        if written.get("$id") != f"urn:learning-platform:schema:{schema.type}":
            yield f"{schema.type}: $id does not name it"
        used = {part.name for part in nested_types(schema.record)}
        yield from (f"{schema.type}: $defs/{name} is not used" for name in written.get("$defs", {}) if name not in used)


def _example_problems(folder: Path, schemas: Sequence[EventSchema]) -> Iterator[str]:
    known = {folder / "examples" / schema.name / f"v{schema.version}": schema for schema in schemas}
    for path in sorted((folder / "examples").glob("*/*/*")):
        if path.parent not in known:
            yield f"{path.relative_to(folder)}: an example of no event type"
    for directory, schema in known.items():
        examples = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in directory.glob("*.json")}
        check = validator(closed(load_schema(folder, schema.type)))
        for name, example in sorted(examples.items()):
            for error in check.iter_errors(example):
                where = "".join(f"/{part}" for part in error.instance_path)
                yield f"{schema.type} {name} example{': ' + where if where else ''}: {error.message}"
        yield from (f"{schema.type}: no {name} example" for name in ("full", "minimal") if name not in examples)
        if "full" in examples:
            yield from (
                f"{schema.type}: the full example lacks {path}"
                for path in _never_set(schema.record, [examples["full"]])
            )
        if "minimal" in examples:
            yield from _left_over(schema, examples["minimal"])


def _never_set(record: Record, shown: Sequence[Any], prefix: str = "") -> Iterator[str]:
    """The fields that none of the objects shown has a value for, at every depth."""
    for field in record.fields:
        values = [item[field.name] for item in shown if isinstance(item, dict) and item.get(field.name) is not None]
        inner = field.type
        while isinstance(inner, Array):
            values = [item for value in values if isinstance(value, list) for item in value]
            inner = inner.item
        if not values:
            yield f"{prefix}{field.name}"
        elif isinstance(inner, Record):
            yield from _never_set(inner, values, f"{prefix}{field.name}.")


def _left_over(schema: EventSchema, minimal: Any) -> Iterator[str]:
    optional = {field.name for field in schema.record.fields if field.optional}
    yield from (f"{schema.type}: the minimal example has {name}" for name in sorted(optional & set(minimal)))
