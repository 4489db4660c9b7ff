"""What can go wrong, by name: raised anywhere, rendered once at the edge (RFC 9457).

Standard library only, so that a service's `domain/errors.py` may subclass it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

PROBLEM_URN_PREFIX = "urn:learning-platform:problem:"


def problem_urn(name: str) -> str:
    """The stable `type` of a problem: `quiz-not-ready` → `urn:learning-platform:problem:quiz-not-ready`."""
    return PROBLEM_URN_PREFIX + name


@dataclass(frozen=True, slots=True)
class FieldError:
    """One invalid field: a JSON pointer (RFC 6901) into the request and what is wrong with it."""

    pointer: str
    detail: str


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something failed, in the form that job status documents and events carry."""

    type: str
    title: str
    detail: str

    def to_dict(self) -> dict[str, str]:
        return {"type": self.type, "title": self.title, "detail": self.detail}


class Problem(Exception):
    """A failure with a name. Subclasses set the three class attributes; `detail` tells this one occurrence.

    `headers` go on the reply; `extensions` are further JSON-ready members of the problem document.
    """

    status: ClassVar[int] = 500
    type: ClassVar[str] = "internal-error"
    title: ClassVar[str] = "The server failed to handle the request"

    def __init__(
        self,
        detail: str = "",
        *,
        retry_after_seconds: int | None = None,
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
        **extensions: Any,
    ) -> None:
        super().__init__(detail or self.title)
        self.detail = detail or self.title
        self.retry_after_seconds = retry_after_seconds
        self.errors = tuple(errors)
        self.headers: Mapping[str, str] = headers or {}
        self.extensions: Mapping[str, Any] = extensions

    def reason(self) -> Reason:
        return Reason(problem_urn(self.type), self.title, self.detail)


class Unauthenticated(Problem):
    status = 401
    type = "unauthenticated"
    title = "A valid bearer token is required"


class InsufficientScope(Problem):
    status = 403
    type = "insufficient-scope"
    title = "The token does not carry the scope this needs"


class NotFound(Problem):
    status = 404
    type = "not-found"
    title = "Not found"


class MethodNotAllowed(Problem):
    status = 405
    type = "method-not-allowed"
    title = "The method is not allowed here"


class NotAcceptable(Problem):
    status = 406
    type = "not-acceptable"
    title = "None of the accepted media types can be produced"


class Conflict(Problem):
    status = 409
    type = "conflict"
    title = "The request conflicts with the current state"


class RequestInProgress(Conflict):
    type = "request-in-progress"
    title = "The first request with this Idempotency-Key is still running"


class PayloadTooLarge(Problem):
    status = 413
    type = "payload-too-large"
    title = "The request body is too large"


class UnsupportedMediaType(Problem):
    status = 415
    type = "unsupported-media-type"
    title = "The media type is not supported"


class RangeNotSatisfiable(Problem):
    status = 416
    type = "range-not-satisfiable"
    title = "The requested range lies outside the file"


class ValidationFailed(Problem):
    status = 422
    type = "validation-failed"
    title = "The request is not valid"


class MalformedBody(ValidationFailed):
    """Not JSON, or not multipart, at all: there are no fields to point at."""

    type = "malformed-body"
    title = "The request body cannot be read"


class EmptyFile(ValidationFailed):
    type = "empty-file"
    title = "A file with content is required"


class IdempotencyKeyReused(ValidationFailed):
    type = "idempotency-key-reused"
    title = "The Idempotency-Key was used for a different request"


class InternalError(Problem):
    """What an unexpected exception is shown as; its message stays in the log."""


class ServiceUnavailable(Problem):
    status = 503
    type = "service-unavailable"
    title = "The service cannot answer at the moment"
