"""`migrate`: brings a service's database to its newest schema, once the database answers.

Time-outs on locks and statements: a migration that would hold up a busy table fails instead, and is tried again.
"""

import importlib
import time
from pathlib import Path

import psycopg
import structlog
from alembic import command, context
from alembic.config import Config
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from chassis.runtime import StartFailed
from chassis.settings import PostgresSettings, ServiceSettings

DATABASE_WAIT_SECONDS = 60.0
TIMEOUTS = "-c lock_timeout=5s -c statement_timeout=300s"

log = structlog.get_logger(__name__)


def alembic_ini(settings_class: type[ServiceSettings]) -> Path:
    """The `alembic.ini` of the package the settings belong to: in a folder above it, or the working directory."""
    package = importlib.import_module(settings_class.__module__.partition(".")[0])
    source = Path(package.__file__ or ".").resolve()
    for folder in (*source.parents[:4], Path.cwd()):
        if (folder / "alembic.ini").is_file():
            return folder / "alembic.ini"
    raise StartFailed(f"alembic.ini of {package.__name__} is neither above {source.parent} nor in {Path.cwd()}")


def migrate(postgres: PostgresSettings, ini: Path, wait_seconds: float = DATABASE_WAIT_SECONDS) -> None:
    """`alembic upgrade head`. Raises StartFailed when the database does not answer within `wait_seconds`."""
    _wait_for_database(postgres, wait_seconds)
    config = Config(str(ini))
    # Alembic's configuration parser takes % for the start of a placeholder.
    url = postgres.dsn.replace("postgresql://", "postgresql+psycopg://", 1).replace("%", "%%")
    config.set_main_option("sqlalchemy.url", url)
    command.upgrade(config, "head")
    log.info("migrations.applied", database=postgres.db)


def _wait_for_database(postgres: PostgresSettings, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    place = f"{postgres.host}:{postgres.port}/{postgres.db}"
    while True:
        try:
            psycopg.connect(postgres.dsn, connect_timeout=5).close()
            return
        except psycopg.OperationalError as error:
            if time.monotonic() > deadline:
                raise StartFailed(f"the database {place} does not answer: {error}") from error
            log.info("migrations.waiting_for_database", database=place)
            time.sleep(1)


def run_pending() -> None:
    """All that a service's `migrations/env.py` does: run what Alembic found to be pending, in one transaction."""
    url = context.config.get_main_option("sqlalchemy.url")
    if not url:
        raise SystemExit("no database address: run the service's own `migrate` instead of alembic")
    engine = create_engine(url, poolclass=NullPool, connect_args={"options": TIMEOUTS})
    with engine.connect() as connection:
        context.configure(connection=connection)
        with context.begin_transaction():
            context.run_migrations()
