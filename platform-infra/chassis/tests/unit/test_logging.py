"""A log line is one JSON object, whoever wrote it, and names the work it belongs to."""

import json
import logging as standard_logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import structlog

from chassis import context, logging

Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def lines(capsys) -> Iterator[Lines]:
    root = standard_logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield lambda: [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


def test_structlog_and_the_standard_library_write_the_same_form(lines) -> None:
    logging.configure("things")
    with context.bind(correlation_id="c", owner_id="o"):
        structlog.get_logger().info("ours", count=1)
        standard_logging.getLogger("library").warning("theirs %s", 2)
    ours, theirs = lines()
    for line in (ours, theirs):
        assert (line["service"], line["correlation_id"], line["owner_id"]) == ("things", "c", "o")
        assert line["timestamp"].endswith("Z")
    assert (ours["event"], ours["level"], ours["count"]) == ("ours", "info", 1)
    assert (theirs["event"], theirs["level"], theirs["logger"]) == ("theirs 2", "warning", "library")


def test_what_a_component_binds_for_a_while_is_on_its_lines(lines) -> None:
    logging.configure("things")
    with structlog.contextvars.bound_contextvars(job_id="7"):
        structlog.get_logger().info("inside")
    structlog.get_logger().info("outside")
    inside, outside = lines()
    assert inside["job_id"] == "7"
    assert "job_id" not in outside


def test_a_line_stays_one_line_and_an_exception_shows_no_local_variables(lines) -> None:
    logging.configure("things")
    password = "".join(["hun", "ter2"])
    try:
        raise ValueError("two\nlines")
    except ValueError:
        structlog.get_logger().error("failed")
        structlog.get_logger().exception("failed\nagain")
    plain, traced = lines()
    assert "exception" not in plain
    assert "ValueError: two\nlines" in traced["exception"]
    assert password not in json.dumps(traced)


def test_below_the_level_nothing_is_written(lines) -> None:
    logging.configure("things", "WARNING")
    structlog.get_logger().info("quiet")
    standard_logging.getLogger("library").info("quiet")
    assert lines() == []


def test_configuring_again_does_not_double_the_lines(lines) -> None:
    logging.configure("things")
    logging.configure("things")
    standard_logging.getLogger("library").warning("once")
    assert len(lines()) == 1


def test_libraries_that_tell_every_call_are_silenced(lines) -> None:
    logging.configure("things", "DEBUG")
    standard_logging.getLogger("httpx").info("HTTP Request: GET https://…?signature=secret")
    assert lines() == []
