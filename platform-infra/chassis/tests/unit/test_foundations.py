"""What a service's domain and application may import of the chassis drags no framework in."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import chassis

FOUNDATIONS = {f"chassis.{name}" for name in ("clock", "errors", "ids", "ports")}


def imports(module: str) -> Iterator[str]:
    source = Path(chassis.__file__).parent / f"{module.removeprefix('chassis.')}.py"
    for node in ast.walk(ast.parse(source.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield f"{node.module}"


@pytest.mark.parametrize("module", sorted(FOUNDATIONS))
def test_the_foundations_stand_on_the_standard_library_and_the_contracts(module: str) -> None:
    foreign = {
        name
        for name in imports(module)
        if name not in FOUNDATIONS and name.partition(".")[0] not in {*sys.stdlib_module_names, "learning_contracts"}
    }
    assert not foreign
