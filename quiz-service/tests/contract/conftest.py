"""The public contract, and the service on fakes behind it as the gateway presents it: below /v1."""

import httpx
import pytest
import schemathesis
from chassis.testing.tokens import JwtIssuer
from fastapi import FastAPI
from schemathesis.specs.openapi.schemas import OpenApiSchema
from support.app import client_for
from support.contract import CONTRACT, behind_the_gateway
from support.scene import Scene


@pytest.fixture(scope="session")
def contract() -> OpenApiSchema:
    return schemathesis.openapi.from_path(CONTRACT)


@pytest.fixture
def scene() -> Scene:
    return Scene()


@pytest.fixture
def app(scene: Scene, jwt_issuer: JwtIssuer) -> FastAPI:
    return scene.app(jwt_issuer.settings)


@pytest.fixture
def alice(app: FastAPI, jwt_issuer: JwtIssuer, contract: OpenApiSchema) -> httpx.AsyncClient:
    """A client whose every reply is held to the contract: operation, status, headers and body."""

    async def hold_to_the_contract(response: httpx.Response) -> None:
        await response.aread()
        operation = contract.find_operation_by_path(
            response.request.method, response.request.url.path.removeprefix("/v1")
        )
        assert operation is not None, f"{response.request.url.path} is not in the contract"
        assert str(response.status_code) in operation.definition.raw["responses"], response.status_code
        if not response.headers.get("content-type", "").startswith("text/event-stream"):
            # OpenAPI 3.0 has no words for the events of a stream; schemathesis takes each for an object.
            operation.validate_response(response)

    client = client_for(behind_the_gateway(app), jwt_issuer)
    client.base_url = httpx.URL("http://service/v1")
    client.event_hooks = {"response": [hold_to_the_contract]}
    return client
