"""`migrate` brings a database to its newest schema, and says what it waits for."""

import textwrap
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from alembic import command
from alembic.config import Config
from psycopg import sql
from pydantic import SecretStr

from chassis.migrations import alembic_ini, migrate
from chassis.runtime import StartFailed
from chassis.settings import PostgresSettings, ServiceSettings

ENVIRONMENT = "from chassis.migrations import run_pending\n\nrun_pending()\n"
FIRST = """
from alembic import op

revision = "0001"
down_revision = None


def upgrade():
    op.execute("CREATE TABLE things (id int)")
    op.execute("CREATE TABLE timeouts AS SELECT current_setting('lock_timeout') AS lock_timeout")
"""


@pytest.fixture
def ini(tmp_path: Path) -> Path:
    versions = tmp_path / "migrations" / "versions"
    versions.mkdir(parents=True)
    (tmp_path / "migrations" / "env.py").write_text(ENVIRONMENT)
    (versions / "0001_first.py").write_text(FIRST)
    path = tmp_path / "alembic.ini"
    path.write_text("[alembic]\nscript_location = %(here)s/migrations\npath_separator = os\n")
    return path


def test_migrating_makes_the_tables_and_again_changes_nothing(ini, postgres_settings) -> None:
    migrate(postgres_settings, ini)
    migrate(postgres_settings, ini)
    with psycopg.connect(postgres_settings.dsn) as connection:
        assert connection.execute("SELECT count(*) FROM things").fetchone() == (0,)


def test_a_migration_waits_for_no_lock_longer_than_seconds(ini, postgres_settings) -> None:
    migrate(postgres_settings, ini)
    with psycopg.connect(postgres_settings.dsn) as connection:
        assert connection.execute("TABLE timeouts").fetchone() == ("5s",)


def test_alembic_without_the_services_command_says_how_to_run_it(ini) -> None:
    with pytest.raises(SystemExit, match="run the service's own `migrate`"):
        command.upgrade(Config(str(ini)), "head")


def test_a_password_with_signs_that_mean_something_elsewhere_works(ini, postgres_settings) -> None:
    password, role = "100%/@:?#%%s", f"strange_{uuid4().hex}"
    with psycopg.connect(postgres_settings.dsn, autocommit=True) as connection:
        made = sql.SQL("CREATE ROLE {} LOGIN SUPERUSER PASSWORD {}").format(sql.Identifier(role), sql.Literal(password))
        connection.execute(made)
        try:
            migrate(postgres_settings.model_copy(update={"user": role, "password": SecretStr(password)}), ini)
        finally:
            connection.execute(sql.SQL("DROP OWNED BY {0}; DROP ROLE {0}").format(sql.Identifier(role)))


def test_a_database_that_does_not_answer_is_named(ini) -> None:
    nowhere = PostgresSettings(host="127.0.0.1", port=1, db="things", user="things")
    with pytest.raises(StartFailed, match=r"the database 127\.0\.0\.1:1/things does not answer"):
        migrate(nowhere, ini, wait_seconds=0)


def test_the_configuration_is_found_above_the_package_or_in_the_working_directory(ini, monkeypatch) -> None:
    code = textwrap.dedent("""
        from chassis.settings import ServiceSettings
        class ThingSettings(ServiceSettings): ...
    """)
    package = ini.parent / "src" / "things_package"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(code)
    monkeypatch.syspath_prepend(package.parent)
    import things_package

    assert alembic_ini(things_package.ThingSettings) == ini
    monkeypatch.chdir(ini.parent)
    assert alembic_ini(ServiceSettings) == ini


def test_without_a_configuration_it_says_where_it_looked(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(StartFailed, match=r"alembic\.ini of chassis"):
        alembic_ini(ServiceSettings)
