"""Runs the migrations; `python -m quiz_service migrate` gives the address of the database.

Time-outs on locks and statements: a migration that would hold up a busy table fails instead, and is tried again.
"""

from alembic import context
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

TIMEOUTS = "-c lock_timeout=5s -c statement_timeout=300s"


def run() -> None:
    url = context.config.get_main_option("sqlalchemy.url")
    if not url:
        raise SystemExit("no database address: run `python -m quiz_service migrate`")
    engine = create_engine(url, poolclass=NullPool, connect_args={"options": TIMEOUTS})
    with engine.connect() as connection:
        context.configure(connection=connection)
        with context.begin_transaction():
            context.run_migrations()


run()
