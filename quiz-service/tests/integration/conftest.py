"""The service on real servers: database by its own migrations, topics, bucket."""

from collections.abc import Callable
from pathlib import Path

import pytest
from chassis.migrations import migrate as run_migrations
from chassis.settings import PostgresSettings
from psycopg.conninfo import conninfo_to_dict
from pydantic import SecretStr

ALEMBIC_INI = Path(__file__).parents[2] / "alembic.ini"


@pytest.fixture(scope="session")
def migrate() -> Callable[[str], None]:
    """How an empty database becomes this service's."""

    def run(dsn: str) -> None:
        parts = conninfo_to_dict(dsn)
        settings = PostgresSettings(
            host=str(parts["host"]),
            port=int(str(parts["port"])),
            db=str(parts["dbname"]),
            user=str(parts["user"]),
            password=SecretStr(str(parts.get("password") or "")),
        )
        run_migrations(settings, ALEMBIC_INI)

    return run
