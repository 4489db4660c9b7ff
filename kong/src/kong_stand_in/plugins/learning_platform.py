"""Python twin of plugins/learning-platform/handler.lua; one suite of cases (tests/plugin) holds both to the same."""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from multidict import CIMultiDict

MAX_HEADERS = 1000
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,128}", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_BEARER = re.compile(r"[Bb]earer\s+(.+)")
_IDENTITY_PREFIXES = ("x-user-", "x-consumer-", "x-credential-", "x-anonymous-")

_PROBLEMS: Mapping[int, tuple[str, str, str]] = {
    400: (
        "bad-request",
        "The request cannot be understood",
        "The request line or a header is malformed or given twice.",
    ),
    401: (
        "unauthenticated",
        "A valid bearer token is required",
        "Send a valid, unexpired token as 'Authorization: Bearer <token>'.",
    ),
    403: ("forbidden", "The request is not allowed", "The token does not give access to this."),
    404: ("not-found", "Not found", "No operation of the API has this method and path."),
    405: ("method-not-allowed", "The method is not allowed here", "Use a method that the API documents for this path."),
    408: ("request-timeout", "The request took too long to arrive", "Send the whole request without long pauses."),
    411: ("length-required", "A Content-Length is required", "Send the size of the body in Content-Length."),
    413: ("payload-too-large", "The request body is too large", "Send a smaller body."),
    414: ("uri-too-long", "The request's address is too long", "Send a shorter path or query."),
    417: (
        "expectation-failed",
        "The request body is too large",
        "Send a smaller body; this one was refused before it was sent.",
    ),
    426: ("upgrade-required", "HTTPS is required", "Send the request over HTTPS."),
    429: ("too-many-requests", "Too many requests", "Wait for the seconds given in Retry-After, then try again."),
    431: ("request-header-fields-too-large", "The request's headers are too large", "Send fewer or shorter headers."),
    500: (
        "internal-error",
        "The server failed to handle the request",
        "Try again later; quote the request_id when you report this.",
    ),
    502: ("bad-gateway", "The service behind the gateway cannot be reached", "Try again in a moment."),
    503: ("service-unavailable", "The service cannot answer at the moment", "Try again in a moment."),
    504: (
        "gateway-timeout",
        "The service behind the gateway took too long",
        "The request may still have taken effect: look before you send it again.",
    ),
}


@dataclass(frozen=True, slots=True)
class Settings:
    realm: str = "learning-platform"
    problem_urn_prefix: str = "urn:learning-platform:problem:"
    retry_after_seconds: int = 5

    def problems(self) -> list[str]:
        if not 1 <= self.retry_after_seconds <= 3600:
            return ["retry_after_seconds must be from 1 to 3600"]
        return []


def clear_identity_headers(headers: CIMultiDict[str]) -> None:
    """Removes what a client may not say about itself, in every spelling a server could read."""
    for name in set(headers):
        canonical = name.lower().replace("_", "-")
        if canonical.startswith(_IDENTITY_PREFIXES) or (canonical == "x-request-id" and "_" in name):
            headers.popall(name, None)


def choose_request_id(given: Iterable[str], generated: str) -> str:
    """The client's X-Request-Id if it is one, and only one, short plain word."""
    values = list(given)
    return values[0] if len(values) == 1 and _REQUEST_ID.fullmatch(values[0]) else generated


def bearer_token(authorization: str | None) -> str | None:
    match = _BEARER.search(authorization or "")
    return match[1] if match else None


def is_well_formed(header: object, claims: object) -> bool:
    """Whether the jwt plugin can look the key up: objects, a text `kid` in the header alone, a text `iss`."""
    return (
        isinstance(header, dict)
        and isinstance(claims, dict)
        and isinstance(header.get("kid"), str)
        and "kid" not in claims
        and isinstance(claims.get("iss"), str)
    )


def identify(claims: Mapping[str, object], custom_id: str, now: float) -> str | None:
    """The owner id that verified `claims` stand for; None if they do not say who it is, or not yet."""
    issuer, subject, not_before = claims.get("iss"), claims.get("sub"), claims.get("nbf", 0)
    if issuer != custom_id or not isinstance(subject, str) or not subject or _CONTROL.search(subject):
        return None
    if isinstance(not_before, bool) or not isinstance(not_before, int | float) or not_before > now:
        return None
    try:
        named = f"{issuer}\n{subject}".encode()
    except UnicodeEncodeError:  # half of a surrogate pair: no text
        return None
    return hashlib.sha256(named).hexdigest()[:32]


def problem(settings: Settings, status: int, raw_path: str, request_id: str) -> tuple[bytes, dict[str, str]]:
    """Body and headers of an error of the gateway's own. A status that is not listed gets its class's texts."""
    name, title, detail = _PROBLEMS.get(status) or _PROBLEMS[400 if status < 500 else 500]
    body = json.dumps(
        {
            "type": settings.problem_urn_prefix + name,
            "title": title,
            "status": status,
            "detail": detail,
            "instance": raw_path,
            "request_id": request_id,
        }
    ).encode()
    headers = {"Content-Type": "application/problem+json", "Content-Length": str(len(body))}
    if status == 401:
        headers["WWW-Authenticate"] = f'Bearer realm="{settings.realm}"'
    elif status == 503:
        headers["Retry-After"] = str(settings.retry_after_seconds)
    return body, headers
