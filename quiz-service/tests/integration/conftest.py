"""The service on real servers: database by its own migrations, topics, bucket."""

from collections.abc import Callable
from pathlib import Path

import pytest
from chassis.testing.databases import migrations_of


@pytest.fixture(scope="session")
def migrate() -> Callable[[str], None]:
    """The service's own migrations make the template database."""
    return migrations_of(Path(__file__).parents[2] / "alembic.ini")
