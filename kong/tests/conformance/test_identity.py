"""Who gets through the gateway, and as whom the service sees them."""

import json
import time

import aiohttp
import pytest
from conftest import World
from issuer import ISSUER, KEY_ID, Issuer, new_key, owner_id
from multidict import CIMultiDict

DOCUMENTS = "/v1/api/documents"


async def refusal(reply: aiohttp.ClientResponse) -> str:
    """The name of a problem of the gateway's own, its form checked."""
    problem = json.loads(await reply.read())
    assert reply.headers["Content-Type"] == "application/problem+json"
    assert problem.keys() == {"type", "title", "status", "detail", "instance", "request_id"}
    assert problem["status"] == reply.status
    assert problem["request_id"] == reply.headers["X-Request-Id"]
    return str(problem["type"]).removeprefix("urn:learning-platform:problem:")


async def test_without_a_token_the_answer_is_401_and_says_how(client: aiohttp.ClientSession) -> None:
    async with client.get(DOCUMENTS) as reply:
        assert reply.status == 401
        assert reply.headers["WWW-Authenticate"].startswith("Bearer")
        assert await refusal(reply) == "unauthenticated"


@pytest.mark.parametrize(
    "make",
    [
        lambda issuer: issuer.unsigned(),
        lambda issuer: issuer.signed_with_the_public_key(),
        lambda issuer: issuer.tampered(),
        lambda issuer: Issuer(new_key()).token(),
        lambda issuer: issuer.token(kid="unknown"),
        lambda issuer: issuer.token(kid=7),
        lambda issuer: issuer.token(kid=[KEY_ID]),
        lambda issuer: issuer.signed({"alg": "RS256"}, issuer.claims()),
        lambda issuer: issuer.signed({"alg": "RS512", "kid": KEY_ID}, issuer.claims()),
        lambda issuer: issuer.signed(7, issuer.claims()),
        lambda issuer: issuer.signed({"alg": "RS256", "kid": KEY_ID}, 7),
        lambda issuer: issuer.signed({"alg": "RS256", "kid": KEY_ID}, [1]),
        lambda issuer: issuer.token(exp=int(time.time()) - 1),
        lambda issuer: issuer.token(exp=None),
        lambda issuer: issuer.token(exp="later"),
        lambda issuer: issuer.token(exp=int(time.time()) + 365 * 86_400),
        lambda issuer: issuer.token(nbf=int(time.time()) + 60),
        lambda issuer: issuer.token(nbf="now"),
        lambda issuer: issuer.token(iss=7),
        lambda issuer: issuer.token(iss=[ISSUER]),
        lambda issuer: issuer.token(iss="https://somebody.example"),
        lambda issuer: issuer.token(iss=None),
        lambda issuer: issuer.token(sub=""),
        lambda issuer: issuer.token(sub=None),
        lambda issuer: issuer.token(sub=7),
        lambda issuer: issuer.token(sub="ali\nce"),
        lambda issuer: issuer.signed({"alg": "RS256", "kid": "unknown"}, {**issuer.claims(), "kid": KEY_ID}),
        lambda issuer: "no token at all",
        lambda issuer: "a.b.c",
        lambda issuer: "..",
    ],
    ids=[
        "alg none",
        "HS256 with the public key",
        "other claims",
        "other key",
        "unknown kid",
        "kid a number",
        "kid a list",
        "no kid",
        "other algorithm",
        "header a number",
        "claims a number",
        "claims a list",
        "expired",
        "no exp",
        "exp a text",
        "valid for a year",
        "not yet",
        "nbf a text",
        "iss a number",
        "iss a list",
        "other issuer",
        "no iss",
        "empty sub",
        "no sub",
        "sub a number",
        "control character in sub",
        "kid in the claims",
        "words",
        "not base64",
        "empty parts",
    ],
)
async def test_a_bad_token_is_401(world: World, client: aiohttp.ClientSession, make: object) -> None:
    assert callable(make)
    async with client.get(DOCUMENTS, headers={"Authorization": f"Bearer {make(world.issuer)}"}) as reply:
        assert reply.status == 401
        assert reply.headers["WWW-Authenticate"].startswith("Bearer")
        assert await refusal(reply) == "unauthenticated"


async def test_another_scheme_is_401(world: World, client: aiohttp.ClientSession) -> None:
    for value in ("", "Basic YTpi", world.issuer.token(), "Bearer"):
        async with client.get(DOCUMENTS, headers={"Authorization": value}) as reply:
            assert reply.status == 401


async def test_a_token_in_the_query_or_a_cookie_is_none(world: World, client: aiohttp.ClientSession) -> None:
    token = world.issuer.token()
    async with client.get(DOCUMENTS, params={"jwt": token}) as reply:
        assert reply.status == 401
    async with client.get(DOCUMENTS, headers={"Cookie": f"jwt={token}"}) as reply:
        assert reply.status == 401


async def test_two_authorization_headers_are_400(world: World, client: aiohttp.ClientSession) -> None:
    bearer = world.issuer.bearer()["Authorization"]
    headers = CIMultiDict([("Authorization", bearer), ("Authorization", bearer)])
    async with client.get(DOCUMENTS, headers=headers) as reply:
        assert reply.status == 400
        assert await refusal(reply) == "bad-request"


async def test_the_service_sees_the_owner_id_and_the_token_itself(
    world: World, client: aiohttp.ClientSession, subject: str
) -> None:
    bearer = world.issuer.bearer(subject)
    async with client.get(DOCUMENTS, headers=bearer) as reply:
        assert reply.status == 200
        seen = dict((await reply.json())["headers"])

    assert seen["x-user-id"] == owner_id(subject)
    assert seen["authorization"] == bearer["Authorization"]


@pytest.mark.parametrize(
    "name",
    [
        "X-User-Id",
        "X_User_Id",
        "x-user-roles",
        "X-Consumer-Id",
        "X_Consumer_Username",
        "X-Credential-Identifier",
        "X-Anonymous-Consumer",
    ],
)
async def test_identity_headers_of_the_client_never_arrive(
    world: World, client: aiohttp.ClientSession, subject: str, name: str
) -> None:
    async with client.get(DOCUMENTS, headers={**world.issuer.bearer(subject), name: "mallory"}) as reply:
        assert reply.status == 200
        assert "mallory" not in dict((await reply.json())["headers"]).values()


async def test_an_options_request_that_is_no_preflight_needs_a_token(client: aiohttp.ClientSession) -> None:
    async with client.options(DOCUMENTS) as reply:
        assert reply.status == 401
