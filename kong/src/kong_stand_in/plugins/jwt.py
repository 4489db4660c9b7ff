"""The jwt plugin: a token signed by one of the file's keys, or 401. It looks at `exp`, and not at `iss`."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from jwt import InvalidTokenError
from jwt.api_jws import PyJWS
from jwt.utils import base64url_decode

from kong_stand_in.config import Consumer
from kong_stand_in.errors import ConfigError
from kong_stand_in.exchange import Exit

_MINIMUM_KEY_BITS = 2048
_JWS = PyJWS(algorithms=["RS256"])


@dataclass(frozen=True, slots=True)
class Settings:
    """Kong's defaults, dangerous ones included: `problems` refuses those."""

    key_claim_name: str = "iss"
    claims_to_verify: tuple[str, ...] = ()
    maximum_expiration: int = 0
    header_names: tuple[str, ...] = ("authorization",)
    uri_param_names: tuple[str, ...] = ("jwt",)
    cookie_names: tuple[str, ...] = ()
    run_on_preflight: bool = True
    realm: str | None = None

    def problems(self) -> list[str]:
        traps = {
            "key_claim_name must be kid: one consumer has several keys during a rotation": self.key_claim_name != "kid",
            "uri_param_names must be []: a token in the query ends in logs": self.uri_param_names != (),
            "cookie_names must be []: a cookie is sent by other sites' pages too": self.cookie_names != (),
            "header_names must be [authorization]": self.header_names != ("authorization",),
            "claims_to_verify must be [exp]: without it an expired token passes, with nbf one without nbf fails": (
                self.claims_to_verify != ("exp",)
            ),
            "maximum_expiration must be above 0": self.maximum_expiration <= 0,
            "run_on_preflight must be true: otherwise any OPTIONS request passes": not self.run_on_preflight,
        }
        return [message for message, is_trapped in traps.items() if is_trapped]


@dataclass(frozen=True, slots=True)
class Credential:
    public_key: RSAPublicKey
    custom_id: str


@dataclass(frozen=True, slots=True)
class Verified:
    claims: Mapping[str, object]
    custom_id: str


def read_credentials(consumers: Iterable[Consumer]) -> dict[str, Credential]:
    """Key id → key, over all consumers, as Kong looks them up. Raises ConfigError."""
    credentials: dict[str, Credential] = {}
    problems: list[str] = []
    for consumer in consumers:
        for secret in consumer.jwt_secrets:
            where = f"consumer {consumer.username}, key {secret.key!r}"
            if secret.key in credentials:
                problems.append(f"{where}: this key id stands in the file twice")
            if secret.algorithm != "RS256":
                problems.append(f"{where}: the algorithm must be RS256, not {secret.algorithm}")
            try:
                credentials[secret.key] = Credential(_public_key(secret.rsa_public_key), consumer.custom_id)
            except ValueError as error:
                problems.append(f"{where}: {error}")
    if problems:
        raise ConfigError(problems)
    return credentials


def _public_key(pem: str) -> RSAPublicKey:
    if "PRIVATE KEY" in pem:
        raise ValueError("rsa_public_key holds a private key; Kong would take it without a word")
    try:
        key = load_pem_public_key(pem.encode())
    except (ValueError, UnsupportedAlgorithm):
        raise ValueError("rsa_public_key is no PEM public key") from None
    if not isinstance(key, RSAPublicKey):
        raise ValueError("rsa_public_key is no RSA key")
    if key.key_size < _MINIMUM_KEY_BITS:
        raise ValueError(f"rsa_public_key has {key.key_size} bits, needs {_MINIMUM_KEY_BITS}")
    return key


def read_unverified(token: str) -> tuple[object, object] | None:
    """Header and claims as they are written in the token; None if it is not made of JSON."""
    try:
        head, body, _ = token.split(".", 2)
        return _read_json(head), _read_json(body)
    except (ValueError, RecursionError):
        return None


def _read_json(part: str) -> object:
    value: object = json.loads(base64url_decode(part))
    json.dumps(value, ensure_ascii=False).encode()  # half of a surrogate pair is no text: a ValueError, as in Kong
    return value


def verify(token: str | None, settings: Settings, credentials: Mapping[str, Credential], now: float) -> Verified:
    """The claims of a token that holds. Raises Exit(401) for any other, without leeway."""
    unverified = read_unverified(token) if token is not None else None
    if token is None or unverified is None:
        raise Exit(401)
    header, claims = unverified
    if not isinstance(header, dict) or not isinstance(claims, dict):
        raise Exit(401)
    credential = credentials.get(str(header.get(settings.key_claim_name)))
    if credential is None:
        raise Exit(401)
    try:
        _JWS.decode_complete(token, credential.public_key, algorithms=["RS256"])
    except (InvalidTokenError, ValueError):
        raise Exit(401) from None
    expires = claims.get("exp")
    if isinstance(expires, bool) or not isinstance(expires, int | float):
        raise Exit(401)
    if not now < expires <= now + settings.maximum_expiration:
        raise Exit(401)
    return Verified(claims, credential.custom_id)
