"""The commands as make runs them."""

import io
import sys
from pathlib import Path

import jwt
import pytest

from learning_local.checks import Result, chosen, summary
from learning_local.cli import main
from learning_local.home import Home
from learning_local.problems import CannotContinue


@pytest.fixture(autouse=True)
def _home(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SUB", "SCOPE", "TTL", "SERVICE", "YES", "JSON"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LEARNING_HOME", str(home.root))


def test_token_prints_the_jwt_and_nothing_else(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SUB", "bob")
    monkeypatch.setenv("SCOPE", "quiz:read quiz:write")
    monkeypatch.setenv("TTL", "60")
    assert main(["token"]) == 0
    printed = capsys.readouterr()
    claims = jwt.decode(printed.out.strip(), options={"verify_signature": False})
    assert (claims["sub"], claims["scope"], claims["exp"] - claims["iat"]) == ("bob", "quiz:read quiz:write", 60)
    assert printed.err == ""


def test_a_lifetime_that_is_no_number_is_one_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TTL", "an hour")
    assert main(["token"]) == 1
    assert capsys.readouterr().err == "TTL=an hour is not a number of seconds.\n"


def test_reset_without_a_person_or_a_yes_deletes_nothing(
    home: Home, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("y\n"))
    assert main(["reset"]) == 1
    assert "YES=1" in capsys.readouterr().err
    assert home.root.exists()


def test_reset_with_a_yes_deletes_the_home_and_only_that(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    beside = home.root.parent / "thesis.txt"
    beside.write_text("years of work")
    monkeypatch.setenv("YES", "1")
    assert main(["reset"]) == 0
    assert not home.root.exists()
    assert beside.exists()


def test_reset_leaves_a_directory_alone_that_is_no_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "other").mkdir()
    monkeypatch.setenv("LEARNING_HOME", str(tmp_path / "other"))
    monkeypatch.setenv("YES", "1")
    assert main(["reset"]) == 1
    assert (tmp_path / "other").exists()


def test_down_with_nothing_running_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["down"]) == 0
    assert capsys.readouterr().err == "Nothing is running.\n"


def test_logs_of_a_part_that_does_not_exist_name_those_that_do(
    home: Home, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (home.logs / "kafka.log").write_text("started\n")
    monkeypatch.setenv("SERVICE", "kafak")
    assert main(["logs"]) == 1
    assert capsys.readouterr().err == "There is no log of kafak: kafka.\n"


def test_a_suite_is_named_by_its_folder_and_an_unknown_one_is_refused() -> None:
    assert [suite.name for suite in chosen("contracts")] == ["contracts"]
    assert [suite.name for suite in chosen("chassis")] == ["platform-infra/chassis"]
    with pytest.raises(CannotContinue, match="SUITE=quizz"):
        chosen("quizz")


def test_one_failed_check_fails_the_run_and_is_named_at_the_end(capsys: pytest.CaptureFixture[str]) -> None:
    passed, failed = Result("kong", "mypy", True, 1.0), Result("quiz-service", "tests", False, 2.0)
    assert summary([passed]) == 0
    assert summary([passed, failed]) == 1
    assert "1 of 2 checks failed: quiz-service (tests)" in capsys.readouterr().out
