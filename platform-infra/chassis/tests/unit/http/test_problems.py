"""Everything that goes wrong leaves as one problem document, and nothing internal leaves with it."""

import json
from typing import Annotated
from uuid import UUID

import pytest
from fastapi import APIRouter, Query
from psycopg_pool import PoolTimeout
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

from chassis.errors import Conflict, FieldError, Problem, ServiceUnavailable, Unauthenticated, ValidationFailed
from chassis.storage.port import StorageUnavailable

PREFIX = "urn:learning-platform:problem:"


class Order(BaseModel):
    model_config = ConfigDict(extra="forbid")

    count: int = Field(ge=1, le=50)
    tags: list[str] = []


class ThingNotReady(Conflict):
    type = "thing-not-ready"
    title = "The thing is not ready"


@pytest.fixture
def router() -> APIRouter:
    router = APIRouter(prefix="/api/things")

    @router.post("")
    async def order(body: Order) -> dict[str, int]:
        return {"count": body.count}

    @router.get("")
    async def many(limit: Annotated[int, Query(ge=1)] = 1) -> dict[str, int]:
        return {"limit": limit}

    @router.get("/named/{name}")
    async def fail(name: str) -> None:
        raise {
            "not-ready": ThingNotReady("It has just begun.", retry_after_seconds=7, thing="x"),
            "down": ServiceUnavailable(),
            "pool-empty": PoolTimeout("couldn't get a connection to db-1 after 10 s"),
            "storage-away": StorageUnavailable("http://s3-1: connection refused"),
            "bug": ValueError("password=hunter2"),
            "framework": HTTPException(418, "Short and stout"),
            "framework-bug": HTTPException(500, "password=hunter2"),
            "refused": ValidationFailed(errors=[FieldError("/a~1b", "no")]),
        }[name]

    @router.get("/{thing_id}")
    async def one(thing_id: UUID) -> dict[str, str]:
        return {"thing_id": str(thing_id)}

    return router


async def test_a_problem_is_rendered_as_rfc_9457_with_its_extensions(client_for, router) -> None:
    async with client_for(router) as client:
        reply = await client.get("/api/things/named/not-ready?token=x", headers={"X-Request-Id": "abc"})
    assert reply.status_code == 409
    assert reply.headers["content-type"] == "application/problem+json"
    assert reply.headers["retry-after"] == "7"
    assert reply.json() == {
        "type": PREFIX + "thing-not-ready",
        "title": "The thing is not ready",
        "status": 409,
        "detail": "It has just begun.",
        "instance": "/api/things/named/not-ready",
        "request_id": "abc",
        "thing": "x",
    }


async def test_an_unexpected_exception_is_a_500_without_internals_and_is_logged(client_for, router, capsys) -> None:
    async with client_for(router) as client:
        reply = await client.get("/api/things/named/bug")
    assert reply.status_code == 500
    assert reply.json()["type"] == PREFIX + "internal-error"
    assert "hunter2" not in reply.text
    assert reply.headers["x-request-id"] == reply.json()["request_id"]
    assert "hunter2" in capsys.readouterr().out


async def test_a_framework_error_of_the_5xx_class_does_not_tell_its_detail(client_for, router) -> None:
    async with client_for(router) as client:
        reply = await client.get("/api/things/named/framework-bug")
    assert (reply.status_code, reply.json()["type"]) == (500, PREFIX + "internal-error")
    assert "hunter2" not in reply.text


async def test_an_unusual_framework_error_keeps_its_status_and_gets_a_type(client_for, router) -> None:
    async with client_for(router) as client:
        reply = await client.get("/api/things/named/framework")
    assert (reply.status_code, reply.json()["type"]) == (418, PREFIX + "short-and-stout")


@pytest.mark.parametrize("name", ["pool-empty", "storage-away"])
async def test_a_dependency_that_is_away_is_503_and_not_named(client_for, router, name) -> None:
    async with client_for(router) as client:
        reply = await client.get(f"/api/things/named/{name}")
    assert (reply.status_code, reply.json()["type"]) == (503, PREFIX + "service-unavailable")
    assert int(reply.headers["retry-after"]) > 0
    assert "-1" not in reply.text.replace(reply.json()["request_id"], "")


async def test_503_always_says_when_to_come_back(client_for, router) -> None:
    async with client_for(router) as client:
        reply = await client.get("/api/things/named/down")
    assert reply.status_code == 503
    assert int(reply.headers["retry-after"]) > 0


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"count": 0}, "/count"),
        ({"count": 51}, "/count"),
        ({"count": "ten"}, "/count"),
        ({}, "/count"),
        ({"count": 1, "colour": "red"}, "/colour"),
        ({"count": 1, "tags": ["a", 2]}, "/tags/1"),
        ([], ""),
    ],
)
async def test_an_invalid_field_is_pointed_at(client_for, router, body, pointer) -> None:
    async with client_for(router) as client:
        reply = await client.post("/api/things", json=body)
    assert (reply.status_code, reply.json()["type"]) == (422, PREFIX + "validation-failed")
    assert [error["pointer"] for error in reply.json()["errors"]] == [pointer]
    assert all(error["detail"] for error in reply.json()["errors"])


async def test_an_invalid_query_parameter_is_pointed_at_as_such(client_for, router) -> None:
    async with client_for(router) as client:
        reply = await client.get("/api/things?limit=0")
    assert reply.status_code == 422
    assert reply.json()["errors"][0]["pointer"] == "/query/limit"


@pytest.mark.parametrize("body", [b"{", b'{"count": 1} trailing', b"\xff\xfe", b"[" * 100_000])
async def test_a_body_that_is_not_json_is_malformed(client_for, router, body) -> None:
    async with client_for(router) as client:
        reply = await client.post("/api/things", content=body, headers={"Content-Type": "application/json"})
    assert (reply.status_code, reply.json()["type"]) == (422, PREFIX + "malformed-body")


async def test_an_id_that_cannot_exist_is_not_found(client_for, router) -> None:
    async with client_for(router) as client:
        reply = await client.get("/api/things/not-a-uuid")
    assert (reply.status_code, reply.json()["type"]) == (404, PREFIX + "not-found")


async def test_an_unknown_path_and_a_wrong_method_are_problems_too(client_for, router) -> None:
    async with client_for(router) as client:
        unknown, wrong = await client.get("/nowhere"), await client.put("/api/things")
    assert (unknown.status_code, unknown.json()["type"]) == (404, PREFIX + "not-found")
    assert (wrong.status_code, wrong.json()["type"]) == (405, PREFIX + "method-not-allowed")
    assert wrong.headers["allow"] == "GET, POST"


async def test_a_trailing_slash_is_not_redirected_to_an_inside_address(client_for, router) -> None:
    async with client_for(router) as client:
        reply = await client.get("/api/things/")
    assert reply.status_code == 404


async def test_a_body_over_the_limit_is_refused_whether_or_not_its_length_is_declared(client_for, router) -> None:
    async def chunks():
        for _ in range(30):
            yield b" " * 100

    async with client_for(router, max_body_bytes=1000) as client:
        declared = await client.post("/api/things", content=b" " * 1001)
        chunked = await client.post("/api/things", content=chunks(), headers={"Content-Type": "application/json"})
    for reply in (declared, chunked):
        assert (reply.status_code, reply.json()["type"]) == (413, PREFIX + "payload-too-large")


async def test_a_body_at_the_limit_passes(client_for, router) -> None:
    body = json.dumps({"count": 1}).ljust(1000).encode()
    async with client_for(router, max_body_bytes=1000) as client:
        reply = await client.post("/api/things", content=body, headers={"Content-Type": "application/json"})
    assert reply.json() == {"count": 1}


def test_a_reason_names_the_problem_without_its_status() -> None:
    reason = ThingNotReady("It has just begun.").reason()
    assert reason.to_dict() == {
        "type": PREFIX + "thing-not-ready",
        "title": "The thing is not ready",
        "detail": "It has just begun.",
    }


def test_without_a_detail_the_title_stands_for_it() -> None:
    assert Unauthenticated().detail == Unauthenticated.title
    assert str(Problem("why")) == "why"
