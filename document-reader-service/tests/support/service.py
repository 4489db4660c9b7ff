"""The whole service on real servers, in the process of the test."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from chassis.runtime import Application
from chassis.storage import S3Storage
from chassis.testing.kafka import KafkaSandbox

from document_reader_service.adapters.postgres import PostgresUnitOfWork
from document_reader_service.settings import Settings

ALEMBIC_INI = Path(__file__).parents[2] / "alembic.ini"
TOPICS = ("document.uploaded", "document.processed", "notes.generated")

UowFactory = Callable[[], PostgresUnitOfWork]


@dataclass(frozen=True, slots=True)
class Running:
    """The service at work."""

    application: Application
    settings: Settings
    storage: S3Storage
    kafka: KafkaSandbox


@asynccontextmanager
async def at_work(application: Application) -> AsyncIterator[None]:
    """Run the components as the runtime does, and stop them as it does."""
    stop = asyncio.Event()
    tasks = [asyncio.create_task(component.run(stop)) for component in application.components]
    try:
        yield
    finally:
        stop.set()
        await asyncio.gather(*tasks)
