"""Whether what is here can live beside what was released: old readers with new writers, and the other way round.

The two directions leave one change within a major version: a new field that may be missing. Anything else is `.v2`.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from learning_contracts.schemas import Schema, load_schema
from learning_contracts.topics import load_topics

_ANNOTATIONS = {"$schema", "$id", "$comment", "description", "examples"}
_COMPARED_IN_DEPTH = {"properties", "required", "$defs"}


def breaks(released: Path, current: Path) -> Iterator[str]:
    """Every change from the contracts in `released` to those in `current` that breaks somebody, one line each."""
    yield from _topic_breaks(released, current)
    for path in sorted((released / "schemas").glob("*.schema.json")):
        event_type = path.name.removesuffix(".schema.json")
        if (current / "schemas" / path.name).is_file():
            yield from schema_breaks(load_schema(released, event_type), load_schema(current, event_type), event_type)
        else:
            yield f"{event_type}: the event type was removed"


def schema_breaks(old: Schema, new: Schema, where: str) -> Iterator[str]:
    """Every breaking change between two schemas of one object or value."""
    for keyword in sorted((old.keys() | new.keys()) - _ANNOTATIONS - _COMPARED_IN_DEPTH):
        before, after = _bare(old.get(keyword)), _bare(new.get(keyword))
        if before != after:
            yield f"{where}: {keyword} was {before}, is {after}"
    yield from _field_breaks(old, new, where)
    for name, definition in old.get("$defs", {}).items():
        if name in new.get("$defs", {}):
            yield from schema_breaks(definition, new["$defs"][name], f"{where} {name}")


def _field_breaks(old: Schema, new: Schema, where: str) -> Iterator[str]:
    old_fields, new_fields = old.get("properties", {}), new.get("properties", {})
    old_required, new_required = set(old.get("required", ())), set(new.get("required", ()))
    for name, field in old_fields.items():
        if name not in new_fields:
            yield f"{where}.{name}: the field was removed"
            continue
        yield from schema_breaks(field, new_fields[name], f"{where}.{name}")
        if name in old_required - new_required:
            yield f"{where}.{name}: the field was required, old readers need it"
        if name in new_required - old_required:
            yield f"{where}.{name}: the field may be missing in what old writers sent"
    for name in sorted(new_required - old_fields.keys()):
        yield f"{where}.{name}: a new field is required, old writers do not send it"


def _topic_breaks(released: Path, current: Path) -> Iterator[str]:
    topics = {topic.name: topic for topic in load_topics(current)}
    for old in load_topics(released):
        if old.name not in topics:
            yield f"{old.name}: the topic was removed"
            continue
        new = topics[old.name]
        if new.key != old.key:
            yield f"{old.name}: key was {old.key}, is {new.key}: the order of one entity's events is lost"
        if new.partitions != old.partitions:
            yield f"{old.name}: partitions were {old.partitions}, are {new.partitions}: keys change their partition"
        for event_type in set(old.event_types) - set(new.event_types):
            yield f"{old.name}: {event_type} left the topic"


def _bare(value: Any) -> Any:
    """The value without annotations, at every depth."""
    if isinstance(value, dict):
        return {name: _bare(item) for name, item in value.items() if name not in _ANNOTATIONS}
    return [_bare(item) for item in value] if isinstance(value, list) else value
