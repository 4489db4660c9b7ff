"""The composition root: the only module that names concrete adapters."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing
from datetime import timedelta
from functools import partial
from typing import TypeAlias

from chassis import service
from chassis.process_pool import EnginePool
from chassis.runtime import Application, Role
from chassis.service import Api, Work, application

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

Resources: TypeAlias = service.Resources[Settings, PostgresUnitOfWork, PostgresReadModel]


def open_resources(settings: Settings) -> AbstractAsyncContextManager[Resources]:
    return service.open_resources(NAME, settings, PostgresUnitOfWork, PostgresReadModel)


@asynccontextmanager
async def build(settings: Settings, role: Role) -> AsyncIterator[Application]:
    # The pool starts its processes with the first call, so an API has none.
    with closing(EnginePool(settings.quiz.engine_workers, settings.quiz.engine_memory_bytes)) as engines:
        async with open_resources(settings) as resources:
            yield application(resources, role, api_of(service_of(resources)), work_of(resources, engines))


def api_of(service: Service) -> Api:
    return Api(title="Quiz", routers=[routes.router], service=service)


def service_of(resources: Resources) -> Service:
    return Service(
        uow_factory=resources.uow_factory,
        reads=resources.reads,
        wakeups=resources.wakeups,
        similarity=edit_similarity,
    )


def work_of(resources: Resources, engines: EnginePool) -> Work:
    settings = resources.settings.quiz
    saga = saga_of(settings)
    jobs = QuizJobs(
        resources.uow_factory,
        resources.reads,
        resources.storage,
        PooledQuestionGenerator(engines, settings),
        saga,
        concurrency=settings.engine_workers,
    )
    orphans = partial(sweep_orphans, resources.storage, resources.reads, settings.orphan_age_seconds)
    return Work(
        job_kinds=jobs.kinds(),
        handlers=EventHandlers(saga).by_event,
        sweeps={"orphan_objects": orphans},
        sweep_interval_seconds=settings.sweep_interval_seconds,
    )


def saga_of(settings: QuizSettings) -> QuizSaga:
    unheard = timedelta(seconds=settings.document_wait_seconds)
    return QuizSaga(Patience(unheard, timedelta(seconds=settings.reading_wait_seconds)))
