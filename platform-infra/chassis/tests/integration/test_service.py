"""What a process of each role runs, put together from what a service says of itself."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Annotated, Any

import pytest
import pytest_asyncio
from fastapi import APIRouter, Depends

from chassis.http.dependencies import the_service
from chassis.ids import uuid7
from chassis.jobs import Job, JobKind
from chassis.kafka.handling import Handlers
from chassis.postgres import UnitOfWork
from chassis.runtime import Role
from chassis.service import RELEASE_SECONDS, Api, Resources, Work, application, open_resources
from chassis.settings import PlatformSettings, PostgresSettings, S3Settings, ServiceSettings
from chassis.storage import S3Storage
from chassis.testing.kafka import KafkaSandbox
from chassis.testing.services import at_work, client_for, settings_of
from chassis.testing.tokens import JwtIssuer
from chassis.testing.waiting import eventually
from learning_contracts.events import DocumentUploaded

# The name must be that of an installed distribution: the application tells its version.
NAME = "learning-chassis"

Things = Resources[ServiceSettings, UnitOfWork, str]

router = APIRouter()


@router.get("/things")
async def things(service: Annotated[str, Depends(the_service)]) -> str:
    return service


async def never_mind(*_: Any) -> None: ...


@pytest_asyncio.fixture
async def resources(
    postgres_settings: PostgresSettings,
    s3_settings: S3Settings,
    storage: S3Storage,
    kafka: KafkaSandbox,
    jwt_issuer: JwtIssuer,
) -> AsyncIterator[Things]:
    settings = settings_of(
        ServiceSettings,
        jwt_issuer.settings,
        postgres=postgres_settings,
        s3=s3_settings,
        kafka=kafka.settings,
        platform=PlatformSettings.model_validate({"drain_seconds": RELEASE_SECONDS + 0.5}),
    )
    async with open_resources(NAME, settings, UnitOfWork, lambda _: "reads") as opened:
        yield opened


def api() -> Api:
    return Api(title="Things", routers=[router], service="what the routes work with")


@pytest.mark.parametrize(
    ("role", "handlers", "components", "status"),
    [
        ("api", {DocumentUploaded: never_mind}, {"wakeups"}, 200),
        ("worker", {}, {"wakeups", "relay", "jobs", "sweeper"}, 404),
        ("worker", {DocumentUploaded: never_mind}, {"wakeups", "relay", "jobs", "sweeper", "consumer"}, 404),
        ("all", {DocumentUploaded: never_mind}, {"wakeups", "relay", "jobs", "sweeper", "consumer"}, 200),
    ],
)
async def test_an_api_answers_a_worker_works_and_all_does_both(
    resources: Things, jwt_issuer: JwtIssuer, role: Role, handlers: Handlers, components: set[str], status: int
) -> None:
    made = application(resources, role, api(), Work(job_kinds=[], handlers=handlers))
    assert {component.name for component in made.components} == components
    async with client_for(made.app, jwt_issuer, scopes=[]) as client:
        reply = await client.get("/things")
        checks = (await client.get("/ready")).json()["checks"]
    assert reply.status_code == status
    if status == 200:
        assert reply.json() == "what the routes work with"
    asked = {"postgres", "storage"} | ({"kafka"} if role != "api" else set())
    assert set(checks) == asked | ({"consumer"} & components)


async def test_a_job_that_outlasts_the_drain_is_given_back_before_the_process_is_cut_off(resources: Things) -> None:
    started = asyncio.Event()

    async def never_done(_: Job) -> None:
        started.set()
        await asyncio.sleep(60)

    work = Work(job_kinds=[JobKind("endless", never_done, never_mind)])
    async with resources.uow_factory() as uow:
        await uow.jobs.add("endless", uuid7(), "0" * 32)
    async with at_work(application(resources, "worker", api(), work)):
        await eventually(started.is_set)
        told_at = time.monotonic()
    assert time.monotonic() - told_at < resources.settings.platform.drain_seconds
    async with resources.pool.connection() as connection:
        row = await (await connection.execute("SELECT state, forgiven FROM jobs")).fetchone()
    assert row == {"state": "pending", "forgiven": 1}
