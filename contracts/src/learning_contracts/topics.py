"""The topics as `topics/*.yaml` describe them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema_rs
import yaml

_NAMES = {"type": "array", "uniqueItems": True, "items": {"type": "string"}}
_VALIDATOR = jsonschema_rs.Draft202012Validator(
    {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "name": {"type": "string", "pattern": "^[a-z]+(\\.[a-z]+)+$"},
            "description": {"type": "string", "minLength": 1},
            "key": {"type": "string", "pattern": "^[a-z_]+$"},
            "partitions": {"type": "integer", "minimum": 1},
            "retention_days": {"type": "integer", "minimum": 1},
            "producers": _NAMES,
            "consumers": _NAMES,
            "event_types": {**_NAMES, "minItems": 1},
        },
        "required": [
            "name",
            "description",
            "key",
            "partitions",
            "retention_days",
            "producers",
            "consumers",
            "event_types",
        ],
    }
)


class InvalidTopic(Exception):
    """The file does not describe a topic."""


@dataclass(frozen=True, slots=True)
class Topic:
    """The ordered log of one kind of entity. `key` is the field of the data that keys its messages."""

    name: str
    description: str
    key: str
    partitions: int
    retention_days: int
    producers: tuple[str, ...]
    consumers: tuple[str, ...]
    event_types: tuple[str, ...]


def load_topics(folder: Path) -> tuple[Topic, ...]:
    """All topics under `folder/topics`, by name. Raises InvalidTopic, naming the file and what is wrong in it."""
    return tuple(_load_topic(path) for path in sorted((folder / "topics").glob("*.yaml")))


def _load_topic(path: Path) -> Topic:
    described: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    for error in _VALIDATOR.iter_errors(described):
        raise InvalidTopic(f"{path.name}: {'.'.join(map(str, error.instance_path))} {error.message}")
    if path.stem != described["name"]:
        raise InvalidTopic(f"{path.name}: the file is not named as the topic, {described['name']}")
    lists = {name: tuple(described[name]) for name in ("producers", "consumers", "event_types")}
    return Topic(**{**described, **lists})
