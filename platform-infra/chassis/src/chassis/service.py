"""The composition of every service that has a database: its resources, and what a process of each role runs.

A service says in its bootstrap what it answers (`Api`) and what it works on (`Work`); nothing here looks anything up.
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from importlib.metadata import version
from typing import Generic, TypeVar

from fastapi import APIRouter, FastAPI

from chassis.http.app import create_app
from chassis.http.auth import build_verifier
from chassis.http.health import Check
from chassis.jobs import JobKind, JobRunner
from chassis.kafka import EventConsumer, Relay
from chassis.kafka.handling import Handlers
from chassis.postgres import Pool, UnitOfWork, Wakeups, open_pool
from chassis.postgres.pool import check as check_postgres
from chassis.runtime import Application, Component, Role
from chassis.settings import ServiceSettings
from chassis.storage import S3Storage
from chassis.sweeper import INTERVAL_SECONDS, Sweeper, SweepTask

# Of the time to drain: what it takes to give back the jobs that are cut short.
RELEASE_SECONDS = 5.0

S = TypeVar("S", bound=ServiceSettings)
U = TypeVar("U", bound=UnitOfWork)
R = TypeVar("R")


def event_source(name: str) -> str:
    """The CloudEvents source of what a service publishes."""
    return f"urn:learning-platform:{name}"


@dataclass(frozen=True, slots=True)
class Resources(Generic[S, U, R]):
    """What every role and every command stands on. `wakeups` listens once an application runs it."""

    name: str
    settings: S
    pool: Pool
    storage: S3Storage
    wakeups: Wakeups
    uow_factory: Callable[[], U]
    reads: R

    def checks(self) -> dict[str, Check]:
        """Without Kafka: what an API accepts while that is away waits in the outbox."""
        return {"postgres": partial(check_postgres, self.pool), "storage": self.storage.check}


@asynccontextmanager
async def open_resources(
    name: str, settings: S, unit_of_work: Callable[[Pool, str], U], read_model: Callable[[Pool], R]
) -> AsyncIterator[Resources[S, U, R]]:
    """`name` is that of the folder: consumer group, event source and distribution are called so."""
    async with AsyncExitStack() as stack:
        pool = await open_pool(settings.postgres, name)
        stack.push_async_callback(pool.close)
        storage = S3Storage(settings.s3)
        stack.callback(storage.close)
        units = partial(unit_of_work, pool, event_source(name))
        yield Resources(name, settings, pool, storage, Wakeups(settings.postgres.dsn), units, read_model(pool))


@dataclass(frozen=True, slots=True, kw_only=True)
class Api:
    """What a service answers; its routes find `service` by `chassis.http.dependencies.the_service`."""

    title: str
    routers: Sequence[APIRouter]
    service: object


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What a worker does besides sending the service's events."""

    job_kinds: Sequence[JobKind]
    handlers: Handlers = field(default_factory=dict)
    sweeps: Mapping[str, SweepTask] = field(default_factory=dict)
    sweep_interval_seconds: float = INTERVAL_SECONDS


def application(resources: Resources[S, U, R], role: Role, api: Api, work: Work) -> Application:
    """What a process of this role runs; `api` serves no work, and a worker's routes are those of health alone."""
    components: list[Component] = [resources.wakeups]
    checks = resources.checks()
    if role != "api":
        relay = Relay(resources.settings.kafka, resources.pool, wakeups=resources.wakeups)
        checks["kafka"] = relay.check
        components += [relay, _runner(resources, work.job_kinds), _sweeper(resources.pool, work)]
        if work.handlers:
            consumer = EventConsumer(resources.settings.kafka, resources.name, work.handlers, resources.uow_factory)
            checks["consumer"] = consumer.check
            components.append(consumer)
    return Application(build_app(resources.name, resources.settings, api, checks, role), components)


def build_app(
    name: str, settings: ServiceSettings, api: Api, checks: Mapping[str, Check], role: Role = "api"
) -> FastAPI:
    app = create_app(
        settings,
        title=api.title,
        version=version(name),
        routers=api.routers if role != "worker" else [],
        verifier=build_verifier(settings.auth),
        checks=checks,
    )
    app.state.service = api.service
    return app


def _runner(resources: Resources[S, U, R], kinds: Sequence[JobKind]) -> JobRunner:
    drain_seconds = max(0.0, resources.settings.platform.drain_seconds - RELEASE_SECONDS)
    return JobRunner(resources.uow_factory, kinds, wakeups=resources.wakeups, drain_seconds=drain_seconds)


def _sweeper(pool: Pool, work: Work) -> Sweeper:
    return Sweeper(pool, work.sweeps, interval_seconds=work.sweep_interval_seconds)
