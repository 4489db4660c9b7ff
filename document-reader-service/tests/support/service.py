"""The whole service on real servers, in the process of the test."""

from collections.abc import Callable
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
