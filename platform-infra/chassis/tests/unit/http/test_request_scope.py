"""Every reply can be found again in the logs, and no request leaves its contents there."""

import asyncio
from typing import Annotated

import pytest
from fastapi import APIRouter
from prometheus_client import REGISTRY
from starlette.responses import StreamingResponse

from chassis import context
from chassis.http.auth import User, requires


@pytest.fixture
def router() -> APIRouter:
    router = APIRouter(prefix="/api/things")

    @router.post("")
    async def show_context(user: Annotated[User, requires()]) -> dict[str, str]:
        await asyncio.sleep(0)
        return context.current()

    @router.get("/{thing_id}")
    async def one(thing_id: str) -> dict[str, str]:
        return {"thing_id": thing_id}

    @router.get("/{thing_id}/broken")
    async def broken(thing_id: str) -> StreamingResponse:
        async def pieces():
            yield b"first"
            raise ValueError(thing_id)

        return StreamingResponse(pieces())

    return router


@pytest.mark.parametrize("sent", ["a", "x" * 128, "01J.Z_-9"])
async def test_a_sane_request_id_is_kept_and_correlates(client_for, router, sent) -> None:
    async with client_for(router) as client:
        reply = await client.post("/api/things", headers={"X-Request-Id": sent})
    assert reply.headers["x-request-id"] == sent
    assert (reply.json()["request_id"], reply.json()["correlation_id"]) == (sent, sent)


@pytest.mark.parametrize("sent", ["", "x" * 129, "a b", "a\tb", "é", 'a"b', "a;b", "<script>"])
async def test_another_request_id_is_replaced(client_for, router, sent) -> None:
    async with client_for(router) as client:
        reply = await client.get("/health", headers={"X-Request-Id": sent.encode()})
    assert reply.headers["x-request-id"] not in ("", sent)


async def test_requests_at_the_same_time_keep_their_contexts_apart(client_for, router, key) -> None:
    async def ask(client, name):
        token = key.sign(key.claims(sub=name))
        reply = await client.post("/api/things", headers={"X-Request-Id": name, "Authorization": f"Bearer {token}"})
        return reply.json()

    async with client_for(router) as client:
        replies = await asyncio.gather(*(ask(client, f"user-{n}") for n in range(20)))
    assert [reply["request_id"] for reply in replies] == [f"user-{n}" for n in range(20)]
    assert len({reply["owner_id"] for reply in replies}) == 20
    assert context.current() == {}


async def test_each_request_leaves_one_log_line_with_its_ids_and_without_its_contents(
    client_for, router, bearer, log_lines
) -> None:
    async with client_for(router) as client:
        await client.post("/api/things?password=hunter2", json={"secret": "hunter3"}, headers={"X-Request-Id": "abc"})
    [line] = log_lines()
    assert line["event"] == "http.request"
    assert (line["method"], line["path"], line["status"]) == ("POST", "/api/things", 200)
    assert (line["request_id"], line["correlation_id"], line["service"]) == ("abc", "abc", "things")
    assert len(line["owner_id"]) == 32
    assert line["duration_ms"] >= 0
    for secret in ("hunter2", "hunter3", bearer["Authorization"]):
        assert secret not in str(line)


async def test_probes_do_not_fill_the_log(client_for, router, log_lines) -> None:
    async with client_for(router) as client:
        for path in ("/health", "/ready", "/metrics"):
            await client.get(path)
    assert log_lines() == []


async def test_metrics_count_by_route_template_never_by_path(client_for, router) -> None:
    labels = {"method": "GET", "route": "/api/things/{thing_id}", "status": "200"}
    before = REGISTRY.get_sample_value("learning_http_requests_total", labels) or 0
    async with client_for(router) as client:
        for number in range(3):
            await client.get(f"/api/things/private-{number}")
        await client.get("/nowhere/private-4")
        exposed = (await client.get("/metrics")).text
    assert REGISTRY.get_sample_value("learning_http_requests_total", labels) == before + 3
    assert 'route="unmatched"' in exposed
    assert "private-" not in exposed


async def test_an_invented_method_does_not_become_a_label(client_for, router) -> None:
    async with client_for(router) as client:
        await client.request("BREW", "/api/things/1")
        exposed = (await client.get("/metrics")).text
    assert "BREW" not in exposed


async def test_an_error_in_the_middle_of_a_reply_breaks_it_off(client_for, router) -> None:
    async with client_for(router) as client:
        with pytest.raises(ValueError, match="7"):
            await client.get("/api/things/7/broken")
