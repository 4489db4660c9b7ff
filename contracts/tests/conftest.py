"""What the suites share: the example files, and a copy of the folder to break."""

import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from learning_contracts import generate
from learning_contracts.codec import Envelope
from learning_contracts.event import Event, type_with_version
from learning_contracts.folder import contracts_folder


def example_paths() -> list[Path]:
    return sorted(contracts_folder().glob("examples/*/v*/*.json"))


def example_name(path: Path) -> str:
    """`document.uploaded.v1-full`"""
    return f"{path.parts[-3]}.{path.parts[-2]}-{path.stem}"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that asks for `example_path` runs once for every example of every event type."""
    if "example_path" in metafunc.fixturenames:
        metafunc.parametrize("example_path", example_paths(), ids=example_name)


@pytest.fixture
def example_type(example_path: Path) -> str:
    return f"{example_path.parts[-3]}.{example_path.parts[-2]}"


@pytest.fixture
def example(example_path: Path) -> Any:
    return json.loads(example_path.read_text(encoding="utf-8"))


@pytest.fixture
def bare_folder(tmp_path: Path) -> Path:
    """A copy of the topics and schemas, to be changed at will."""
    return _copy(tmp_path, "topics", "schemas")


@pytest.fixture
def folder(bare_folder: Path) -> Path:
    """The same with the examples: everything written by hand."""
    return _copy(bare_folder, "examples")


@pytest.fixture
def whole_folder(folder: Path) -> Path:
    """The same with what was released, and everything generated."""
    _copy(folder, "released")
    generate.write(folder)
    return folder


def _copy(to: Path, *names: str) -> Path:
    for name in names:
        shutil.copytree(contracts_folder() / name, to / name, ignore=shutil.ignore_patterns("*.avsc"))
    return to


@pytest.fixture
def envelope_of() -> Callable[[Event], Envelope]:
    return _envelope_of


def _envelope_of(event: Event) -> Envelope:
    return Envelope(
        id="019aae3e-4c02-7000-8000-0000000000ff",
        type=type_with_version(event),
        source="urn:learning-platform:document-reader-service",
        subject=event.key,
        time=datetime(2026, 1, 31, 9, 30, 0, 123000, tzinfo=UTC),
        data=event,
        correlation_id="request-1",
        causation_id="019aae3e-4c02-7000-8000-0000000000fe",
        traceparent="00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    )
