"""The AsyncAPI 3.0 view of topics and events, for people and tools that read AsyncAPI."""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from learning_contracts.schemas import Schema, load_schema
from learning_contracts.topics import Topic

_DAY_MILLISECONDS = 24 * 60 * 60 * 1000
_SCHEMAS = "#/components/schemas/"
_HEADERS = {
    "ce_specversion": {"type": "string", "const": "1.0"},
    "ce_id": {"type": "string", "description": "Names the event; the same id is the same event."},
    "ce_type": {"type": "string", "description": "Event type and version."},
    "ce_source": {"type": "string", "description": "The service that says so, as a URN."},
    "ce_subject": {"type": "string", "description": "What it is about."},
    "ce_time": {"type": "string", "format": "date-time"},
    "ce_dataschema": {"type": "string", "description": "URN of the schema of the value."},
    "content-type": {"type": "string", "const": "application/json"},
    "ce_correlationid": {"type": "string", "description": "The request that began it all."},
    "ce_causationid": {"type": "string", "description": "The event that led to this one."},
    "traceparent": {"type": "string", "description": "W3C Trace Context."},
}
_OPTIONAL_HEADERS = {"ce_correlationid", "ce_causationid", "traceparent"}


class _Dumper(yaml.CSafeDumper):
    """libyaml's, which is ten times as fast. Anchors would save lines and cost readers."""

    def ignore_aliases(self, _data: Any) -> bool:
        return True


def asyncapi_document(folder: Path, topics: Sequence[Topic], note: str) -> str:
    """The text of `asyncapi.yaml`."""
    schemas = {event_type: load_schema(folder, event_type) for topic in topics for event_type in topic.event_types}
    document = {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Learning platform: events",
            "version": "1.0.0",
            "description": "CloudEvents 1.0 in Kafka's binary mode: the attributes are headers, the value is the data.",
        },
        "defaultContentType": "application/json",
        "channels": {topic.name: _channel(topic) for topic in topics},
        "operations": {name: operation for topic in topics for name, operation in _operations(topic)},
        "components": {
            "messages": {
                event_type: _message(event_type, topic, schemas[event_type], _examples(folder, event_type))
                for topic in topics
                for event_type in topic.event_types
            },
            "messageTraits": {"cloudEvent": {"headers": _headers()}},
            "schemas": _shared_schemas(schemas.values()),
        },
    }
    text = yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120)
    return f"# {note}\n{text}"


def _channel(topic: Topic) -> dict[str, Any]:
    return {
        "address": topic.name,
        "description": topic.description,
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in topic.event_types},
        "bindings": {
            "kafka": {
                "partitions": topic.partitions,
                "topicConfiguration": {
                    "cleanup.policy": ["delete"],
                    "retention.ms": topic.retention_days * _DAY_MILLISECONDS,
                },
                "bindingVersion": "0.5.0",
            }
        },
    }


def _operations(topic: Topic) -> Iterable[tuple[str, dict[str, Any]]]:
    for action, services in (("send", topic.producers), ("receive", topic.consumers)):
        for service in services:
            operation = {
                "action": action,
                "summary": f"{service} {'writes' if action == 'send' else 'reads'} {topic.name}.",
                "channel": {"$ref": f"#/channels/{topic.name}"},
            }
            yield f"{service}.{action}.{topic.name}", operation


def _message(event_type: str, topic: Topic, schema: Schema, examples: Sequence[Any]) -> dict[str, Any]:
    payload = {name: value for name, value in schema.items() if name not in ("$schema", "$id", "$defs")}
    return {
        "name": event_type,
        "title": schema["title"],
        "summary": schema["description"],
        "contentType": "application/json",
        "traits": [{"$ref": "#/components/messageTraits/cloudEvent"}],
        "correlationId": {"location": "$message.header#/ce_correlationid"},
        "payload": _with_shared_references(payload),
        "bindings": {
            "kafka": {"key": {"type": "string", "description": f"The {topic.key}."}, "bindingVersion": "0.5.0"}
        },
        "examples": examples,
    }


def _headers() -> dict[str, Any]:
    required = [name for name in _HEADERS if name not in _OPTIONAL_HEADERS]
    return {"type": "object", "required": required, "properties": _HEADERS}


def _shared_schemas(schemas: Iterable[Schema]) -> dict[str, Any]:
    definitions = {name: definition for schema in schemas for name, definition in schema.get("$defs", {}).items()}
    return {name: _with_shared_references(definitions[name]) for name in sorted(definitions)}


def _with_shared_references(node: Any) -> Any:
    if isinstance(node, Mapping):
        return {
            name: value.replace("#/$defs/", _SCHEMAS) if name == "$ref" else _with_shared_references(value)
            for name, value in node.items()
        }
    return [_with_shared_references(item) for item in node] if isinstance(node, list) else node


def _examples(folder: Path, event_type: str) -> list[dict[str, Any]]:
    name, _, version = event_type.rpartition(".")
    paths = sorted((folder / "examples" / name / version).glob("*.json"))
    return [{"name": path.stem, "payload": json.loads(path.read_text(encoding="utf-8"))} for path in paths]
