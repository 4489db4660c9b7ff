import json
import os
import stat
from pathlib import Path

import jwt
import pytest

from learning_local.credentials import Credentials
from learning_local.keys import ISSUER, SCOPES, DevelopmentKey


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_secrets_are_made_once_and_only_their_owner_can_read_them(tmp_path: Path) -> None:
    file = tmp_path / "secrets.json"
    old = os.umask(0)
    try:
        password = Credentials(file).password("quiz_service")
    finally:
        os.umask(old)
    assert mode(file) == 0o600
    assert Credentials(file).password("quiz_service") == password
    assert Credentials(file).password("document_reader") != password


def test_an_access_key_id_looks_like_one(tmp_path: Path) -> None:
    key = Credentials(tmp_path / "secrets.json").access_key_id("bucket")
    assert len(key) == 20
    assert key.isupper()


def test_the_private_key_is_private_and_made_once(tmp_path: Path) -> None:
    key = DevelopmentKey(tmp_path / "keys")
    key.make()
    before = key.id
    assert mode(tmp_path / "keys" / "private.pem") == 0o600
    key.make()
    assert key.id == before


def test_a_token_verifies_against_the_published_keys(tmp_path: Path) -> None:
    key = DevelopmentKey(tmp_path / "keys")
    key.make()
    token = key.token("bob", ["quiz:read"], 60)
    published = jwt.PyJWKSet.from_json(key.jwks_file.read_text())[jwt.get_unverified_header(token)["kid"]]
    claims = jwt.decode(token, published.key, algorithms=["RS256"], issuer=ISSUER)
    assert claims["sub"] == "bob"
    assert claims["scope"] == "quiz:read"
    assert claims["exp"] - claims["iat"] == 60


def test_a_token_has_all_scopes_for_an_hour_unless_asked_otherwise(tmp_path: Path) -> None:
    key = DevelopmentKey(tmp_path / "keys")
    key.make()
    claims = jwt.decode(key.token(), options={"verify_signature": False})
    assert claims["scope"].split() == list(SCOPES)
    assert claims["exp"] - claims["iat"] == 3600


def test_a_negative_lifetime_gives_an_expired_token(tmp_path: Path) -> None:
    key = DevelopmentKey(tmp_path / "keys")
    key.make()
    with pytest.raises(jwt.ExpiredSignatureError):
        jwt.decode(key.token(lifetime_seconds=-60), key.public_pem, algorithms=["RS256"])


def test_the_published_keys_hold_nothing_private(tmp_path: Path) -> None:
    key = DevelopmentKey(tmp_path / "keys")
    key.make()
    (published,) = json.loads(key.jwks_file.read_text())["keys"]
    assert published.keys() == {"kty", "n", "e", "kid", "use", "alg"}
