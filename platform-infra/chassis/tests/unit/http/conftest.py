"""What the tests of the HTTP edge share: an application around any router, called without a socket."""

import json
import logging
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpx
import jwt
import pytest
import structlog
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from fastapi import APIRouter, FastAPI

import chassis.logging
from chassis.http.app import create_app
from chassis.http.auth import TokenVerifier
from chassis.http.keys import SingleKey
from chassis.settings import (
    AuthSettings,
    HttpSettings,
    KafkaSettings,
    PlatformSettings,
    PostgresSettings,
    RedisSettings,
    S3Settings,
    ServiceSettings,
    TelemetrySettings,
)

ISSUER = "https://issuer.test"


class SigningKey:
    """An RSA key pair that signs tokens and shows its public half as PEM and as a JWK."""

    def __init__(self, kid: str = "k1", bits: int = 2048) -> None:
        self.kid = kid
        self.private = rsa.generate_private_key(public_exponent=65537, key_size=bits)

    @property
    def pem(self) -> str:
        return (
            self.private.public_key()
            .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
            .decode()
        )

    @property
    def jwk(self) -> dict[str, Any]:
        public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.private.public_key()))
        return {**public, "kid": self.kid, "use": "sig", "alg": "RS256"}

    @staticmethod
    def claims(**changes: Any) -> dict[str, Any]:
        """Good claims with some replaced; None leaves one out."""
        now = int(time.time())
        good = {"iss": ISSUER, "sub": "alice", "iat": now, "exp": now + 60, "scope": "things:read things:write"}
        return {name: value for name, value in (good | changes).items() if value is not None}

    def sign(self, claims: Mapping[str, Any], **header: Any) -> str:
        """A token with exactly these claims; only what PyJWT insists on is checked."""
        return jwt.encode(dict(claims), self.private, algorithm="RS256", headers={"kid": self.kid, **header})


@pytest.fixture(scope="session")
def key() -> SigningKey:
    return SigningKey()


@pytest.fixture(scope="session")
def other_key() -> SigningKey:
    return SigningKey("k2")


@pytest.fixture
def bearer(key: SigningKey) -> dict[str, str]:
    """Request headers with alice's token."""
    return {"Authorization": f"Bearer {key.sign(key.claims())}"}


@pytest.fixture(scope="session")
def settings(key: SigningKey) -> ServiceSettings:
    return ServiceSettings(
        platform=PlatformSettings(),
        http=HttpSettings(),
        kafka=KafkaSettings(bootstrap_servers="kafka.test:9092"),
        postgres=PostgresSettings(db="things", user="things"),
        s3=S3Settings(bucket="things"),
        redis=RedisSettings(),
        auth=AuthSettings(jwt_public_key=key.pem, jwt_issuers=(ISSUER,)),
        telemetry=TelemetrySettings(),
    )


@pytest.fixture
def log_lines(capsys: pytest.CaptureFixture[str]) -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """Logs as in production; call it for the lines written so far."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    chassis.logging.configure("things")
    yield lambda: [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


AppFactory = Callable[..., FastAPI]


@pytest.fixture
def make_app(settings: ServiceSettings, key: SigningKey) -> AppFactory:
    def make(router: APIRouter | None = None, **options: Any) -> FastAPI:
        routers = [] if router is None else [router]
        given = {"verifier": TokenVerifier(SingleKey(key.pem), (ISSUER,)), "checks": {}} | options
        return create_app(settings, title="things", version="1", routers=routers, **given)

    return make


@asynccontextmanager
async def calling(app: FastAPI, headers: Mapping[str, str] | None = None) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://things.test", headers=headers) as client:
        yield client


ClientFactory = Callable[..., Any]


@pytest.fixture
def client_for(make_app: AppFactory, bearer: dict[str, str]) -> ClientFactory:
    """`async with client_for(router) as client:` – calls with alice's token, unless `headers` says otherwise."""

    def make(router: APIRouter | None = None, *, headers: Mapping[str, str] | None = None, **options: Any) -> Any:
        return calling(make_app(router, **options), bearer if headers is None else headers)

    return make
