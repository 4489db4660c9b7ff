"""One database per test, cloned from a template that the service's migrations made once per session."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from chassis.migrations import migrate as run_migrations
from chassis.postgres import schema
from chassis.settings import PostgresSettings


def install_chassis_tables(dsn: str) -> None:
    """The default migration: the chassis tables and nothing else."""
    with psycopg.connect(dsn) as connection:
        connection.execute(schema.SQL.encode())


def settings_of(dsn: str) -> PostgresSettings:
    """The same database as settings."""
    parts = conninfo_to_dict(dsn)
    return PostgresSettings.model_validate(
        {
            "host": parts["host"],
            "port": parts["port"],
            "db": parts["dbname"],
            "user": parts["user"],
            "password": str(parts.get("password") or ""),
        }
    )


def migrations_of(ini: Path) -> Callable[[str], None]:
    """What a service's conftest gives as its `migrate`: the migrations of its `alembic.ini`."""
    return lambda dsn: run_migrations(settings_of(dsn), ini)


class TemplateDatabase:
    """Made by running the migrations once; `clone` copies it, which takes some tens of milliseconds."""

    def __init__(self, server_url: str, migrate: Callable[[str], None]) -> None:
        self._server_url = server_url
        # The process id keeps sessions that run at the same time on one server apart.
        self._name = f"test_{os.getpid()}_{uuid4().hex[:8]}"
        self._execute(f'CREATE DATABASE "{self._name}"')
        try:
            migrate(self._dsn(self._name))
        except BaseException:
            self.drop()
            raise

    def drop(self) -> None:
        self._drop(self._name)

    @contextmanager
    def clone(self) -> Iterator[str]:
        """The DSN of a fresh copy, dropped at the end of the block whoever is still connected."""
        name = f"{self._name}_{uuid4().hex[:8]}"
        # FILE_COPY would force two checkpoints; a template this small is copied faster through the log.
        self._execute(f'CREATE DATABASE "{name}" TEMPLATE "{self._name}" STRATEGY wal_log')
        try:
            yield self._dsn(name)
        finally:
            self._drop(name)

    def _drop(self, name: str) -> None:
        self._execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def _dsn(self, name: str) -> str:
        return make_conninfo(self._server_url, dbname=name)

    def _execute(self, statement: str) -> None:
        with psycopg.connect(self._server_url, autocommit=True) as connection:
            connection.execute(statement.encode())
