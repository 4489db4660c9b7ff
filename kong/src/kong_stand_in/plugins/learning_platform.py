"""Python twin of plugins/learning-platform/handler.lua; one suite of cases (tests/plugin) holds both to the same."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from multidict import CIMultiDict

from kong_stand_in.exchange import Exchange, Exit
from kong_stand_in.plugins import jwt

_MAX_HEADERS = 1000
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
        "payload-too-large",
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


def rewrite(exchange: Exchange) -> None:
    """Before anything else: cleans the headers; raises Exit(401) for a token the jwt plugin would stumble on."""
    headers = exchange.headers
    header_count = len(headers)
    _clear_identity_headers(headers)
    given = headers.getall("X-Request-Id", [])
    if len(given) == 1 and _REQUEST_ID.fullmatch(given[0]):
        exchange.request_id = given[0]
    headers["X-Request-Id"] = exchange.request_id
    if header_count >= _MAX_HEADERS:
        raise Exit(431)
    token = bearer_token(headers)
    if token is not None and _would_break_jwt(token):
        raise Exit(401)


def access(exchange: Exchange, verified: jwt.Verified, now: float) -> None:
    """After jwt: names the user to the service. Raises Exit(401) if the claims do not say who it is, or not yet."""
    user_id = _identify(verified, now)
    if user_id is None:
        raise Exit(401)
    exchange.user_id = user_id
    exchange.headers["X-User-Id"] = user_id


def bearer_token(headers: CIMultiDict[str]) -> str | None:
    match = _BEARER.search(headers.get("Authorization", ""))
    return match[1] if match else None


def _clear_identity_headers(headers: CIMultiDict[str]) -> None:
    """In every spelling that a server could read."""
    for name in set(headers):
        canonical = name.lower().replace("_", "-")
        if canonical.startswith(_IDENTITY_PREFIXES) or (canonical == "x-request-id" and "_" in name):
            headers.popall(name, None)


def _would_break_jwt(token: str) -> bool:
    """Not so for what is no JSON at all, which the jwt plugin refuses itself."""
    unverified = jwt.read_unverified(token)
    if unverified is None:
        return False
    header, claims = unverified
    if not isinstance(header, dict) or not isinstance(claims, dict):
        return True
    return not isinstance(header.get("kid"), str) or "kid" in claims or not isinstance(claims.get("iss"), str)


def _identify(verified: jwt.Verified, now: float) -> str | None:
    issuer, subject = verified.claims.get("iss"), verified.claims.get("sub")
    if issuer != verified.custom_id or not isinstance(subject, str) or not subject or _CONTROL.search(subject):
        return None
    not_before = verified.claims.get("nbf", 0)
    if isinstance(not_before, bool) or not isinstance(not_before, int | float) or not_before > now:
        return None
    return hashlib.sha256(f"{issuer}\n{subject}".encode()).hexdigest()[:32]


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
