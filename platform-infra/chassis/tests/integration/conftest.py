"""What the integration tests of the chassis share."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from chassis.postgres import Pool, UnitOfWork

# The modules beside this one, by their plain names: spawned workers import them too, and pytest adds no path.
sys.path.insert(0, str(Path(__file__).parent))

SOURCE = "urn:learning-platform:test"


@pytest.fixture
def uow_factory(pool: Pool) -> Callable[[], UnitOfWork]:
    return lambda: UnitOfWork(pool, SOURCE)
