"""What a process of each role runs."""

import pytest
from chassis.runtime import Role
from chassis.testing.tokens import JwtIssuer
from support.app import client_for
from support.service import Running

from document_reader_service.bootstrap import build

WORK = {"relay", "jobs", "sweeper"}


@pytest.mark.parametrize(
    ("role", "works", "serves"), [("api", False, True), ("worker", True, False), ("all", True, True)]
)
async def test_the_api_answers_the_worker_works_and_all_does_both(
    running: Running, jwt_issuer: JwtIssuer, role: Role, works: bool, serves: bool
) -> None:
    async with build(running.settings, role) as application:
        names = {component.name for component in application.components}
        client = client_for(application.app, jwt_issuer)
        ready = await client.get("/ready")
        listed = await client.get("/api/documents")
    assert (names >= WORK) is works
    assert listed.status_code == (200 if serves else 404)
    assert (ready.status_code, "kafka" in ready.json()["checks"]) == (200, works)
