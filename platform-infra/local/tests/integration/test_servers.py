"""The embedded servers themselves: who gets in where, and what survives a kill -9."""

import asyncio
import os
import shutil
import signal
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import boto3
import psutil
import psycopg
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from learning_local import ports
from learning_local.credentials import Credentials
from learning_local.home import Home
from learning_local.parts.base import Part
from learning_local.parts.postgres import Account, Postgres, provision
from learning_local.parts.redis import Redis, ping
from learning_local.parts.s3 import S3, BucketAccount
from learning_local.problems import NotReady
from learning_local.state import State
from learning_local.supervisor import Supervisor

QUIZ, DOCUMENTS = Account("quiz_service", "quiz-password"), Account("document_reader", "documents-password")
ONE = BucketAccount("bucket-one", "A" * 20, "secret-of-one")
TWO = BucketAccount("bucket-two", "B" * 20, "secret-of-two")


@pytest.fixture
def home() -> Iterator[Home]:
    """Not below pytest's own directories, which only their owner may enter: as root, PostgreSQL runs as another."""
    directory = Path(tempfile.mkdtemp(prefix="learning-home-"))
    directory.chmod(0o755)
    home = Home(directory / "home", directory / "cache")
    home.make()
    yield home
    shutil.rmtree(directory)


@asynccontextmanager
async def ready(home: Home, *parts: Part) -> AsyncIterator[Supervisor]:
    supervisor, stop = Supervisor(parts, home.logs), asyncio.Event()
    task = asyncio.create_task(supervisor.run(stop))
    try:
        await until_ready(supervisor)
        yield supervisor
    finally:
        stop.set()
        await task


async def until_ready(supervisor: Supervisor, other_than: int | None = None) -> None:
    deadline = time.monotonic() + 60
    while any(part.state is not State.READY or part.pid == other_than for part in supervisor.states):
        assert time.monotonic() < deadline, [part.problem for part in supervisor.states]
        await asyncio.sleep(0.05)


def make_postgres(home: Home) -> Postgres:
    port = ports.choose(["postgres"], home.ports_file)["postgres"]
    return Postgres(home, port, Credentials(home.credentials_file), [QUIZ, DOCUMENTS])


def dsn(server: Postgres, account: Account, database: str, password: str | None = None) -> str:
    return f"postgresql://{account.name}:{password or account.password}@{server.address}/{database}"


async def test_a_role_gets_into_its_own_database_and_into_no_other(home: Home) -> None:
    server = make_postgres(home)
    async with ready(home, server):
        with psycopg.connect(dsn(server, QUIZ, "quiz_service")) as connection:
            connection.execute("CREATE TABLE questions (id int)")
        for database in ("document_reader", "postgres", "template1"):
            with pytest.raises(psycopg.OperationalError, match="permission denied"):
                psycopg.connect(dsn(server, QUIZ, database))
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(dsn(server, QUIZ, "quiz_service", "guessed"))


async def test_what_was_committed_survives_a_kill_of_the_server(home: Home) -> None:
    server = make_postgres(home)
    async with ready(home, server) as supervisor:
        with psycopg.connect(dsn(server, QUIZ, "quiz_service")) as connection:
            connection.execute("CREATE TABLE answers AS SELECT 42 AS answer")
        pid = supervisor.states[0].pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        await until_ready(supervisor, other_than=pid)
        with psycopg.connect(dsn(server, QUIZ, "quiz_service")) as connection:
            assert connection.execute("SELECT answer FROM answers").fetchone() == (42,)


async def test_giving_databases_again_changes_nothing_but_the_passwords(home: Home) -> None:
    server = make_postgres(home)
    async with ready(home, server):
        provision(server.superuser_dsn, [Account("quiz_service", "another")], keep_others_out=True)
        psycopg.connect(dsn(server, QUIZ, "quiz_service", "another")).close()
        psycopg.connect(dsn(server, DOCUMENTS, "document_reader")).close()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may not run PostgreSQL")
async def test_as_root_the_server_runs_as_somebody_else(home: Home) -> None:
    server = make_postgres(home)
    async with ready(home, server) as supervisor:
        assert psutil.Process(supervisor.states[0].pid).uids().effective != 0


def client(server: S3, access_key_id: str, secret_access_key: str) -> Any:
    return boto3.client(
        "s3",
        endpoint_url=server.address,
        aws_access_key_id=access_key_id,
        aws_secret_access_key=secret_access_key,
        region_name="eu-central-1",
        config=Config(
            s3={"addressing_style": "path"},
            retries={"max_attempts": 1},
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        ),
    )


async def test_a_key_pair_opens_its_own_bucket_and_no_other(home: Home) -> None:
    server = S3(home, ports.choose(["s3"], home.ports_file)["s3"], [ONE, TWO])
    async with ready(home, server):
        await asyncio.to_thread(use_buckets, server)
    assert (home.root / "s3" / "accounts" / "bucket-one" / "bucket-one" / "notes" / "a.json").read_bytes() == b"{}"


def use_buckets(server: S3) -> None:
    one, two = (client(server, account.access_key_id, account.secret_access_key) for account in (ONE, TWO))
    one.put_object(Bucket="bucket-one", Key="notes/a.json", Body=b"{}")
    assert one.get_object(Bucket="bucket-one", Key="notes/a.json")["Body"].read() == b"{}"
    assert [bucket["Name"] for bucket in two.list_buckets()["Buckets"]] == ["bucket-two"]
    with pytest.raises(ClientError, match="NoSuchBucket"):
        two.get_object(Bucket="bucket-one", Key="notes/a.json")
    for stranger in (client(server, ONE.access_key_id, "guessed"), client(server, "C" * 20, "unknown")):
        with pytest.raises(ClientError, match="AccessDenied"):
            stranger.get_object(Bucket="bucket-one", Key="notes/a.json")


async def test_redis_wants_its_password(home: Home) -> None:
    port = ports.choose(["redis"], home.ports_file)["redis"]
    async with ready(home, Redis(home, port, "the-password")):
        ping("127.0.0.1", port, "the-password")
        for wrong in (None, "guessed"):
            with pytest.raises(NotReady):
                ping("127.0.0.1", port, wrong)
