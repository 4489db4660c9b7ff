"""Filling the placeholders: complete, or refused by name; a value never changes the file's structure."""

import stat
from pathlib import Path

import pytest
import yaml

from kong_stand_in.__main__ import main
from kong_stand_in.errors import ConfigError
from kong_stand_in.render import render


def test_a_placeholder_takes_the_environments_value_or_its_default() -> None:
    assert render("a: ${A}\nb: ${B:-2}\nc: ${C:-3}\n", {"A": "1", "C": "4"}) == "a: 1\nb: 2\nc: 4\n"


def test_an_empty_value_is_none() -> None:
    assert render("a: ${A:-1}\n", {"A": ""}) == "a: 1\n"


def test_every_missing_variable_is_named() -> None:
    with pytest.raises(ConfigError) as caught:
        render("a: ${A}\nb: ${B}\nc: ${C:-1}\n", {})
    assert [problem.split()[0] for problem in caught.value.problems] == ["A", "B"]


def test_a_key_of_several_lines_keeps_the_indentation_of_its_place() -> None:
    text = render("key: |\n    ${PEM}\nnext: 1\n", {"PEM": "-----BEGIN\nAAAA\n-----END\n"})
    assert yaml.safe_load(text) == {"key": "-----BEGIN\nAAAA\n-----END\n", "next": 1}


def test_a_key_written_on_one_line_gets_its_line_ends_back() -> None:
    text = render("key: |\n  ${PEM}\n", {"PEM": r"-----BEGIN\nAAAA\n-----END"})
    assert yaml.safe_load(text) == {"key": "-----BEGIN\nAAAA\n-----END\n"}


@pytest.mark.parametrize("value", ["1\nb: 2", "1 # x", "'", '"', "{a: 1}", "a: 1", "a:", "*b", "&b", "!!x", "a\x00"])
def test_a_value_that_would_change_the_structure_is_refused(value: str) -> None:
    with pytest.raises(ConfigError, match="A holds characters"):
        render("a: ${A}\n", {"A": value})


@pytest.mark.parametrize(
    "value", ["http://h:1/p", "https://a.example,https://b.example", r"https://.*\.example\.com", "key-1"]
)
def test_addresses_patterns_and_lists_pass(value: str) -> None:
    assert yaml.safe_load(render("a: ${A}\n", {"A": value})) == {"a": value}


def test_a_comment_may_speak_of_placeholders() -> None:
    assert render("a: 1 # see ${NAME}\n# ${OTHER}\n", {}) == "a: 1 # see ${NAME}\n# ${OTHER}\n"


def test_the_command_writes_a_file_for_its_user_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    template, output = tmp_path / "template.yml", tmp_path / "kong.yml"
    template.write_text("a: ${A}\n")
    monkeypatch.setenv("A", "1")

    assert main(["render", "--config", str(template), "--output", str(output)]) == 0
    assert output.read_text() == "a: 1\n"
    assert stat.S_IMODE(output.stat().st_mode) == 0o600
    assert set(tmp_path.iterdir()) == {template, output}


def test_the_command_without_output_prints(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "kong.yml").write_text("a: ${A:-1}\n")
    monkeypatch.chdir(tmp_path)

    assert main(["render"]) == 0
    assert capsys.readouterr().out == "a: 1\n"


def test_the_command_fails_with_one_line_for_each_thing_missing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    template = tmp_path / "kong.yml"
    template.write_text("a: ${UNHEARD_OF}\nb: ${UNHEARD_OF_TOO}\n")

    assert main(["render", "--config", str(template)]) == 1
    assert len(capsys.readouterr().err.splitlines()) == 2
    assert main(["check", "--config", str(tmp_path / "absent.yml")]) == 1
