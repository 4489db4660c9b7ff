"""What exists: topics, event classes and the validators of their data."""

from functools import cache

import jsonschema_rs

from learning_contracts.event import Event
from learning_contracts.events import EVENT_CLASSES
from learning_contracts.folder import contracts_folder
from learning_contracts.schemas import closed, load_schema, validator
from learning_contracts.topics import Topic, load_topics

__all__ = ["Topic", "event_class", "event_types", "reader_validator", "topic", "topics", "writer_validator"]


@cache
def topics() -> tuple[Topic, ...]:
    """All topics, by name."""
    return load_topics(contracts_folder())


def topic(name: str) -> Topic:
    """Raises KeyError for a name that is no topic."""
    return {topic.name: topic for topic in topics()}[name]


def event_types() -> tuple[str, ...]:
    """All event types with their version, such as `document.uploaded.v1`, by name."""
    return tuple(EVENT_CLASSES)


def event_class(event_type: str) -> type[Event]:
    """The class of `document.uploaded.v1`. Raises KeyError for a type that is not known."""
    return EVENT_CLASSES[event_type]


@cache
def writer_validator(event_type: str) -> jsonschema_rs.Validator:
    """Strict: refuses fields that the schema does not name."""
    return validator(closed(load_schema(contracts_folder(), event_type)))


@cache
def reader_validator(event_type: str) -> jsonschema_rs.Validator:
    """Tolerant: fields that the schema does not name are allowed, since a newer producer may send them."""
    return validator(load_schema(contracts_folder(), event_type))
