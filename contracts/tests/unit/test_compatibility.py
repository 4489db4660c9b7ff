"""Each way of breaking a reader or a writer is reported; what breaks nobody is not."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from learning_contracts.compatibility import breaks
from learning_contracts.folder import contracts_folder

Change = Callable[[dict[str, Any]], object]
RELEASED = contracts_folder() / "released"
PROCESSED = "schemas/document.processed.v1.schema.json"


def change_schema(folder: Path, change: Change) -> list[str]:
    """What is reported after the change to `document.processed.v1`."""
    path = folder / PROCESSED
    schema = json.loads(path.read_text(encoding="utf-8"))
    change(schema)
    path.write_text(json.dumps(schema), encoding="utf-8")
    return list(breaks(RELEASED, folder))


def change_topic(folder: Path, change: Change) -> list[str]:
    path = folder / "topics" / "document.processed.yaml"
    topic = yaml.safe_load(path.read_text(encoding="utf-8"))
    change(topic)
    path.write_text(yaml.safe_dump(topic), encoding="utf-8")
    return list(breaks(RELEASED, folder))


def add_field(name: str, *, required: bool) -> Change:
    def change(schema: dict[str, Any]) -> None:
        schema["properties"][name] = {"type": "string" if required else ["string", "null"], "description": "New."}
        if required:
            schema["required"].append(name)

    return change


def set_keyword(keyword: str, value: Any, *where: str) -> Change:
    def change(schema: dict[str, Any]) -> None:
        node = schema
        for name in where:
            node = node[name]
        node[keyword] = value

    return change


def remove(keyword: str, *where: str) -> Change:
    def change(schema: dict[str, Any]) -> None:
        node = schema
        for name in where:
            node = node[name]
        del node[keyword]

    return change


def test_what_is_here_breaks_nothing_that_was_released() -> None:
    assert list(breaks(RELEASED, contracts_folder())) == []


BREAKING: dict[str, tuple[Change, str]] = {
    "a removed field": (remove("filename", "properties"), "filename: the field was removed"),
    "a removed optional field": (remove("language", "properties"), "language: the field was removed"),
    "a new required field": (add_field("pages", required=True), "pages: a new field is required"),
    "a field no longer required": (lambda schema: schema["required"].remove("title"), "title: the field was required"),
    "a field now required": (
        lambda schema: schema["required"].append("language"),
        "language: the field may be missing",
    ),
    "another type": (set_keyword("type", "string", "properties", "word_count"), "word_count: type was integer"),
    "a type made nullable": (set_keyword("type", ["string", "null"], "properties", "title"), "title: type was string"),
    "a type no longer nullable": (set_keyword("type", "string", "properties", "language"), "language: type was"),
    "another format": (
        set_keyword("format", "date", "properties", "processed_at"),
        "processed_at: format was date-time",
    ),
    "a narrower range": (set_keyword("minimum", 1, "properties", "word_count"), "word_count: minimum was 0, is 1"),
    "a wider range": (remove("minimum", "properties", "text_version"), "text_version: minimum was 1, is None"),
    "a new limit": (set_keyword("maxLength", 9, "properties", "title"), "title: maxLength was None, is 9"),
    "another pattern": (set_keyword("pattern", "^.$", "properties", "owner_id"), "owner_id: pattern was"),
    "an enum with one value less": (
        lambda schema: schema["$defs"]["TextBlockKind"]["enum"].remove("code"),
        "TextBlockKind: enum was",
    ),
    "an enum with one value more": (
        lambda schema: schema["$defs"]["TextBlockKind"]["enum"].append("figure"),
        "TextBlockKind: enum was",
    ),
    "other items": (set_keyword("items", {"type": "string"}, "properties", "blocks"), "blocks: items was"),
    "a field removed from a nested object": (
        remove("text", "$defs", "TextBlock", "properties"),
        "TextBlock.text: the field was removed",
    ),
    "unknown fields forbidden": (set_keyword("additionalProperties", False), "additionalProperties was None"),
    "another class name": (set_keyword("title", "TextExtracted"), "title was DocumentProcessed"),
}


@pytest.mark.parametrize(("change", "complaint"), BREAKING.values(), ids=BREAKING.keys())
def test_a_breaking_change_is_reported(change: Change, complaint: str, bare_folder: Path) -> None:
    assert any(complaint in line for line in change_schema(bare_folder, change))


HARMLESS: dict[str, Change] = {
    "a new optional field": add_field("reading_level", required=False),
    "another description": set_keyword("description", "Better said.", "properties", "title"),
    "a description inside": set_keyword("description", "Better said.", "$defs", "TextBlock", "properties", "text"),
    "examples": set_keyword("examples", ["en"], "properties", "language"),
}


@pytest.mark.parametrize("change", HARMLESS.values(), ids=HARMLESS.keys())
def test_a_compatible_change_is_not_reported(change: Change, bare_folder: Path) -> None:
    assert change_schema(bare_folder, change) == []


def test_a_removed_event_type_is_reported(bare_folder: Path) -> None:
    (bare_folder / PROCESSED).unlink()
    assert "document.processed.v1: the event type was removed" in list(breaks(RELEASED, bare_folder))


def test_a_removed_topic_is_reported(bare_folder: Path) -> None:
    (bare_folder / "topics" / "chat.message.yaml").unlink()
    assert list(breaks(RELEASED, bare_folder)) == ["chat.message: the topic was removed"]


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (set_keyword("key", "owner_id"), "key was document_id, is owner_id"),
        (set_keyword("partitions", 12), "partitions were 6, are 12"),
        (lambda topic: topic["event_types"].remove("document.deleted.v1"), "document.deleted.v1 left the topic"),
    ],
)
def test_a_topic_that_loses_order_or_events_is_reported(change: Change, complaint: str, bare_folder: Path) -> None:
    assert any(complaint in line for line in change_topic(bare_folder, change))


def test_a_new_consumer_event_type_or_retention_is_not_reported(bare_folder: Path) -> None:
    def change(topic: dict[str, Any]) -> None:
        topic["consumers"].append("tts-service")
        topic["event_types"].append("document.renamed.v1")
        topic["retention_days"] = 14

    assert change_topic(bare_folder, change) == []
