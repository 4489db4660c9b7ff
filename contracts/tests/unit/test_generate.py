"""What is generated is what is committed, and what differs is named."""

import json
from pathlib import Path

import pytest

from learning_contracts import check, generate, release
from learning_contracts.folder import contracts_folder
from learning_contracts.generate import drift, write

SCHEMA = "schemas/quiz.deleted.v1.schema.json"


def add_optional_field(folder: Path) -> None:
    schema = json.loads((folder / SCHEMA).read_text(encoding="utf-8"))
    schema["properties"]["reason"] = {"type": ["string", "null"], "description": "Why."}
    (folder / SCHEMA).write_text(json.dumps(schema), encoding="utf-8")


def test_everything_generated_is_up_to_date() -> None:
    assert list(drift(contracts_folder())) == []


def test_a_changed_schema_shows_in_everything_that_derives_from_it(whole_folder: Path) -> None:
    add_optional_field(whole_folder)
    assert set(drift(whole_folder)) == {
        "src/learning_contracts/events/quiz_generated.py differs from its source",
        "schemas/quiz.deleted.v1.avsc differs from its source",
        "asyncapi.yaml differs from its source",
        "TOPICS.md differs from its source",
    }
    write(whole_folder)
    assert list(drift(whole_folder)) == []


def test_a_generated_file_that_is_missing_or_has_no_source_any_more_is_named(whole_folder: Path) -> None:
    (whole_folder / "schemas/quiz.deleted.v1.avsc").unlink()
    (whole_folder / "schemas/quiz.lost.v1.avsc").write_text("{}", encoding="utf-8")
    assert list(drift(whole_folder)) == [
        "schemas/quiz.deleted.v1.avsc is missing",
        "schemas/quiz.lost.v1.avsc has no source any more",
    ]
    write(whole_folder)
    assert not (whole_folder / "schemas/quiz.lost.v1.avsc").exists()
    assert list(drift(whole_folder)) == []


def test_every_generated_file_says_so_at_its_top() -> None:
    for path, text in generate.generated_files(contracts_folder()).items():
        assert "python -m learning_contracts.generate" in "".join(text.splitlines()[:2]), path


def test_the_commands_fail_until_the_folder_is_in_order(
    whole_folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for command in (generate, check, release):
        monkeypatch.setattr(command, "contracts_folder", lambda: whole_folder)
    monkeypatch.setattr("sys.argv", ["generate", "--check"])
    add_optional_field(whole_folder)
    assert generate.main() == 1
    assert "quiz.deleted.v1.avsc differs" in capsys.readouterr().err
    assert release.main() == 1
    assert "reason" not in (whole_folder / "released" / SCHEMA).read_text(encoding="utf-8")

    example = whole_folder / "examples/quiz.deleted/v1/full.json"
    data = json.loads(example.read_text(encoding="utf-8"))
    example.write_text(json.dumps(data | {"reason": "asked for"}), encoding="utf-8")
    write(whole_folder)
    assert (generate.main(), check.main(), release.main()) == (0, 0, 0)
    assert "reason" in (whole_folder / "released" / SCHEMA).read_text(encoding="utf-8")
