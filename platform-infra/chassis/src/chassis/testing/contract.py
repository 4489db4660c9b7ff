"""A service held to the platform's contracts: its operations, its replies, the events it sends and hears."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID

import httpx
from fastapi import FastAPI

from chassis.postgres.outbox import envelope_of
from chassis.testing.services import behind_the_gateway, client_for
from chassis.testing.tokens import JwtIssuer
from learning_contracts import registry
from learning_contracts.codec import Envelope, decode, encode
from learning_contracts.event import Event, type_with_version

BASE = "/v1"
METHODS = frozenset({"get", "post", "delete", "put", "patch"})


class Contract(Protocol):
    """A schema of schemathesis, as far as it is asked here."""

    def find_operation_by_path(self, method: str, path: str) -> Any: ...


def promised_operations(document: Mapping[str, Any], prefix: str) -> set[tuple[str, str]]:
    """Method and path of every operation below `prefix` in an OpenAPI document."""
    return {
        (method, path)
        for path, operations in document["paths"].items()
        for method in operations
        if path.startswith(prefix) and method in METHODS
    }


def client_held_to(contract: Contract, app: FastAPI, issuer: JwtIssuer, scopes: Iterable[str]) -> httpx.AsyncClient:
    """Alice behind the gateway, whose every reply must be as promised: operation, status, headers and body."""

    async def hold(response: httpx.Response) -> None:
        await response.aread()
        # A streamed upload cannot be read again, and its bytes are not what is validated.
        response.request = httpx.Request(response.request.method, response.request.url)
        path = response.request.url.path.removeprefix(BASE)
        operation = contract.find_operation_by_path(response.request.method, path)
        assert operation is not None, f"{path} is not in the contract"
        assert str(response.status_code) in operation.definition.raw["responses"], response.status_code
        if not response.headers.get("content-type", "").startswith("text/event-stream"):
            # OpenAPI 3.0 has no words for the events of a stream; schemathesis takes each for an object.
            operation.validate_response(response)

    client = client_for(behind_the_gateway(app), issuer, scopes=scopes, base_url=f"http://service{BASE}")
    client.event_hooks = {"response": [hold]}
    return client


def is_id(value: object) -> bool:
    """Whether a path parameter that was made up has the form of an id."""
    try:
        UUID(str(value))
    except ValueError:
        return False
    return True


def promised_events(service: str) -> set[str]:
    """The types, with version, that the topics name this service a producer of."""
    return {kind for topic in registry.topics() if service in topic.producers for kind in topic.event_types}


def types_of(events: Iterable[Event]) -> set[str]:
    return {type_with_version(event) for event in events}


def assert_readers_get(envelopes: Iterable[Envelope]) -> None:
    """Every event reaches its readers as it was written: topic, key and data."""
    for envelope in envelopes:
        message = encode(envelope)
        assert message.topic == envelope.data.TOPIC
        assert message.key == envelope.subject
        assert decode(message.headers, message.value).data == envelope.data


def examples(contracts: Path, event_types: Iterable[str]) -> list[Path]:
    """The files of the contracts' examples of these types."""
    folders = [contracts / "examples" / kind.replace(".v", "/v") for kind in event_types]
    return sorted(path for folder in folders for path in folder.glob("*.json"))


def example(path: Path) -> Event:
    """The event that an example stands for."""
    event_class = registry.event_class(f"{path.parent.parent.name}.{path.parent.name}")
    return event_class.from_data(json.loads(path.read_text()))


def of_a_later_version(event: Event) -> Event:
    """The event as it arrives from a newer producer: with a field that its reader has not heard of."""
    message = encode(envelope_of(event, "urn:learning-platform:test"))
    return decode(
        message.headers, json.dumps(json.loads(message.value) | {"unheard_of": "a later field"}).encode()
    ).data
