"""The pytest plugin: real servers for integration tests, none at all for unit tests.

A service's conftest may override the session fixture `migrate` to build the template database its own way.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
import pytest_asyncio
import pytest_socket
from pydantic import SecretStr

from chassis.postgres.pool import Pool, open_pool_for
from chassis.settings import PostgresSettings, S3Settings
from chassis.storage.s3 import S3Storage
from chassis.testing import servers
from chassis.testing.databases import TemplateDatabase, install_chassis_tables, settings_of
from chassis.testing.kafka import KafkaSandbox
from chassis.testing.tokens import JwtIssuer

UNIT = "unit"
INTEGRATION = "integration"


def _tier(path: Path) -> str | None:
    """`unit` for a file below tests/unit."""
    parts = path.parts
    return parts[parts.index("tests") + 1] if "tests" in parts[:-2] else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if _tier(item.path) == INTEGRATION:
            item.add_marker(pytest.mark.integration)


def pytest_runtest_setup(item: pytest.Item) -> None:
    if _tier(item.path) == UNIT:
        # UNIX sockets stay: an event loop is woken through one.
        pytest_socket.disable_socket(allow_unix_socket=True)


def pytest_runtest_teardown(item: pytest.Item) -> None:
    if _tier(item.path) == UNIT:
        pytest_socket.enable_socket()


@pytest.fixture(scope="session")
def migrate() -> Callable[[str], None]:
    """How an empty database becomes the service's; given its DSN."""
    return install_chassis_tables


@pytest.fixture(scope="session")
def template_database(migrate: Callable[[str], None]) -> Iterator[TemplateDatabase]:
    template = TemplateDatabase(servers.required(servers.POSTGRES_URL), migrate)
    yield template
    template.drop()


@pytest.fixture
def postgres_database(template_database: TemplateDatabase) -> Iterator[str]:
    """The DSN of a database for this test alone, migrated."""
    with template_database.clone() as dsn:
        yield dsn


@pytest.fixture
def postgres_settings(postgres_database: str) -> PostgresSettings:
    """The same database as settings."""
    return settings_of(postgres_database)


@pytest_asyncio.fixture
async def pool(postgres_database: str) -> AsyncIterator[Pool]:
    """A pool on this test's database."""
    opened = await open_pool_for(postgres_database, application_name="test", max_size=10)
    yield opened
    await opened.close()


@pytest_asyncio.fixture
async def kafka() -> AsyncIterator[KafkaSandbox]:
    """A topic prefix and a group for this test alone; create the topics it needs with `create_topics`."""
    sandbox = KafkaSandbox(servers.required(servers.KAFKA_BOOTSTRAP_SERVERS))
    yield sandbox
    await sandbox.close()


@pytest.fixture(scope="session")
def s3_server() -> Iterator[str]:
    """The URL of an S3 server in memory (moto): versioning and encryption work, signatures are not checked."""
    # Imported here: it takes a second that unit tests need not wait.
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def s3_settings(s3_server: str) -> S3Settings:
    """A bucket name of this test alone; `storage` has created it."""
    return S3Settings(
        bucket=f"test-{uuid4().hex}",
        endpoint_url=s3_server,
        access_key_id="test",
        secret_access_key=SecretStr("test"),
        region="us-east-1",
    )


@pytest_asyncio.fixture
async def storage(s3_settings: S3Settings) -> AsyncIterator[S3Storage]:
    """A bucket of this test alone."""
    opened = S3Storage(s3_settings)
    await opened.ensure_bucket()
    yield opened
    opened.close()


@pytest.fixture
def redis_url() -> str:
    return servers.required(servers.REDIS_URL)


@pytest.fixture(scope="module")
def event_loop_of_its_own() -> Iterator[asyncio.Runner]:
    """For a test that is no coroutine itself, as those that a library calls with made-up input."""
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture(scope="session")
def jwt_issuer(tmp_path_factory: pytest.TempPathFactory) -> JwtIssuer:
    """Makes tokens; `jwt_issuer.settings` makes a service accept them."""
    return JwtIssuer(tmp_path_factory.mktemp("jwt"))
