"""What an operator may type."""

import argparse
import ast
from pathlib import Path

import pytest

from document_reader_service import cli

OWNER = "0123456789abcdef" * 2
DOCUMENT = "019aae3e-4c00-7a10-8c55-2f6d1b7e9a01"


def parser(command: str) -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(exit_on_error=False)
    arguments = cli.COMMANDS[command].arguments
    if arguments:
        arguments(made)
    return made


@pytest.mark.parametrize(
    ("arguments", "document", "owner", "everything"),
    [
        (["--document", DOCUMENT], DOCUMENT, None, False),
        (["--owner", OWNER], None, OWNER, False),
        (["--all"], None, None, True),
    ],
)
def test_republish_takes_one_document_one_owner_or_all(
    arguments: list[str], document: str | None, owner: str | None, everything: bool
) -> None:
    options = parser("republish").parse_args(arguments)
    assert (options.subject and str(options.subject), options.owner, options.all) == (document, owner, everything)


@pytest.mark.parametrize(
    ("command", "arguments"),
    [
        ("republish", []),
        ("republish", ["--all", "--owner", OWNER]),
        ("republish", ["--document", "lecture.pdf"]),
        ("erase", []),
        ("erase", ["--owner", "alice"]),
    ],
)
def test_what_is_not_clear_is_refused_before_anything_is_done(command: str, arguments: list[str]) -> None:
    with pytest.raises((SystemExit, argparse.ArgumentError)):
        parser(command).parse_args(arguments)


def test_a_process_of_the_engine_pool_does_not_load_the_service_with_the_main_module() -> None:
    main = ast.parse((Path(cli.__file__).parent / "__main__.py").read_text())
    assert not [node for node in main.body if isinstance(node, ast.Import | ast.ImportFrom)]
