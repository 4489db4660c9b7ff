"""Only a token of the issuer opens a door, and what is behind it belongs to issuer and subject together."""

import base64
import hashlib
import hmac
import json
import time
from typing import Annotated, Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from fastapi import APIRouter

from chassis.errors import Unauthenticated
from chassis.http.auth import TokenVerifier, User, derive_owner_id, requires
from chassis.http.keys import SingleKey

ISSUER = "https://issuer.test"


def encoded(part: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")


@pytest.fixture
def router() -> APIRouter:
    router = APIRouter(prefix="/api/things")

    @router.get("")
    async def read(user: Annotated[User, requires("things:read")]) -> dict[str, Any]:
        return {"owner_id": user.owner_id, "subject": user.subject, "scopes": sorted(user.scopes)}

    @router.post("")
    async def write(body: dict[str, Any], user: Annotated[User, requires("things:write")]) -> None:
        raise AssertionError("must not be reached without the scope")

    @router.get("/forgotten")
    async def forgotten() -> dict[str, str]:
        return {"secret": "x"}

    return router


async def test_a_good_token_is_the_user_it_names(client_for, router, key) -> None:
    token = key.sign(key.claims(scope="things:read other"))
    async with client_for(router, headers={"Authorization": f"bearer {token}"}) as client:
        reply = await client.get("/api/things")
    expected = hashlib.sha256(b"https://issuer.test\nalice").hexdigest()[:32]
    assert reply.json() == {"owner_id": expected, "subject": "alice", "scopes": ["other", "things:read"]}


def test_the_same_subject_of_two_issuers_is_two_owners() -> None:
    assert derive_owner_id("https://a", "alice") != derive_owner_id("https://b", "alice")


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Bearer ", "Basic YTpi", "Bearer a.b", "Bearer a.b.c", "x" * 5000]
)
async def test_without_a_usable_authorization_header_it_is_401(client_for, router, header) -> None:
    async with client_for(router, headers={} if header is None else {"Authorization": header}) as client:
        reply = await client.get("/api/things")
    assert reply.status_code == 401
    assert reply.headers["www-authenticate"] == "Bearer"
    assert reply.json()["type"] == "urn:learning-platform:problem:unauthenticated"


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": int(time.time()) - 1},
        {"exp": None},
        {"exp": "soon"},
        {"exp": float("inf")},
        {"nbf": int(time.time()) + 600},
        {"iss": "https://other.test"},
        {"iss": None},
        {"iss": 7},
        {"iss": [ISSUER]},
        {"sub": None},
        {"sub": ""},
        {"sub": "  "},
        {"sub": 42},
        {"sub": "al\nice"},
        {"sub": "al\x00ice"},
        {"scope": ["things:read"]},
    ],
    ids=repr,
)
async def test_a_token_with_wrong_claims_is_401(client_for, router, key, changes) -> None:
    # Signed by hand: PyJWT refuses to make some of these.
    signing_input = f"{encoded({'alg': 'RS256', 'kid': key.kid})}.{encoded(key.claims(**changes))}"
    token = f"{signing_input}.{sign(key, signing_input)}"
    async with client_for(router, headers={"Authorization": f"Bearer {token}"}) as client:
        reply = await client.get("/api/things")
    assert reply.status_code == 401


def sign(key: Any, signing_input: str) -> str:
    signature = key.private.sign(signing_input.encode(), padding.PKCS1v15(), hashes.SHA256())
    return base64.urlsafe_b64encode(signature).decode().rstrip("=")


async def test_the_algorithm_none_is_401(client_for, router, key) -> None:
    token = f"{encoded({'alg': 'none'})}.{encoded(key.claims())}."
    async with client_for(router, headers={"Authorization": f"Bearer {token}"}) as client:
        assert (await client.get("/api/things")).status_code == 401


async def test_hs256_signed_with_the_public_key_is_401(client_for, router, key) -> None:
    signing_input = f"{encoded({'alg': 'HS256', 'kid': key.kid})}.{encoded(key.claims())}"
    digest = hmac.digest(key.pem.encode(), signing_input.encode(), "sha256")
    token = f"{signing_input}.{base64.urlsafe_b64encode(digest).decode().rstrip('=')}"
    async with client_for(router, headers={"Authorization": f"Bearer {token}"}) as client:
        assert (await client.get("/api/things")).status_code == 401


async def test_a_token_signed_by_another_key_is_401(client_for, router, other_key) -> None:
    async with client_for(router, headers={"Authorization": f"Bearer {other_key.sign(other_key.claims())}"}) as client:
        assert (await client.get("/api/things")).status_code == 401


async def test_a_missing_scope_is_403(client_for, router, key) -> None:
    token = key.sign(key.claims(scope="things:read"))
    async with client_for(router, headers={"Authorization": f"Bearer {token}"}) as client:
        reply = await client.post("/api/things", json={})
    assert (reply.status_code, reply.json()["type"]) == (403, "urn:learning-platform:problem:insufficient-scope")
    assert "things:write" in reply.json()["detail"]


async def test_a_token_without_scope_has_none(client_for, router, key) -> None:
    async with client_for(router, headers={"Authorization": f"Bearer {key.sign(key.claims(scope=None))}"}) as client:
        assert (await client.get("/api/things")).status_code == 403


async def test_a_route_that_forgot_to_ask_for_a_scope_is_still_closed_to_strangers(client_for, router) -> None:
    async with client_for(router, headers={}) as client:
        assert (await client.get("/api/things/forgotten")).status_code == 401


async def test_the_token_is_checked_before_the_body_is_looked_at(client_for, router) -> None:
    async with client_for(router, headers={}) as client:
        reply = await client.post("/api/things", content=b"{", headers={"Content-Type": "application/json"})
    assert reply.status_code == 401


async def test_health_metrics_and_documentation_need_no_token(client_for, router) -> None:
    async with client_for(router, headers={}) as client:
        for path in ("/health", "/ready", "/metrics", "/docs", "/openapi.json"):
            assert (await client.get(path)).status_code == 200, path


class CountingKeys(SingleKey):
    """A key source that counts how often it is asked."""

    asked = 0

    async def key(self, kid: str | None) -> Any:
        self.asked += 1
        return await super().key(kid)


async def test_a_good_token_is_remembered_for_a_while_but_never_past_its_end(key) -> None:
    keys, now = CountingKeys(key.pem), time.time()
    verifier = TokenVerifier(keys, (ISSUER,), remembered_seconds=60, now=lambda: now)
    long, short = key.sign(key.claims(exp=int(now) + 600)), key.sign(key.claims(exp=int(now) + 30))
    for _ in range(3):
        assert (await verifier.verify(long)).subject == "alice"
        assert (await verifier.verify(short)).subject == "alice"
    assert keys.asked == 2
    now += 31
    await verifier.verify(long)
    assert keys.asked == 2
    await verifier.verify(short)
    assert keys.asked == 3
    now += 30
    await verifier.verify(long)
    assert keys.asked == 4


async def test_a_bad_token_is_not_remembered(key) -> None:
    keys = CountingKeys(key.pem)
    verifier = TokenVerifier(keys, (ISSUER,))
    for _ in range(3):
        with pytest.raises(Unauthenticated):
            await verifier.verify(key.sign(key.claims(iss="https://other.test")))
    assert keys.asked == 3


@pytest.mark.parametrize(
    ("audience", "accepted"), [("things", True), (["x", "things"], True), ("x", False), (None, False)]
)
async def test_an_audience_is_required_where_one_is_set(key, audience, accepted) -> None:
    verifier = TokenVerifier(SingleKey(key.pem), (ISSUER,), "things")
    token = key.sign(key.claims(aud=audience))
    if accepted:
        assert (await verifier.verify(token)).subject == "alice"
    else:
        with pytest.raises(Unauthenticated):
            await verifier.verify(token)


async def test_a_token_for_some_audience_is_good_where_none_is_set(key) -> None:
    assert await TokenVerifier(SingleKey(key.pem), (ISSUER,)).verify(key.sign(key.claims(aud="x")))
