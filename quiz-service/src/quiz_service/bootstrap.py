"""The composition root: the only module that names concrete adapters."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from importlib.metadata import version

from chassis.http.app import create_app
from chassis.http.auth import build_verifier
from chassis.http.health import Check
from chassis.jobs import JobRunner
from chassis.kafka import EventConsumer, Relay
from chassis.postgres import Pool, Wakeups, open_pool
from chassis.postgres.pool import check as check_postgres
from chassis.process_pool import EnginePool
from chassis.runtime import Application, Component, Role
from chassis.storage import S3Storage
from chassis.sweeper import Sweeper
from fastapi import FastAPI

from quiz_service.adapters.engines import PooledQuestionGenerator
from quiz_service.adapters.postgres import PostgresReadModel, PostgresUnitOfWork
from quiz_service.adapters.similarity import edit_similarity
from quiz_service.api import routes
from quiz_service.api.dependencies import Service
from quiz_service.application.saga import QuizSaga
from quiz_service.domain.saga import Patience
from quiz_service.jobs import QuizJobs
from quiz_service.messaging import EventHandlers
from quiz_service.settings import QuizSettings, Settings
from quiz_service.sweeping import sweep_orphans

NAME = "quiz-service"
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
    async with AsyncExitStack() as stack:
        resources = await stack.enter_async_context(open_resources(settings))
        wakeups = Wakeups(settings.postgres.dsn)
        components: list[Component] = [wakeups]
        checks = checks_of(resources)
        if role in ("worker", "all"):
            engines = EnginePool(settings.quiz.engine_workers, settings.quiz.engine_memory_bytes)
            stack.callback(engines.close)
            relay = Relay(settings.kafka, resources.pool, wakeups=wakeups)
            consumer = consumer_of(resources)
            checks |= {"kafka": relay.check, "consumer": consumer.check}
            components += [relay, consumer, *worker_components(resources, wakeups, engines)]
        app = build_app(settings, service_of(resources, wakeups), checks, with_routes=role != "worker")
        yield Application(app, components)


def saga_of(settings: QuizSettings) -> QuizSaga:
    unheard = timedelta(seconds=settings.document_wait_seconds)
    return QuizSaga(Patience(unheard, timedelta(seconds=settings.reading_wait_seconds)))


def service_of(resources: Resources, wakeups: Wakeups) -> Service:
    return Service(
        uow_factory=resources.uow_factory,
        reads=resources.reads,
        wakeups=wakeups,
        similarity=edit_similarity,
    )


def checks_of(resources: Resources) -> dict[str, Check]:
    """Without Kafka: what the API accepts while that is away waits in the outbox. The worker asks it as well."""
    return {"postgres": partial(check_postgres, resources.pool), "storage": resources.storage.check}


def build_app(
    settings: Settings, service: Service, checks: Mapping[str, Check], *, with_routes: bool = True
) -> FastAPI:
    app = create_app(
        settings,
        title="Quiz",
        version=version(NAME),
        routers=[routes.router] if with_routes else [],
        verifier=build_verifier(settings.auth),
        checks=checks,
    )
    app.state.service = service
    return app


def consumer_of(resources: Resources) -> EventConsumer:
    handlers = EventHandlers(saga_of(resources.settings.quiz))
    return EventConsumer(resources.settings.kafka, NAME, handlers.by_event, resources.uow_factory)


def worker_components(resources: Resources, wakeups: Wakeups, engines: EnginePool) -> list[Component]:
    settings = resources.settings.quiz
    jobs = QuizJobs(
        resources.uow_factory,
        resources.reads,
        resources.storage,
        PooledQuestionGenerator(engines, settings),
        saga_of(settings),
        concurrency=settings.engine_workers,
    )
    orphans = partial(sweep_orphans, resources.storage, resources.reads, settings.orphan_age_seconds)
    return [
        JobRunner(resources.uow_factory, jobs.kinds(), wakeups=wakeups),
        Sweeper(resources.pool, {"orphan_objects": orphans}, interval_seconds=settings.sweep_interval_seconds),
    ]
