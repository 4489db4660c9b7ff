"""The composition root: the only module that names concrete adapters."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing, nullcontext
from functools import partial
from pathlib import Path
from typing import TypeAlias

from chassis import service
from chassis.process_pool import EnginePool
from chassis.runtime import Application, Role
from chassis.service import Api, Work, application
from chassis.workspace import workspace

from document_reader_service.adapters.engines import PooledEngines
from document_reader_service.adapters.postgres import PostgresReadModel, PostgresUnitOfWork
from document_reader_service.adapters.readers import SUPPORTED, detect_media_type
from document_reader_service.api import routes, upload
from document_reader_service.api.dependencies import Service
from document_reader_service.jobs import DocumentJobs
from document_reader_service.settings import DocumentsSettings, Settings
from document_reader_service.sweeping import sweep_orphans

NAME = "document-reader-service"

Resources: TypeAlias = service.Resources[Settings, PostgresUnitOfWork, PostgresReadModel]


def open_resources(settings: Settings) -> AbstractAsyncContextManager[Resources]:
    return service.open_resources(NAME, settings, PostgresUnitOfWork, PostgresReadModel)


@asynccontextmanager
async def build(settings: Settings, role: Role) -> AsyncIterator[Application]:
    # The pool starts its processes with the first call, so an API has none.
    engines = EnginePool(settings.documents.engine_workers, settings.documents.engine_memory_bytes)
    with closing(engines), workspace(NAME) if role != "api" else nullcontext() as folder:
        async with open_resources(settings) as resources:
            yield assemble(resources, engines, folder, role)


def assemble(resources: Resources, engines: EnginePool, folder: Path | None, role: Role) -> Application:
    """`folder`: where a worker keeps originals while they are read."""
    return application(resources, role, api_of(service_of(resources)), work_of(resources, engines, folder))


def api_of(service: Service) -> Api:
    return Api(title="Document reader", routers=[upload.router, routes.router], service=service)


def service_of(resources: Resources) -> Service:
    return Service(
        uow_factory=resources.uow_factory,
        reads=resources.reads,
        storage=resources.storage,
        wakeups=resources.wakeups,
        settings=resources.settings.documents,
        media_type_of=detect_media_type,
        supported=SUPPORTED,
    )


def work_of(resources: Resources, engines: EnginePool, folder: Path | None) -> Work:
    settings = resources.settings.documents
    jobs = DocumentJobs(
        resources.uow_factory,
        resources.storage,
        PooledEngines(engines, settings),
        folder=folder,
        attempt_timeout_seconds=attempt_timeout_seconds(settings),
        concurrency=settings.engine_workers,
    )
    orphans = partial(sweep_orphans, resources.storage, resources.reads, settings.orphan_age_seconds)
    return Work(
        job_kinds=jobs.kinds(),
        sweeps={"orphan_objects": orphans},
        sweep_interval_seconds=settings.sweep_interval_seconds,
    )


def attempt_timeout_seconds(settings: DocumentsSettings) -> float:
    """An engine's own limit comes first; twice, because a call may wait for a process that serves another one."""
    return 2 * (settings.read_timeout_seconds + settings.notes_timeout_seconds) + 120
