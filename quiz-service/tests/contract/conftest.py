"""The public contract, and the service on fakes behind it as the gateway presents it: below /v1."""

import httpx
import pytest
import schemathesis
from chassis.testing.contract import client_held_to
from chassis.testing.tokens import JwtIssuer
from fastapi import FastAPI
from schemathesis.specs.openapi.schemas import OpenApiSchema
from support.app import READ_AND_WRITE
from support.contract import OPENAPI
from support.scene import Scene


@pytest.fixture(scope="session")
def contract() -> OpenApiSchema:
    return schemathesis.openapi.from_path(OPENAPI)


@pytest.fixture
def scene() -> Scene:
    return Scene()


@pytest.fixture
def app(scene: Scene, jwt_issuer: JwtIssuer) -> FastAPI:
    return scene.app(jwt_issuer.settings)


@pytest.fixture
def alice(app: FastAPI, jwt_issuer: JwtIssuer, contract: OpenApiSchema) -> httpx.AsyncClient:
    return client_held_to(contract, app, jwt_issuer, READ_AND_WRITE)
