"""How requests and replies travel: routes, paths, origins, ids, limits, streams, failures of the service."""

import asyncio
import hashlib
import json
import socket
import time
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import aiohttp
import pytest
from conftest import World
from prepare import ALLOWED_ORIGIN, READS_PER_MINUTE, UPLOAD_LIMIT_BYTES, WRITES_PER_MINUTE
from test_identity import refusal
from upstream import DOWNLOAD_BYTES, EVENTS, PROBLEM
from yarl import URL

DOCUMENTS = "/v1/api/documents"
PREFLIGHT = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}


@pytest.fixture
def bearer(world: World, subject: str) -> dict[str, str]:
    return world.issuer.bearer(subject)


@pytest.mark.parametrize(
    ("method", "asked", "seen"),
    [
        ("GET", "/v1/api/documents?limit=5&cursor=a%2Fb", "/api/documents?limit=5&cursor=a%2Fb"),
        ("GET", "/v1/api/documents/abc", "/api/documents/abc"),
        ("GET", "/v1/api/documents/abc/notes", "/api/documents/abc/notes"),
        ("DELETE", "/v1/api/documents/abc", "/api/documents/abc"),
        ("POST", "/v1/api/documents/upload", "/api/documents/upload"),
        ("POST", "/v1/api/documents/abc/regenerate-notes", "/api/documents/abc/regenerate-notes"),
        ("GET", "/v1/api//documents///abc", "/api/documents/abc"),
        ("GET", "/v1/api/documents/x/../abc", "/api/documents/abc"),
        ("GET", "/v1/api/documents/x/%2e%2E/abc", "/api/documents/abc"),
        ("GET", "/v1/api/documents/a%2fb", "/api/documents/a%2Fb"),
        ("GET", "/v1/api/documents/..%2f..%2fadmin", "/api/documents/..%2F..%2Fadmin"),
        ("GET", "/v1/api/documents/a%20b%C3%A9", "/api/documents/a%20b%C3%A9"),
        ("GET", "/v1/api/documents/abc/", "/api/documents/abc/"),
    ],
)
async def test_the_service_is_asked_for_its_own_path(
    client: aiohttp.ClientSession, world: World, bearer: dict[str, str], method: str, asked: str, seen: str
) -> None:
    async with client.request(method, URL(world.gateway_url + asked, encoded=True), headers=bearer) as reply:
        assert reply.status == 200
        echoed = await reply.json()

    assert (echoed["method"], echoed["path"]) == (method, seen)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"),
        ("GET", "/v1"),
        ("GET", "/health"),
        ("GET", "/metrics"),
        ("GET", "/api/documents"),
        ("GET", "/v1/api/documentsX"),
        ("GET", "/V1/api/documents"),
        ("GET", "/v1/api/Documents/abc"),
        ("PUT", "/v1/api/documents/abc"),
        ("PATCH", "/v1/api/documents/abc"),
        ("POST", "/v1/api/documents"),
        ("DELETE", "/v1/api/documents"),
        ("GET", "/v1/api/documents/../../../health"),
        ("GET", "/v1/api/documents/%2e%2e/%2E./internal"),
        ("GET", "/v1%2Fapi/documents"),
        ("GET", "/v1/api/documents%0a"),
        ("GET", "/v1/api/quiz"),
        ("TRACE", "/v1/api/documents/abc"),
    ],
)
async def test_what_the_api_does_not_have_is_404(
    client: aiohttp.ClientSession, world: World, bearer: dict[str, str], method: str, path: str
) -> None:
    async with client.request(method, URL(world.gateway_url + path, encoded=True), headers=bearer) as reply:
        assert reply.status == 404
        assert await refusal(reply) == "not-found"


async def test_a_404_tells_the_path_without_its_query(client: aiohttp.ClientSession) -> None:
    async with client.get("/nowhere?jwt=secret") as reply:
        assert json.loads(await reply.read())["instance"] == "/nowhere"


async def test_a_malformed_request_is_a_400_problem(world: World) -> None:
    address = urlsplit(world.gateway_url)
    with socket.create_connection((address.hostname or "", address.port or 80), timeout=5) as raw:
        raw.sendall(b"GET / HTTP/1.1\r\nbroken header line\r\n\r\n")
        reply = await asyncio.to_thread(raw.recv, 65536)

    assert reply.split(b" ", 2)[1] == b"400"
    assert b"application/problem+json" in reply
    assert b"urn:learning-platform:problem:bad-request" in reply


async def test_the_service_learns_where_the_client_knocked(
    client: aiohttp.ClientSession, bearer: dict[str, str]
) -> None:
    forged = {
        "X-Forwarded-For": "203.0.113.9",
        "X-Forwarded-Prefix": "/evil",
        "X-Forwarded-Proto": "https",
        "X-Real-IP": "1.2.3.4",
    }
    async with client.get(f"{DOCUMENTS}/abc", headers={**bearer, **forged}) as reply:
        seen = dict((await reply.json())["headers"])

    assert seen["x-forwarded-for"].startswith("203.0.113.9, ")
    assert seen["x-forwarded-prefix"].rstrip("/") == DOCUMENTS
    assert seen["x-forwarded-path"] == f"{DOCUMENTS}/abc"
    assert seen["x-forwarded-proto"] == urlsplit(str(reply.url)).scheme
    assert seen["x-real-ip"] != "1.2.3.4"


async def test_hop_by_hop_headers_stay_on_their_hop(client: aiohttp.ClientSession, bearer: dict[str, str]) -> None:
    headers = {**bearer, "Connection": "keep-alive, X-Hop", "X-Hop": "1", "TE": "trailers", "Proxy-Authorization": "x"}
    async with client.get(DOCUMENTS, headers=headers) as reply:
        seen = dict((await reply.json())["headers"])

    assert not {"te", "x-hop", "proxy-authorization"} & seen.keys()


async def test_head_has_the_headers_and_no_body(client: aiohttp.ClientSession, bearer: dict[str, str]) -> None:
    async with client.head(f"{DOCUMENTS}/abc", headers=bearer) as reply:
        assert (reply.status, reply.headers["ETag"]) == (200, '"7"')
        assert await reply.read() == b""
    async with client.head(DOCUMENTS) as reply:
        assert (reply.status, await reply.read()) == (401, b"")


async def test_a_preflight_of_a_known_origin_is_answered_without_a_token(client: aiohttp.ClientSession) -> None:
    for path in (
        DOCUMENTS,
        f"{DOCUMENTS}/abc",
        f"{DOCUMENTS}/upload",
        "/v1/api/quiz/generate",
        "/v1/api/quiz/abc/submit",
    ):
        async with client.options(path, headers={"Origin": ALLOWED_ORIGIN, **PREFLIGHT}) as reply:
            assert reply.status == 200
            assert reply.headers["Access-Control-Allow-Origin"] == ALLOWED_ORIGIN
            assert "POST" in reply.headers["Access-Control-Allow-Methods"]
            assert "Authorization" in reply.headers["Access-Control-Allow-Headers"]
            assert "Origin" in reply.headers["Vary"]


async def test_a_stranger_origin_is_not_named(client: aiohttp.ClientSession, bearer: dict[str, str]) -> None:
    for origin in ("https://evil.example", "https://app.example.evil.example", "http://app.example", "null"):
        async with client.options(DOCUMENTS, headers={"Origin": origin, **PREFLIGHT}) as reply:
            assert "Access-Control-Allow-Origin" not in reply.headers
        async with client.get(DOCUMENTS, headers={**bearer, "Origin": origin}) as reply:
            assert "Access-Control-Allow-Origin" not in reply.headers


async def test_a_known_origin_may_read_replies_and_errors(
    client: aiohttp.ClientSession, bearer: dict[str, str]
) -> None:
    async with client.get(DOCUMENTS, headers={**bearer, "Origin": ALLOWED_ORIGIN}) as reply:
        assert reply.headers["Access-Control-Allow-Origin"] == ALLOWED_ORIGIN
        assert "Retry-After" in reply.headers["Access-Control-Expose-Headers"]
    async with client.get(DOCUMENTS, headers={"Origin": ALLOWED_ORIGIN}) as reply:
        assert (reply.status, reply.headers["Access-Control-Allow-Origin"]) == (401, ALLOWED_ORIGIN)


async def test_a_decent_request_id_goes_there_and_back(client: aiohttp.ClientSession, bearer: dict[str, str]) -> None:
    async with client.get(DOCUMENTS, headers={**bearer, "X-Request-Id": "req-7"}) as reply:
        assert reply.headers["X-Request-Id"] == "req-7"
        assert dict((await reply.json())["headers"])["x-request-id"] == "req-7"


@pytest.mark.parametrize("given", ["", "x" * 129, "a b", '"><script>'])
async def test_any_other_request_id_is_replaced(
    client: aiohttp.ClientSession, bearer: dict[str, str], given: str
) -> None:
    async with client.get(DOCUMENTS, headers={**bearer, "X-Request-Id": given}) as reply:
        made = reply.headers["X-Request-Id"]
        assert made != given
        assert len(made) >= 32
        assert dict((await reply.json())["headers"])["x-request-id"] == made


async def test_a_limit_is_one_users_own_and_says_when_to_come_back(
    world: World, client: aiohttp.ClientSession, subject: str
) -> None:
    taken = 0
    while taken <= 2 * READS_PER_MINUTE:  # twice, because a minute may end meanwhile
        async with client.get(DOCUMENTS, headers=world.issuer.bearer(subject)) as reply:
            assert reply.headers["RateLimit-Limit"] == str(READS_PER_MINUTE)
            if reply.status == 429:
                assert await refusal(reply) == "too-many-requests"
                assert 1 <= int(reply.headers["Retry-After"]) <= 60
                assert reply.headers["RateLimit-Remaining"] == "0"
                break
            assert reply.status == 200
            taken += 1
    assert READS_PER_MINUTE <= taken <= 2 * READS_PER_MINUTE

    async with client.get(DOCUMENTS, headers=world.issuer.bearer(f"{subject}-other")) as reply:
        assert (reply.status, reply.headers["RateLimit-Remaining"]) == (200, str(READS_PER_MINUTE - 1))


async def test_uploads_have_a_smaller_limit_of_their_own(client: aiohttp.ClientSession, bearer: dict[str, str]) -> None:
    async with client.post(f"{DOCUMENTS}/upload", headers=bearer, data=b"x") as reply:
        assert reply.headers["RateLimit-Limit"] == str(WRITES_PER_MINUTE)
        assert reply.headers["RateLimit-Remaining"] == str(WRITES_PER_MINUTE - 1)
    async with client.get(DOCUMENTS, headers=bearer) as reply:
        assert reply.headers["RateLimit-Remaining"] == str(READS_PER_MINUTE - 1)


async def test_a_refused_token_costs_nobody_a_request(client: aiohttp.ClientSession) -> None:
    async with client.get(DOCUMENTS) as reply:
        assert reply.status == 401
        assert "RateLimit-Limit" not in reply.headers


async def _blocks(size: int) -> AsyncIterator[bytes]:
    block = bytes(2**16)
    for _ in range(size // len(block)):
        yield block


async def test_a_body_over_the_limit_is_413_whether_its_length_is_told_or_not(
    client: aiohttp.ClientSession, bearer: dict[str, str]
) -> None:
    too_much = 2**20 + 2**16
    for told in ({"Content-Length": str(too_much)}, {}):
        async with client.post(
            f"{DOCUMENTS}/abc/regenerate-notes", headers={**bearer, **told}, data=_blocks(too_much)
        ) as reply:
            assert reply.status == 413
            assert await refusal(reply) == "payload-too-large"


async def test_a_client_that_asks_first_is_told_417_before_it_sends(
    client: aiohttp.ClientSession, bearer: dict[str, str]
) -> None:
    headers = {**bearer, "Content-Length": str(UPLOAD_LIMIT_BYTES + 1), "Expect": "100-continue"}
    async with client.post(f"{DOCUMENTS}/upload", headers=headers, data=_blocks(0)) as reply:
        assert reply.status == 417
        assert await refusal(reply) == "payload-too-large"


async def test_a_client_that_asks_first_may_send_a_fitting_body(
    client: aiohttp.ClientSession, bearer: dict[str, str]
) -> None:
    async with client.post(f"{DOCUMENTS}/upload", headers=bearer, data=b"x" * 1000, expect100=True) as reply:
        assert (reply.status, (await reply.json())["size"]) == (200, 1000)


@pytest.mark.parametrize("told", [True, False])
async def test_an_upload_at_the_limit_arrives_whole(
    client: aiohttp.ClientSession, bearer: dict[str, str], told: bool
) -> None:
    headers = {**bearer, "Content-Length": str(UPLOAD_LIMIT_BYTES)} if told else bearer
    async with client.post(f"{DOCUMENTS}/upload", headers=headers, data=_blocks(UPLOAD_LIMIT_BYTES)) as reply:
        echoed = await reply.json()

    assert echoed["size"] == UPLOAD_LIMIT_BYTES
    assert echoed["sha256"] == hashlib.sha256(bytes(UPLOAD_LIMIT_BYTES)).hexdigest()


async def test_a_download_arrives_whole(client: aiohttp.ClientSession, bearer: dict[str, str]) -> None:
    size = 0
    async with client.get(f"{DOCUMENTS}/download", headers=bearer) as reply:
        assert reply.headers["Content-Length"] == str(DOWNLOAD_BYTES)
        async for chunk in reply.content.iter_any():
            size += len(chunk)
    assert size == DOWNLOAD_BYTES


async def test_events_arrive_one_by_one(client: aiohttp.ClientSession, bearer: dict[str, str]) -> None:
    sent, received = [], []
    async with client.get(f"{DOCUMENTS}/abc/events", headers=bearer) as reply:
        assert reply.headers["Content-Type"] == "text/event-stream"
        async for line in reply.content:
            if line.startswith(b"data: "):
                sent.append(float(line.removeprefix(b"data: ")))
                received.append(time.monotonic())

    assert len(sent) == EVENTS
    assert received[EVENTS // 2] < sent[-1]  # half of them are here before the service has said the last


async def test_a_services_own_problem_passes_untouched(client: aiohttp.ClientSession, bearer: dict[str, str]) -> None:
    async with client.get(f"{DOCUMENTS}/abc/problem", headers=bearer) as reply:
        assert (reply.status, await reply.read()) == (404, PROBLEM)


async def test_a_service_that_is_down_is_a_502(client: aiohttp.ClientSession, bearer: dict[str, str]) -> None:
    for method, path in (("GET", "/v1/api/quiz/abc"), ("POST", "/v1/api/quiz/generate")):
        async with client.request(method, path, headers=bearer) as reply:
            assert reply.status == 502
            assert await refusal(reply) == "bad-gateway"


async def test_a_service_that_stays_silent_is_a_504(client: aiohttp.ClientSession, bearer: dict[str, str]) -> None:
    async with client.get(f"{DOCUMENTS}/silent", headers=bearer) as reply:
        assert reply.status == 504
        assert await refusal(reply) == "gateway-timeout"


async def test_an_answer_that_breaks_off_is_not_passed_for_a_whole_one(
    client: aiohttp.ClientSession, bearer: dict[str, str]
) -> None:
    with pytest.raises(aiohttp.ClientError):
        async with client.get(f"{DOCUMENTS}/broken", headers=bearer) as reply:
            await reply.read()


async def test_when_the_client_goes_away_the_service_is_let_off(
    world: World, client: aiohttp.ClientSession, bearer: dict[str, str]
) -> None:
    world.upstream.abandoned.clear()
    with pytest.raises(TimeoutError):
        await client.get(f"{DOCUMENTS}/silent", headers=bearer, timeout=aiohttp.ClientTimeout(total=0.2))
    assert await asyncio.to_thread(world.upstream.abandoned.wait, 1.5)  # sooner than the gateway's own time-out
