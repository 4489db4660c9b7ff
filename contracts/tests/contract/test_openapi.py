"""The public HTTP API is valid, complete and shows a true example of everything."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest
import yaml
from openapi_schema_validator import OAS30Validator
from openapi_spec_validator import OpenAPIV30SpecValidator

from learning_contracts.folder import contracts_folder

Document = dict[str, Any]
METHODS = ("get", "post", "put", "patch", "delete")
SCOPES = {"documents:read", "documents:write", "quiz:read", "quiz:write"}


@pytest.fixture(scope="module")
def api() -> Document:
    document: Document = yaml.safe_load((contracts_folder() / "openapi.yaml").read_text(encoding="utf-8"))
    return document


def operations(api: Document) -> Iterator[tuple[str, Document]]:
    for path, item in api["paths"].items():
        for method in METHODS:
            if method in item:
                yield f"{method.upper()} {path}", {**item[method], "parameters": _parameters(api, item, item[method])}


def _parameters(api: Document, item: Document, operation: Document) -> list[Document]:
    return [resolve(api, one) for one in [*item.get("parameters", ()), *operation.get("parameters", ())]]


def resolve(api: Document, node: Any) -> Any:
    """The node itself, or what its `$ref` points at."""
    if not (isinstance(node, dict) and "$ref" in node):
        return node
    found: Any = api
    for part in node["$ref"].removeprefix("#/").split("/"):
        found = found[part]
    return resolve(api, found)


def bodies(api: Document) -> Iterator[tuple[str, Document]]:
    """Every request and reply body: where it is, and its media type object."""
    for name, operation in operations(api):
        if "requestBody" in operation:
            for media_type, body in operation["requestBody"]["content"].items():
                yield f"{name} request {media_type}", body
        for status, response in operation["responses"].items():
            for media_type, body in resolve(api, response).get("content", {}).items():
                yield f"{name} {status} {media_type}", body


def examples(api: Document, node: Document) -> list[Any]:
    if "example" in node:
        return [node["example"]]
    return [resolve(api, one)["value"] for one in node.get("examples", {}).values()]


def false_examples(api: Document) -> Iterator[str]:
    """Every example that its schema refuses."""
    parameters = [
        (f"{name} {one['name']}", one) for name, operation in operations(api) for one in operation["parameters"]
    ]
    headers = [(f"header {name}", header) for name, header in api["components"]["headers"].items()]
    for where, node in [*bodies(api), *parameters, *headers]:
        schema = {"allOf": [node["schema"]], "components": api["components"]}
        validator = OAS30Validator(schema, format_checker=OAS30Validator.FORMAT_CHECKER)
        for example in examples(api, node):
            for error in validator.iter_errors(example):
                yield f"{where}: {error.json_path}: {error.message}"


def gaps(api: Document) -> Iterator[str]:
    """Everything that an operation should say and does not."""
    for name, operation in operations(api):
        for field in ("operationId", "summary", "tags"):
            if not operation.get(field):
                yield f"{name}: no {field}"
        if operation.get("security") != [{"bearer": []}]:
            yield f"{name}: no bearer token"
        if not operation.get("x-required-scopes") or not set(operation["x-required-scopes"]) <= SCOPES:
            yield f"{name}: no known scope"
        expected = {"401", "403", "429", "503", "5XX"}
        if "{" in name:
            expected.add("404")
        if "requestBody" in operation or any(one["in"] == "query" for one in operation["parameters"]):
            expected.add("422")
        yield from (f"{name}: no answer {status}" for status in sorted(expected - operation["responses"].keys()))
        for status, response in operation["responses"].items():
            yield from (f"{name} {status}: {gap}" for gap in _reply_gaps(api, status, resolve(api, response)))
        if name.startswith("POST") and "Idempotency-Key" not in {one["name"] for one in operation["parameters"]}:
            yield f"{name}: no Idempotency-Key"
    for where, node in bodies(api):
        if not examples(api, node):
            yield f"{where}: no example"


def _reply_gaps(api: Document, status: str, response: Document) -> Iterator[str]:
    headers = {name: resolve(api, header) for name, header in response.get("headers", {}).items()}
    required = {name for name, header in headers.items() if header.get("required")}
    expected = {"X-Request-Id"}
    if status in ("429", "503"):
        expected.add("Retry-After")
    if status == "401":
        expected.add("WWW-Authenticate")
    if status == "202":
        expected.add("Location")
    yield from (f"does not require the header {name}" for name in sorted(expected - required))
    if status[0] in "45" and list(response["content"]) != ["application/problem+json"]:
        yield "is no problem document"
    if status not in ("204", "304") and not response.get("content"):
        yield "has no content"


def test_the_api_is_valid_openapi_3_0_3(api: Document) -> None:
    assert api["openapi"] == "3.0.3"
    assert [error.message for error in OpenAPIV30SpecValidator(api).iter_errors()] == []


def test_every_example_keeps_to_its_schema(api: Document) -> None:
    assert list(false_examples(api)) == []


def test_every_operation_says_who_may_call_it_and_what_it_answers(api: Document) -> None:
    assert list(gaps(api)) == []


def test_operation_ids_are_unique(api: Document) -> None:
    ids = [operation["operationId"] for _, operation in operations(api)]
    assert len(ids) == len(set(ids))


def test_every_component_is_used(api: Document) -> None:
    text = (contracts_folder() / "openapi.yaml").read_text(encoding="utf-8")
    unused = [
        f"{kind}/{name}"
        for kind, group in api["components"].items()
        for name in group
        if kind != "securitySchemes" and f"'#/components/{kind}/{name}'" not in text
    ]
    assert unused == []


def test_request_bodies_refuse_unknown_fields_and_replies_allow_them(api: Document) -> None:
    for name, operation in operations(api):
        for body in operation.get("requestBody", {}).get("content", {}).values():
            assert resolve(api, body["schema"])["additionalProperties"] is False, name
        for response in operation["responses"].values():
            for body in resolve(api, response).get("content", {}).values():
                assert "additionalProperties" not in resolve(api, body["schema"]), name


def test_the_routes_that_the_assignment_asks_for_are_there(api: Document) -> None:
    assert {name for name, _ in operations(api)} >= {
        "POST /api/documents/upload",
        "GET /api/documents/{document_id}",
        "GET /api/documents/{document_id}/notes",
        "POST /api/documents/{document_id}/regenerate-notes",
        "GET /api/documents",
        "DELETE /api/documents/{document_id}",
        "POST /api/quiz/generate",
        "GET /api/quiz/{quiz_id}",
        "POST /api/quiz/{quiz_id}/submit",
        "GET /api/quiz/{quiz_id}/results",
        "GET /api/quiz/history",
        "DELETE /api/quiz/{quiz_id}",
    }


@pytest.mark.parametrize(
    ("keys", "complaint"),
    [
        (("operationId",), "GET /api/quiz/history: no operationId"),
        (("tags",), "GET /api/quiz/history: no tags"),
        (("security",), "GET /api/quiz/history: no bearer token"),
        (("x-required-scopes",), "GET /api/quiz/history: no known scope"),
        (("responses", "429"), "GET /api/quiz/history: no answer 429"),
        (
            ("responses", "200", "headers", "X-Request-Id"),
            "GET /api/quiz/history 200: does not require the header X-Request-Id",
        ),
        (
            ("responses", "200", "content", "application/json", "example"),
            "GET /api/quiz/history 200 application/json: no example",
        ),
    ],
)
def test_what_an_operation_leaves_out_is_reported(api: Document, keys: tuple[str, ...], complaint: str) -> None:
    broken = deepcopy(api)
    node = broken["paths"]["/api/quiz/history"]["get"]
    for key in keys[:-1]:
        node = node[key]
    del node[keys[-1]]
    assert complaint in list(gaps(broken))


def test_an_example_that_breaks_its_schema_is_reported(api: Document) -> None:
    broken = deepcopy(api)
    broken["components"]["examples"]["Attempt"]["value"]["results"][0]["score"] = "two"
    assert any("POST /api/quiz/{quiz_id}/submit 200" in complaint for complaint in false_examples(broken))
