"""The same request sent twice has one effect; the reply says so."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Annotated, Any

import pytest
from fastapi import APIRouter
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from chassis.http.auth import User, derive_owner_id, requires
from chassis.http.idempotency import body_fingerprint, form_fingerprint, once
from chassis.replies import StoredReply


class Order(BaseModel):
    count: int
    note: str = "none"


@dataclass
class Database:
    """What is committed, and which keys are locked by a transaction still open."""

    effects: list[int] = field(default_factory=list)
    replies: dict[tuple[str, str], StoredReply] = field(default_factory=dict)
    locked: set[tuple[str, str]] = field(default_factory=set)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator["Transaction"]:
        transaction = Transaction(self)
        yield transaction
        self.effects += transaction.effects
        self.replies |= transaction.replies


class Transaction:
    def __init__(self, database: Database) -> None:
        self.database = database
        self.effects: list[int] = []
        self.replies: dict[tuple[str, str], StoredReply] = {}

    @property
    def idempotency(self) -> "Transaction":
        return self

    async def claim(self, owner_id: str, key: str) -> bool:
        return (owner_id, key) not in self.database.locked

    async def find(self, owner_id: str, key: str) -> StoredReply | None:
        return self.database.replies.get((owner_id, key))

    async def store(self, owner_id: str, key: str, reply: StoredReply) -> None:
        self.replies[owner_id, key] = reply


@pytest.fixture
def database() -> Database:
    return Database()


@pytest.fixture
def router(database: Database) -> APIRouter:
    router = APIRouter(prefix="/api/things")

    @router.post("")
    async def order(request: Request, body: Order, user: Annotated[User, requires()]) -> Response:
        async def action(uow: Transaction) -> Response:
            uow.effects.append(body.count)
            if body.count == 13:
                raise RuntimeError("unlucky")
            status = 409 if body.count == 9 else 202
            location = f"/v1/api/things/{len(database.effects)}"
            return JSONResponse({"count": body.count}, status, {"Location": location, "X-Other": "once"})

        return await once(request, user, database.transaction, body_fingerprint(request, body), action)

    router.add_api_route("/elsewhere", order, methods=["POST"])
    return router


async def post(client: Any, count: int = 1, key: str | None = "k", path: str = "/api/things", **body: Any) -> Any:
    headers = {} if key is None else {"Idempotency-Key": key}
    return await client.post(path, json={"count": count} | body, headers=headers)


async def test_the_same_request_again_gets_the_stored_reply_and_has_no_second_effect(
    client_for, router, database
) -> None:
    async with client_for(router) as client:
        first, second = await post(client), await post(client)
    assert database.effects == [1]
    assert "idempotency-replayed" not in first.headers
    assert second.headers["idempotency-replayed"] == "true"
    assert (second.status_code, second.content) == (first.status_code, first.content)
    for name in ("location", "content-type"):
        assert second.headers[name] == first.headers[name]
    assert second.headers["x-request-id"] != first.headers["x-request-id"]


async def test_without_a_key_every_request_has_its_effect(client_for, router, database) -> None:
    async with client_for(router) as client:
        await post(client, key=None)
        await post(client, key=None)
    assert database.effects == [1, 1]


@pytest.mark.parametrize("changed", [{"count": 2}, {"note": "x"}, {"path": "/api/things/elsewhere"}])
async def test_the_key_of_another_request_is_refused(client_for, router, database, changed) -> None:
    async with client_for(router) as client:
        await post(client)
        reply = await post(client, **changed)
    assert (reply.status_code, reply.json()["type"]) == (422, "urn:learning-platform:problem:idempotency-key-reused")
    assert database.effects == [1]


async def test_while_the_first_request_runs_the_second_is_told_to_come_back(client_for, router, database) -> None:
    async with client_for(router) as client:
        database.locked.add((derive_owner_id("https://issuer.test", "alice"), "k"))
        reply = await post(client)
    assert (reply.status_code, reply.json()["type"]) == (409, "urn:learning-platform:problem:request-in-progress")
    assert int(reply.headers["retry-after"]) >= 1
    assert database.effects == []


async def test_keys_of_different_owners_are_different_keys(client_for, router, database, key) -> None:
    async with client_for(router) as client:
        await post(client)
        client.headers["Authorization"] = f"Bearer {key.sign(key.claims(sub='bob'))}"
        reply = await post(client, count=2)
    assert reply.status_code == 202
    assert database.effects == [1, 2]


async def test_only_successes_are_kept(client_for, router, database) -> None:
    async with client_for(router) as client:
        assert (await post(client, count=9)).status_code == 409
        assert (await post(client, count=13)).status_code == 500
        assert (await post(client, count=1)).status_code == 202
    assert len(database.replies) == 1


@pytest.mark.parametrize("sent", ["", "x" * 256])
async def test_a_key_of_the_wrong_length_is_refused(client_for, router, database, sent) -> None:
    async with client_for(router) as client:
        reply = await post(client, key=sent)
    assert reply.status_code == 422
    assert reply.json()["errors"][0]["pointer"] == "/header/Idempotency-Key"
    assert database.effects == []


async def test_a_key_of_255_characters_is_taken(client_for, router) -> None:
    async with client_for(router) as client:
        assert (await post(client, key="x" * 255)).status_code == 202


def request(path: str = "/a", method: str = "POST") -> Request:
    return Request({"type": "http", "method": method, "path": path, "headers": [], "query_string": b""})


def test_a_fingerprint_does_not_depend_on_the_order_of_fields() -> None:
    assert body_fingerprint(request(), {"a": 1, "b": [1, 2]}) == body_fingerprint(request(), {"b": [1, 2], "a": 1})
    assert body_fingerprint(request(), {"a": 1}) != body_fingerprint(request(), {"a": "1"})
    assert body_fingerprint(request(), {"a": [1, 2]}) != body_fingerprint(request(), {"a": [2, 1]})


def test_a_fingerprint_is_of_what_was_sent_not_of_the_defaults() -> None:
    assert body_fingerprint(request(), Order(count=1)) == body_fingerprint(request(), {"count": 1})


def test_a_form_is_told_by_its_fields_and_its_file() -> None:
    original = form_fingerprint(request(), {"title": "a"}, "00")
    assert original == form_fingerprint(request(), {"title": "a"}, "00")
    others = [
        form_fingerprint(request(), {"title": "b"}, "00"),
        form_fingerprint(request(), {"title": "a"}, "01"),
        form_fingerprint(request("/b"), {"title": "a"}, "00"),
        form_fingerprint(request(method="PUT"), {"title": "a"}, "00"),
        body_fingerprint(request(), {"title": "a"}),
    ]
    assert original not in others
    assert len(set(others)) == len(others)
