"""Whatever lies about unused, is missing, or contradicts something else is reported."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from learning_contracts.check import complaints
from learning_contracts.consistency import problems
from learning_contracts.folder import contracts_folder
from learning_contracts.generation.model import UnsupportedSchema, load_event_schemas
from learning_contracts.topics import InvalidTopic, load_topics

Change = Callable[[Any], object]


def rewrite_json(path: Path, change: Change) -> None:
    content = json.loads(path.read_text(encoding="utf-8"))
    change(content)
    path.write_text(json.dumps(content), encoding="utf-8")


def rewrite_topic(folder: Path, change: Change) -> None:
    path = folder / "topics" / "quiz.generated.yaml"
    topic = yaml.safe_load(path.read_text(encoding="utf-8"))
    change(topic)
    path.write_text(yaml.safe_dump(topic), encoding="utf-8")


def test_the_folder_is_in_order() -> None:
    assert list(complaints(contracts_folder())) == []


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda topic: topic["producers"].clear(), "quiz.generated: nobody produces it"),
        (lambda topic: topic["consumers"].append("mail-service"), "quiz.generated: there is no service mail-service"),
        (lambda topic: topic["event_types"].append("quiz.lost.v1"), "quiz.generated: quiz.lost.v1 has no schema"),
        (lambda topic: topic["event_types"].remove("quiz.deleted.v1"), "quiz.deleted.v1: on no topic"),
        (lambda topic: topic["event_types"].append("quiz.requested.v1"), "quiz.requested.v1: on more than one topic"),
        (
            lambda topic: topic.update(key="attempt_id"),
            "quiz.generated: quiz.deleted.v1 has no required field attempt_id, the key",
        ),
    ],
)
def test_a_topic_that_fits_nothing_is_reported(change: Change, complaint: str, folder: Path) -> None:
    rewrite_topic(folder, change)
    assert complaint in list(problems(folder))


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda topic: topic.pop("key"), 'quiz.generated.yaml:  "key" is a required property'),
        (lambda topic: topic.update(owner="me"), "quiz.generated.yaml"),
        (lambda topic: topic.update(partitions=0), "quiz.generated.yaml: partitions"),
        (lambda topic: topic.update(name="quiz.made"), "not named as the topic"),
    ],
)
def test_a_file_that_describes_no_topic_is_refused(change: Change, complaint: str, folder: Path) -> None:
    rewrite_topic(folder, change)
    with pytest.raises(InvalidTopic, match=complaint):
        load_topics(folder)
    assert any("quiz.generated.yaml" in line for line in complaints(folder))


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda schema: schema.update({"$id": "x"}), "quiz.submitted.v1: $id does not name it"),
        (lambda schema: schema.update(title="QuizDeleted"), "QuizDeleted: the title of more than one event type"),
        (
            lambda schema: schema.update({"$defs": {"Spare": {"type": "string", "enum": ["a"], "description": "a"}}}),
            "quiz.submitted.v1: $defs/Spare is not used",
        ),
    ],
)
def test_a_schema_that_contradicts_the_others_is_reported(change: Change, complaint: str, folder: Path) -> None:
    rewrite_json(folder / "schemas/quiz.submitted.v1.schema.json", change)
    assert complaint in list(problems(folder))


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda schema: schema["required"].append("language"), "a field is required, or else it is nullable"),
        (lambda schema: schema["required"].remove("title"), "a field is required, or else it is nullable"),
        (lambda schema: schema["properties"]["title"].update(enum=["a"]), "enums and objects are named"),
        (lambda schema: schema["properties"]["title"].update(type="object"), "enums and objects are named"),
        (lambda schema: schema["properties"]["title"].update(type=["string", "integer"]), "the only union"),
        (lambda schema: schema["properties"]["title"].pop("description"), "description"),
        (lambda schema: schema["$defs"].pop("TextBlock"), "TextBlock"),
    ],
)
def test_a_schema_beyond_what_the_generators_understand_is_refused(
    change: Change, complaint: str, folder: Path
) -> None:
    rewrite_json(folder / "schemas/document.processed.v1.schema.json", change)
    with pytest.raises(UnsupportedSchema, match=f"document.processed.v1.schema.json.*{complaint}"):
        load_event_schemas(folder)


def test_one_name_for_two_different_types_is_refused(folder: Path) -> None:
    rewrite_json(
        folder / "schemas/quiz.generation_failed.v1.schema.json",
        lambda schema: schema["$defs"]["Reason"].update(description="Something else."),
    )
    assert any("Reason differs from the one in another schema" in line for line in complaints(folder))


def test_a_missing_example_is_reported(folder: Path) -> None:
    (folder / "examples/quiz.submitted/v1/minimal.json").unlink()
    assert list(problems(folder)) == ["quiz.submitted.v1: no minimal example"]


@pytest.mark.parametrize("name", ["quiz.lost/v1", "quiz.submitted/v2"])
def test_an_example_of_nothing_is_reported(name: str, folder: Path) -> None:
    (folder / "examples" / name).mkdir(parents=True)
    (folder / "examples" / name / "full.json").write_text("{}", encoding="utf-8")
    assert list(problems(folder)) == [f"examples/{name}/full.json: an example of no event type"]


@pytest.mark.parametrize(
    ("name", "change", "complaint"),
    [
        ("full", lambda data: data.update(number="two"), "full example: /number"),
        ("full", lambda data: data.update(colour="red"), "full example"),
        ("minimal", lambda data: data.pop("score"), 'minimal example: "score" is a required property'),
    ],
)
def test_an_example_that_breaks_its_schema_is_reported(name: str, change: Change, complaint: str, folder: Path) -> None:
    rewrite_json(folder / f"examples/quiz.submitted/v1/{name}.json", change)
    assert any(complaint in line for line in problems(folder))


def test_a_full_example_shows_every_field_and_a_minimal_one_no_optional_field(folder: Path) -> None:
    path = folder / "examples/document.processed/v1"
    rewrite_json(path / "full.json", lambda data: [block.pop("level", None) for block in data["blocks"]])
    rewrite_json(path / "minimal.json", lambda data: data.update(language=None))
    assert list(problems(folder)) == [
        "document.processed.v1: the full example lacks blocks.level",
        "document.processed.v1: the minimal example has language",
    ]
