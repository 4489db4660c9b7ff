"""Real servers: the migrated database, a bucket, a corner of Kafka, and the whole service on them."""

from collections.abc import AsyncIterator, Callable, Iterator
from functools import partial

import pytest
import pytest_asyncio
from chassis.postgres import Pool
from chassis.process_pool import EnginePool
from chassis.service import event_source
from chassis.settings import PostgresSettings, S3Settings
from chassis.storage import S3Storage
from chassis.testing.databases import migrations_of
from chassis.testing.kafka import KafkaSandbox
from chassis.testing.services import at_work, settings_of
from chassis.testing.tokens import JwtIssuer
from support.service import ALEMBIC_INI, TOPICS, Running, UowFactory

from document_reader_service.adapters.postgres import PostgresReadModel, PostgresUnitOfWork
from document_reader_service.bootstrap import NAME, assemble, open_resources
from document_reader_service.settings import DocumentsSettings, Settings


@pytest.fixture(scope="session")
def migrate() -> Callable[[str], None]:
    """The service's own migrations make the template database."""
    return migrations_of(ALEMBIC_INI)


@pytest.fixture
def uow_factory(pool: Pool) -> UowFactory:
    return partial(PostgresUnitOfWork, pool, event_source(NAME))


@pytest.fixture
def reads(pool: Pool) -> PostgresReadModel:
    return PostgresReadModel(pool)


@pytest.fixture(scope="session")
def engine_pool() -> Iterator[EnginePool]:
    """Processes that all tests share: their start takes seconds."""
    pool = EnginePool(workers=1, memory_limit_bytes=1024 * 1024 * 1024)
    yield pool
    pool.close()


@pytest_asyncio.fixture
async def running(
    postgres_settings: PostgresSettings,
    s3_settings: S3Settings,
    storage: S3Storage,
    kafka: KafkaSandbox,
    jwt_issuer: JwtIssuer,
    engine_pool: EnginePool,
) -> AsyncIterator[Running]:
    """API and worker in this process, with engines in processes of their own."""
    await kafka.create_topics(*TOPICS)
    configured = settings_of(
        Settings,
        jwt_issuer.settings,
        postgres=postgres_settings,
        s3=s3_settings,
        kafka=kafka.settings,
        documents=DocumentsSettings(max_upload_bytes=2_000_000, engine_workers=1),
    )
    async with open_resources(configured) as resources:
        application = assemble(resources, engine_pool, None, "all")
        async with at_work(application):
            yield Running(application, configured, storage, kafka)
