"""The whole local stack, started once as a newcomer starts it, in a home of its own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from stack import Learner, Stack, free_port


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    # A home under the repository would be found by the developer's own `down`; under /tmp an
    # unprivileged PostgreSQL user can reach it when the suite runs as root.
    home = tmp_path_factory.mktemp("learning-home")
    home.chmod(0o755)
    for parent in (home.parent, home.parent.parent):
        parent.chmod(0o755)
    stack = Stack(home=home, gateway_port=free_port())
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
