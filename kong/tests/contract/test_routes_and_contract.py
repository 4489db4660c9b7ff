"""The routes of kong.yml and the operations of contracts/openapi.yaml are the same, each with a token and a limit."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from rendered import TEXT

from kong_stand_in.config import Config, Route, Service, parse
from kong_stand_in.routing import Router, normalise, upstream_path

CONTRACT = Path(__file__).parents[3] / "contracts" / "openapi.yaml"
HTTP_METHODS = frozenset({"get", "post", "put", "patch", "delete"})
AN_ID = "01980000-0000-7000-8000-000000000000"


@dataclass(frozen=True)
class Operation:
    """`path` as the client asks for it, parameters filled in."""

    method: str
    path: str


def operations(contract: dict[str, Any]) -> list[Operation]:
    (server,) = contract["servers"]
    return [
        Operation(method.upper(), server["url"] + re.sub(r"\{[^}]+\}", AN_ID, path))
        for path, item in contract["paths"].items()
        for method in item
        if method in HTTP_METHODS
    ]


def unserved(config: Config, wanted: Iterable[Operation]) -> list[str]:
    """Operations that no route takes, that two take with equal right, or that reach the service as another path."""
    routes = {route.name: (service, route) for service, route in config.routes}
    router = Router([route for _, route in config.routes])
    found = []
    for operation in wanted:
        matches = router.matches(operation.method, normalise(operation.path))
        if not matches or sum(match.pattern.startswith("~") for match in matches) > 1:
            found.append(f"{operation.method} {operation.path} has {len(matches)} routes")
            continue
        service, _ = routes[matches[0].route.name]
        asked = upstream_path(_path_of(service), matches[0].postfix, operation.path)
        if asked != operation.path.removeprefix("/v1"):
            found.append(f"{operation.method} {operation.path} becomes {asked}")
    return found


def unwanted(config: Config, wanted: Iterable[Operation]) -> list[str]:
    """Methods of paths in kong.yml by which no operation of the contract comes in."""
    router = Router([route for _, route in config.routes])
    used = set()
    for operation in wanted:
        match = router.match(operation.method, normalise(operation.path))
        if match:
            used.add((match.pattern, operation.method))
    used |= {(path, "HEAD") for path, method in used if method == "GET"}
    offered = {(path, method) for _, route in config.routes for path in route.paths for method in route.methods}
    return sorted(f"{method} {path}" for path, method in offered - used if method != "OPTIONS")


def unguarded(config: Config) -> list[str]:
    """Routes without a token check, a rate limit, a size limit or our plugin."""
    needed = {"jwt", "rate-limiting", "request-size-limiting", "learning-platform"}
    return [route.name for service, route in config.routes if needed - config.plugins_of(service, route).keys()]


def _path_of(service: Service) -> str:
    return "/" + service.url.split("/", 3)[3]


@pytest.fixture(scope="module")
def wanted() -> list[Operation]:
    found = operations(yaml.safe_load(CONTRACT.read_text(encoding="utf-8")))
    assert len(found) >= 12  # the guide's operations of documents and quiz: an empty contract proves nothing
    return found


@pytest.fixture(scope="module")
def config() -> Config:
    return parse(TEXT)


def test_every_operation_of_the_contract_has_exactly_one_route(config: Config, wanted: list[Operation]) -> None:
    assert unserved(config, wanted) == []


def test_no_route_lets_in_what_the_contract_does_not_have(config: Config, wanted: list[Operation]) -> None:
    assert unwanted(config, wanted) == []


def test_every_route_asks_for_a_token_and_has_limits(config: Config) -> None:
    assert unguarded(config) == []


def test_an_operation_without_a_route_is_noticed(config: Config, wanted: list[Operation]) -> None:
    assert unserved(config, [*wanted, Operation("PUT", "/v1/api/documents")]) == ["PUT /v1/api/documents has 0 routes"]


def test_an_operation_that_reaches_the_wrong_path_is_noticed(wanted: list[Operation]) -> None:
    moved = parse(TEXT.replace("/api/documents/upload\n", "/api/documents\n"))

    assert unserved(moved, wanted) == ["POST /v1/api/documents/upload becomes /api/documents"]


def test_a_route_beyond_the_contract_is_noticed(config: Config, wanted: list[Operation]) -> None:
    without_deletion = [operation for operation in wanted if operation.method != "DELETE"]

    assert unwanted(config, without_deletion) == ["DELETE /v1/api/documents/", "DELETE /v1/api/quiz/"]


def test_a_route_without_a_token_is_noticed(config: Config) -> None:
    bare = Route("bare", ("/x/",), ("GET",))
    open_file = Config("3.0", (Service("s", "http://h/", (bare,)),), (), ())

    assert unguarded(open_file) == ["bare"]
