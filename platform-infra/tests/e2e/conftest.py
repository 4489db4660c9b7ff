"""The whole local stack, started once as a newcomer starts it, in a home of its own."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from stack import Learner, Stack, free_port


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    # Not pytest's tmp_path: as root, PostgreSQL runs as another user, whom every new pytest would lock out of there.
    with tempfile.TemporaryDirectory(prefix="learning-e2e-") as folder:
        Path(folder).chmod(0o755)
        yield from running(Stack(home=Path(folder) / "home", gateway_port=free_port()))


def running(stack: Stack) -> Iterator[Stack]:
    stack.up()
    try:
        yield stack
    finally:
        if keep := os.environ.get("E2E_LOGS"):
            stack.save_logs(Path(keep))
        stack.down()


@pytest.fixture
def learner(stack: Stack) -> Iterator[Learner]:
    with stack.learner() as learner:
        yield learner


@pytest.fixture
def stranger(stack: Stack) -> Iterator[Learner]:
    with stack.learner() as learner:
        yield learner
