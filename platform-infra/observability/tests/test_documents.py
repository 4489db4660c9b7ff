"""Documents against the code: what they point at exists, and what they tell people to type works."""

import os
import re
from pathlib import Path

import psycopg
import pytest
from learning_kafka.cli import parser as kafka_parser
from places import INFRA, RUNBOOKS, named
from references import Reference, broken_links, codes, commands, documents, fenced, is_there, references

from chassis.postgres import schema

MAKE_TARGETS = set(re.findall(r"^([a-z]+):", (INFRA / "Makefile").read_text(), re.MULTILINE))
LOG_EVENT = re.compile(
    r"^(?:consumer|kafka|relay|job|jobs|process|http|health|sweeper|storage|cache|wakeups|migrations)\.[a-z_]+$"
)


@pytest.mark.parametrize("path", documents(), ids=named)
def test_every_file_and_symbol_that_a_document_names_exists(path: Path) -> None:
    assert not [str(reference) for reference in references(path.read_text()) if not is_there(reference)]


@pytest.mark.parametrize("path", documents(), ids=named)
def test_every_link_of_a_document_leads_somewhere(path: Path) -> None:
    assert not broken_links(path)


def test_a_reference_to_what_is_gone_is_found(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "b.py").write_text("LIMIT: int = 1\nclass Thing:\n    def run(self) -> None: ...\n")
    there = [Reference("a/b.py", None), Reference("a/b.py", "LIMIT"), Reference("a/b.py", "Thing.run")]
    assert all(is_there(reference, tmp_path) for reference in there)
    gone = [Reference("a/c.py", None), Reference("a/b.py", "run"), Reference("a/b.py", "Thing.stop")]
    assert not any(is_there(reference, tmp_path) for reference in gone)


def test_a_link_to_nowhere_is_found(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("[there](a.md#x) [out](https://example.org) [gone](b.md)")
    assert broken_links(tmp_path / "a.md") == ["b.md"]


@pytest.mark.parametrize("path", documents(), ids=named)
def test_the_kafka_commands_of_a_document_are_understood(path: Path) -> None:
    for arguments in commands(path.read_text(), "learning_kafka"):
        if arguments != ["--help"]:
            kafka_parser().parse_args(arguments)  # SystemExit otherwise


def test_runbooks_say_how_to_ask_kafka() -> None:
    asked = [command for path in RUNBOOKS.glob("*.md") for command in commands(path.read_text(), "learning_kafka")]
    assert {command[0] for command in asked} >= {"topics", "acls", "groups", "dead-letters"}


@pytest.mark.parametrize("path", documents(), ids=named)
def test_the_make_targets_of_a_document_exist(path: Path) -> None:
    text = "\n".join([*codes(path.read_text()), *fenced(path.read_text(), "sh")])
    assert not set(re.findall(r"make -C platform-infra ([a-z-]+)", text)) - MAKE_TARGETS


@pytest.mark.parametrize("path", sorted(RUNBOOKS.glob("*.md")), ids=named)
def test_the_log_events_of_a_runbook_are_written_by_the_chassis(path: Path) -> None:
    sources = "".join(source.read_text() for source in (INFRA / "chassis" / "src" / "chassis").rglob("*.py"))
    events = [code for code in codes(path.read_text()) if LOG_EVENT.match(code)]
    assert not [event for event in events if f'"{event}"' not in sources]


def statements(path: Path) -> list[str]:
    return [one.strip() for block in fenced(path.read_text(), "sql") for one in block.split(";") if one.strip()]


def test_the_sql_of_the_runbooks_runs_on_the_chassis_tables() -> None:
    address = os.environ.get("TEST_POSTGRES_URL")
    if address is None:
        missing = "no PostgreSQL: TEST_POSTGRES_URL is not set"
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    ran = 0
    with psycopg.connect(address) as connection:
        connection.execute("CREATE SCHEMA runbooks")
        connection.execute("SET LOCAL search_path TO runbooks")
        connection.execute(schema.SQL.encode())
        for path in sorted(RUNBOOKS.glob("*.md")):
            for statement in statements(path):
                connection.execute(statement.encode())
                ran += 1
        connection.rollback()
    assert ran >= 10
