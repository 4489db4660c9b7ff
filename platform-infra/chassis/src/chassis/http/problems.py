"""One renderer for everything that goes wrong (RFC 9457, `application/problem+json`)."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import psycopg
import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Match

from chassis import context
from chassis.errors import (
    FieldError,
    InternalError,
    MalformedBody,
    MethodNotAllowed,
    NotFound,
    PayloadTooLarge,
    Problem,
    ServiceUnavailable,
    Unauthenticated,
    UnsupportedMediaType,
    ValidationFailed,
    problem_urn,
)
from chassis.storage.port import StorageUnavailable

MEDIA_TYPE = "application/problem+json"
DEFAULT_RETRY_AFTER_SECONDS = 5
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")

# A dependency that is away or overloaded (pool and lock time-outs are OperationalErrors too): the same request may
# succeed later, so this is 503 and not the 500 of a bug.
DEPENDENCY_UNAVAILABLE = (psycopg.OperationalError, StorageUnavailable)

log = structlog.get_logger(__name__)


def problem_response(problem: Problem, path: str) -> Response:
    """The reply for a problem met at `path` (without the query, which may carry what must not be repeated)."""
    document: dict[str, Any] = {
        "type": problem_urn(problem.type),
        "title": problem.title,
        "status": problem.status,
        "detail": problem.detail,
        "instance": path,
        "request_id": context.request_id.get(),
        **problem.extensions,
    }
    if problem.errors:
        document["errors"] = [{"pointer": error.pointer, "detail": error.detail} for error in problem.errors]
    return JSONResponse(document, problem.status, dict(_headers(problem)), media_type=MEDIA_TYPE)


def _headers(problem: Problem) -> Mapping[str, str]:
    headers = dict(problem.headers)
    if problem.status == Unauthenticated.status:
        headers["WWW-Authenticate"] = "Bearer"
    retry_after = problem.retry_after_seconds
    if retry_after is None and problem.status in (429, 503):
        retry_after = DEFAULT_RETRY_AFTER_SECONDS
    if retry_after is not None:
        headers["Retry-After"] = str(retry_after)
    return headers


def install_problem_handlers(app: FastAPI) -> None:
    """Render problems, validation errors and the framework's own errors; the rest is the middleware's."""

    async def on_problem(request: Request, error: Exception) -> Response:
        assert isinstance(error, Problem)
        if error.status >= 500:
            log.error("http.failed", problem=error.type, exc_info=error)
        return problem_response(error, request.url.path)

    async def on_dependency_unavailable(request: Request, error: Exception) -> Response:
        log.error("http.dependency_unavailable", exc_info=error)
        problem = ServiceUnavailable("Something this service depends on does not answer; try again.")
        return problem_response(problem, request.url.path)

    async def on_invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        return problem_response(problem_of_validation(error.errors()), request.url.path)

    async def on_framework_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        problem = problem_of_framework(error)
        if problem.status == MethodNotAllowed.status:
            problem.headers = {"Allow": ", ".join(allowed_methods(request))}
        return problem_response(problem, request.url.path)

    app.add_exception_handler(Problem, on_problem)
    for kind in DEPENDENCY_UNAVAILABLE:
        app.add_exception_handler(kind, on_dependency_unavailable)
    app.add_exception_handler(RequestValidationError, on_invalid)
    app.add_exception_handler(HTTPException, on_framework_error)


def problem_of_validation(errors: Sequence[Mapping[str, Any]]) -> Problem:
    """FastAPI's list of errors as a Problem.

    A path parameter of the wrong form is an object that cannot exist: 404, as for any other unknown id.
    """
    if errors and all(error["loc"][:1] == ("path",) for error in errors):
        return NotFound()
    if any(error["type"] == "json_invalid" for error in errors):
        return MalformedBody("The body is not valid JSON.")
    return ValidationFailed(
        "The request has fields that are not valid; see errors.",
        errors=[FieldError(_pointer(error["loc"]), str(error["msg"])) for error in errors],
    )


def _pointer(location: Sequence[str | int]) -> str:
    """A JSON pointer into the body; what is elsewhere begins with where it is (`/query/limit`)."""
    parts = location[1:] if location[:1] == ("body",) else location
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)


_FRAMEWORK_PROBLEMS: Mapping[int, type[Problem]] = {
    # FastAPI says 400 for a body it cannot decode.
    400: MalformedBody,
    401: Unauthenticated,
    404: NotFound,
    405: MethodNotAllowed,
    413: PayloadTooLarge,
    415: UnsupportedMediaType,
    503: ServiceUnavailable,
}


def problem_of_framework(error: HTTPException) -> Problem:
    """An error that routing or the framework raised. Its detail is not repeated: it may tell internals."""
    if isinstance(error.__cause__, Problem):
        # FastAPI wraps whatever goes wrong while it reads a body.
        return error.__cause__
    kind = _FRAMEWORK_PROBLEMS.get(error.status_code)
    if kind is not None:
        return kind()
    return _unnamed(error.status_code, str(error.detail)) if error.status_code < 500 else InternalError()


def allowed_methods(request: Request) -> Sequence[str]:
    """Every method that some route takes at this path; the framework names those of the first route alone."""

    def taken(method: str) -> bool:
        scope = {**request.scope, "method": method}
        return any(route.matches(scope)[0] is Match.FULL for route in request.app.routes)

    return [method for method in _METHODS if taken(method)]


def _unnamed(status: int, phrase: str) -> Problem:
    name = re.sub(r"[^a-z0-9]+", "-", phrase.lower()).strip("-")[:60] or "refused"
    kind = type("Refused", (Problem,), {"status": status, "type": name, "title": phrase})
    return kind()  # type: ignore[no-any-return]
