"""The composition root: the only module that names concrete adapters."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version

from chassis.http.app import create_app
from chassis.http.auth import build_verifier
from chassis.http.health import Check
from chassis.jobs import JobRunner
from chassis.kafka import Relay
from chassis.postgres import Pool, Wakeups, open_pool
from chassis.postgres.pool import check as check_postgres
from chassis.process_pool import EnginePool
from chassis.runtime import Application, Component, Role
from chassis.storage import S3Storage
from chassis.sweeper import Sweeper
from fastapi import FastAPI

from document_reader_service.adapters.engines import PooledEngines
from document_reader_service.adapters.postgres import PostgresReadModel, PostgresUnitOfWork
from document_reader_service.adapters.readers import SUPPORTED, detect_media_type
from document_reader_service.api import routes, upload
from document_reader_service.api.dependencies import Service
from document_reader_service.jobs import DocumentJobs
from document_reader_service.settings import Settings
from document_reader_service.sweeping import sweep_orphans

NAME = "document-reader-service"
SOURCE = f"urn:learning-platform:{NAME}"


@dataclass(frozen=True, slots=True)
class Resources:
    """What every role and every command stands on."""

    settings: Settings
    pool: Pool
    storage: S3Storage
    reads: PostgresReadModel
    uow_factory: Callable[[], PostgresUnitOfWork]


@asynccontextmanager
async def open_resources(settings: Settings) -> AsyncIterator[Resources]:
    async with AsyncExitStack() as stack:
        pool = await open_pool(settings.postgres, NAME)
        stack.push_async_callback(pool.close)
        storage = S3Storage(settings.s3)
        stack.callback(storage.close)
        yield Resources(settings, pool, storage, PostgresReadModel(pool), partial(PostgresUnitOfWork, pool, SOURCE))


@asynccontextmanager
async def build(settings: Settings, role: Role) -> AsyncIterator[Application]:
    async with open_resources(settings) as resources:
        engines = EnginePool(settings.documents.engine_workers, settings.documents.engine_memory_bytes)
        try:
            yield assemble(resources, engines, role)
        finally:
            engines.close()


def assemble(resources: Resources, engines: EnginePool, role: Role) -> Application:
    """What a process of this role runs. `engines` starts its processes with the first call, so an API has none."""
    settings = resources.settings
    wakeups = Wakeups(settings.postgres.dsn)
    components: list[Component] = [wakeups]
    checks = checks_of(resources)
    if role != "api":
        relay = Relay(settings.kafka, resources.pool, wakeups=wakeups)
        checks["kafka"] = relay.check
        components += [relay, *worker_components(resources, wakeups, engines)]
    app = build_app(settings, service_of(resources, wakeups), checks, with_routes=role != "worker")
    return Application(app, components)


def service_of(resources: Resources, wakeups: Wakeups) -> Service:
    return Service(
        uow_factory=resources.uow_factory,
        reads=resources.reads,
        storage=resources.storage,
        wakeups=wakeups,
        settings=resources.settings.documents,
        media_type_of=detect_media_type,
        supported=SUPPORTED,
    )


def checks_of(resources: Resources) -> dict[str, Check]:
    """Without Kafka: what the API accepts while that is away waits in the outbox. The worker asks it as well."""
    return {"postgres": partial(check_postgres, resources.pool), "storage": resources.storage.check}


def build_app(
    settings: Settings, service: Service, checks: Mapping[str, Check], *, with_routes: bool = True
) -> FastAPI:
    app = create_app(
        settings,
        title="Document reader",
        version=version(NAME),
        routers=[upload.router, routes.router] if with_routes else [],
        verifier=build_verifier(settings.auth),
        checks=checks,
    )
    app.state.service = service
    return app


def worker_components(resources: Resources, wakeups: Wakeups, engines: EnginePool) -> list[Component]:
    settings = resources.settings.documents
    jobs = DocumentJobs(
        resources.uow_factory,
        resources.storage,
        PooledEngines(engines, settings),
        # An engine's own limit comes first; twice, because a call may wait for a process that serves another one.
        attempt_timeout_seconds=2 * (settings.read_timeout_seconds + settings.notes_timeout_seconds) + 120,
        concurrency=settings.engine_workers,
    )
    orphans = partial(sweep_orphans, resources.storage, resources.reads, settings.orphan_age_seconds)
    return [
        JobRunner(resources.uow_factory, jobs.kinds(), wakeups=wakeups),
        Sweeper(resources.pool, {"orphan_objects": orphans}, interval_seconds=settings.sweep_interval_seconds),
    ]
