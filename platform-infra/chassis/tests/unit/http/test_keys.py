"""Keys rotate while the service runs, and an issuer that is down does not lock users out."""

import json
from typing import Any

import httpx
import jwt
import pytest

from chassis.errors import ServiceUnavailable
from chassis.http.keys import JwksAddress, JwksFile, SingleKey, key_source, parse_jwks
from chassis.settings import AuthSettings

URL = "https://issuer.test/jwks.json"


class Issuer:
    """Serves a JWKS that tests change; counts the requests."""

    def __init__(self, *keys: Any) -> None:
        self.keys = [key.jwk for key in keys]
        self.up = True
        self.requests = 0

    def client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=httpx.MockTransport(self._answer))

    def _answer(self, _: httpx.Request) -> httpx.Response:
        self.requests += 1
        return httpx.Response(200, json={"keys": self.keys}) if self.up else httpx.Response(503)


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def address(issuer: Issuer, clock: Clock) -> JwksAddress:
    return JwksAddress(URL, client=issuer.client(), max_age_seconds=3600, floor_seconds=30, monotonic=clock)


async def test_keys_are_fetched_once_and_kept(key, other_key) -> None:
    issuer = Issuer(key, other_key)
    keys = address(issuer, Clock())
    assert await keys.key("k1") == key.private.public_key()
    assert await keys.key("k2") == other_key.private.public_key()
    assert issuer.requests == 1
    await keys.close()


async def test_a_token_of_a_new_key_makes_the_keys_be_fetched_again(key, other_key) -> None:
    issuer, clock = Issuer(key), Clock()
    keys = address(issuer, clock)
    await keys.key("k1")
    issuer.keys.append(other_key.jwk)
    clock.now += 31
    assert await keys.key("k2") == other_key.private.public_key()


async def test_made_up_key_names_do_not_hammer_the_issuer(key) -> None:
    issuer, clock = Issuer(key), Clock()
    keys = address(issuer, clock)
    await keys.key("k1")
    clock.now += 31
    for number in range(50):
        with pytest.raises(jwt.InvalidTokenError):
            await keys.key(f"made-up-{number}")
    assert issuer.requests == 2


async def test_an_issuer_that_is_down_leaves_the_keys_there_were(key) -> None:
    issuer, clock = Issuer(key), Clock()
    keys = address(issuer, clock)
    await keys.key("k1")
    issuer.up = False
    clock.now += 7200
    assert await keys.key("k1") == key.private.public_key()


async def test_a_key_withdrawn_by_the_issuer_stops_working_when_the_keys_are_old(key, other_key) -> None:
    issuer, clock = Issuer(key, other_key), Clock()
    keys = address(issuer, clock)
    await keys.key("k2")
    issuer.keys = [key.jwk]
    clock.now += 3601
    with pytest.raises(jwt.InvalidTokenError):
        await keys.key("k2")


async def test_without_any_keys_yet_the_service_is_unavailable_and_soon_tries_again(key) -> None:
    issuer, clock = Issuer(key), Clock()
    keys = address(issuer, clock)
    issuer.up = False
    with pytest.raises(ServiceUnavailable):
        await keys.key("k1")
    issuer.up = True
    clock.now += 1.5
    assert await keys.key("k1") == key.private.public_key()


async def test_a_jwks_file_is_read_again_when_it_changes(key, other_key, tmp_path) -> None:
    path = tmp_path / "jwks.json"
    path.write_text(json.dumps({"keys": [key.jwk]}))
    keys = JwksFile(path)
    with pytest.raises(jwt.InvalidTokenError):
        await keys.key("k2")
    path.write_text(json.dumps({"keys": [key.jwk, other_key.jwk]}))
    assert await keys.key("k2") == other_key.private.public_key()
    path.write_text(json.dumps({"keys": [other_key.jwk]}))
    with pytest.raises(jwt.InvalidTokenError):
        await keys.key("k1")


async def test_a_jwks_file_that_breaks_leaves_the_keys_there_were(key, tmp_path) -> None:
    path = tmp_path / "jwks.json"
    path.write_text(json.dumps({"keys": [key.jwk]}))
    keys = JwksFile(path)
    path.write_text("{")
    assert await keys.key("k1") == key.private.public_key()
    path.unlink()
    assert await keys.key("k1") == key.private.public_key()


def test_a_jwks_file_without_keys_refuses_to_start(tmp_path) -> None:
    with pytest.raises(ValueError, match="JWT_JWKS_FILE"):
        JwksFile(tmp_path / "absent.json")


async def test_a_token_without_a_key_name_is_served_only_where_there_is_no_choice(key, other_key, tmp_path) -> None:
    path = tmp_path / "jwks.json"
    path.write_text(json.dumps({"keys": [key.jwk]}))
    assert await JwksFile(path).key(None) == key.private.public_key()
    path.write_text(json.dumps({"keys": [key.jwk, other_key.jwk]}))
    with pytest.raises(jwt.InvalidTokenError):
        await JwksFile(path).key(None)


def test_keys_that_are_not_for_rs256_signatures_are_passed_over(key) -> None:
    others = [
        {**key.jwk, "kid": "encrypts", "use": "enc"},
        {**key.jwk, "kid": "rs512", "alg": "RS512"},
        {"kty": "oct", "k": "c2VjcmV0", "kid": "symmetric"},
        {"kty": "RSA", "kid": "broken", "n": "!", "e": "AQAB"},
        "nonsense",
    ]
    assert list(parse_jwks({"keys": [*others, key.jwk]})) == ["k1"]
    for document in ({"keys": others}, {"keys": None}, {}, [], None):
        with pytest.raises(ValueError, match="no usable"):
            parse_jwks(document)


def test_a_short_rsa_key_is_not_taken(key) -> None:
    weak = type(key)("weak", bits=1024)
    with pytest.raises(ValueError, match="no usable"):
        parse_jwks({"keys": [weak.jwk]})
    with pytest.raises(ValueError, match="2048"):
        SingleKey(weak.pem)


async def test_a_pem_serves_every_key_name_and_may_come_in_one_line(key) -> None:
    for pem in (key.pem, key.pem.replace("\n", "\\n")):
        assert await SingleKey(pem).key("whatever") == key.private.public_key()


async def test_the_settings_choose_the_source(key, tmp_path) -> None:
    path = tmp_path / "jwks.json"
    path.write_text(json.dumps({"keys": [key.jwk]}))
    issuers = ("https://issuer.test",)
    url = key_source(AuthSettings(jwt_jwks_url=URL, jwt_issuers=issuers))
    assert isinstance(url, JwksAddress)
    await url.close()
    assert isinstance(key_source(AuthSettings(jwt_jwks_file=str(path), jwt_issuers=issuers)), JwksFile)
    assert isinstance(key_source(AuthSettings(jwt_public_key=key.pem, jwt_issuers=issuers)), SingleKey)
