"""What scripts rely on: exit codes, streams, JSON; no cluster is needed to be told what is wrong."""

import json
from pathlib import Path

import pytest

from learning_kafka import access
from learning_kafka.cli import main
from learning_kafka.report import Report


@pytest.fixture(autouse=True)
def no_cluster(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("KAFKA_BOOTSTRAP_SERVERS", "KAFKA_SECURITY_PROTOCOL", "KAFKA_TOPIC_PREFIX"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["topics"],
        ["topics", "delete"],
        ["topics", "create", "--replicas", "0"],
        ["users", "apply"],
        ["groups", "rewind", "quiz-service"],
        ["groups", "rewind", "quiz-service", "--to", "2026-11-23T08:00:00"],
        ["groups", "rewind", "nobody", "--to", "2026-11-23T08:00:00Z"],
        ["dead-letters", "show", "quiz-service", "first"],
        ["dead-letters", "drop", "quiz-service"],
        ["brokers", "render", "--place", "moon", "--node", "1"],
    ],
)
def test_a_wrong_command_line_is_code_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert "usage:" in capsys.readouterr().err


def test_a_missing_setting_is_code_2_and_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["topics", "verify"]) == 2
    assert "KAFKA_BOOTSTRAP_SERVERS" in capsys.readouterr().err


def test_a_wrong_setting_is_code_2_and_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:1")
    monkeypatch.setenv("KAFKA_SECURITY_PROTOCOL", "TLS")
    assert main(["topics", "verify"]) == 2
    assert "KAFKA_SECURITY_PROTOCOL" in capsys.readouterr().err


def test_the_rules_are_shown_without_a_cluster_as_table_document_and_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["acls", "show"]) == 0
    assert "User:quiz-service" in capsys.readouterr().out
    assert main(["acls", "show", "--markdown"]) == 0
    table = capsys.readouterr().out.splitlines()
    assert table[0] == "| principal | operation | resource | pattern | name |"
    assert len(table) == len(access.rules()) + 2
    assert main(["acls", "show", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert len(shown["rows"]) == len(access.rules())
    assert shown["exit_code"] == 0


def test_a_configuration_is_printed_alone_or_written_to_a_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["brokers", "render", "--place", "ec2", "--node", "2", "--set", "domain=k.internal", "--set", "rack=a"]
    assert main(command) == 0
    printed = capsys.readouterr().out
    assert "node.id=2" in printed
    assert main([*command, "--output", str(tmp_path / "server.properties")]) == 0
    assert capsys.readouterr().out == ""
    assert (tmp_path / "server.properties").read_text() == printed


def test_a_missing_value_of_a_place_is_code_2_and_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["brokers", "render", "--place", "ec2", "--node", "2"]) == 2
    assert "domain" in capsys.readouterr().err


def test_a_table_aligns_its_columns_and_shows_what_is_absent() -> None:
    table = Report([{"topic": "a", "lag": 10}, {"topic": "long.name", "lag": None}], "Ten.").as_table()
    assert table.splitlines() == ["TOPIC      LAG", "a          10", "long.name  -", "", "Ten."]


def test_a_table_in_a_document_is_not_broken_by_its_content() -> None:
    assert Report([{"what": "a|b"}], "").as_markdown().splitlines()[-1] == "| a\\|b |"


def test_a_message_of_several_lines_stays_in_its_row() -> None:
    assert Report([{"what": "a\nb"}], "").as_table().splitlines()[:2] == ["WHAT", "a b"]


def test_nothing_to_show_is_one_sentence() -> None:
    assert Report([], "As declared.").as_table() == "As declared."
