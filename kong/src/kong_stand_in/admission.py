"""What happens to a request before it is passed on, in the order of Kong's phases and plugin priorities."""

import time
import uuid
from dataclasses import dataclass

from multidict import CIMultiDict

from kong_stand_in.exchange import Exchange, Exit
from kong_stand_in.plan import Plan, RoutePlan
from kong_stand_in.plugins import cors, jwt, learning_platform
from kong_stand_in.routing import Match, normalise

_REQUEST_ID = "X-Request-Id"


@dataclass(frozen=True, slots=True)
class Admitted:
    """A request that may go on, by which route, and to which normalised path."""

    match: Match[RoutePlan]
    path: str


def admit(plan: Plan, exchange: Exchange) -> Admitted:
    """Decides by head alone, without reading the body. Raises Exit with the gateway's own answer."""
    headers = exchange.headers
    exchange.request_id = learning_platform.choose_request_id(headers.getall(_REQUEST_ID, ()), uuid.uuid4().hex)
    if len(headers.getall("Authorization", ())) > 1:
        raise Exit(400)
    _screen(exchange)

    path = normalise(exchange.raw_path)
    match = plan.router.match(exchange.method, path)
    if match is None:
        raise Exit(404)
    route = match.route
    exchange.service, exchange.route = route.service, route.name

    if cors.is_preflight(exchange.method, headers):
        raise Exit(200, plan.cors.preflight(headers["Origin"]))
    _authenticate(plan, exchange)
    if _content_length(headers) > route.body_limit_bytes:
        raise Exit(417 if headers.get("Expect", "").strip().lower() == "100-continue" else 413)
    exchange.response_headers.update(route.limiter.take(exchange.user_id or exchange.client_ip, time.time()))
    return Admitted(match, path)


def _screen(exchange: Exchange) -> None:
    """The rewrite phase of learning-platform."""
    headers = exchange.headers
    count = len(headers)
    learning_platform.clear_identity_headers(headers)
    headers[_REQUEST_ID] = exchange.request_id
    if count >= learning_platform.MAX_HEADERS:
        raise Exit(431)
    token = learning_platform.bearer_token(headers.get("Authorization"))
    unverified = jwt.read_unverified(token) if token is not None else None
    if unverified is not None and not learning_platform.is_well_formed(*unverified):
        raise Exit(401)


def _authenticate(plan: Plan, exchange: Exchange) -> None:
    token = learning_platform.bearer_token(exchange.headers.get("Authorization"))
    verified = jwt.verify(token, plan.jwt_settings, plan.credentials, time.time())
    exchange.user_id = learning_platform.identify(verified.claims, verified.custom_id, time.time())
    if exchange.user_id is None:
        raise Exit(401)
    exchange.headers["X-Consumer-Custom-ID"] = verified.custom_id
    exchange.headers["X-User-Id"] = exchange.user_id


def _content_length(headers: CIMultiDict[str]) -> int:
    return int(headers.get("Content-Length", 0))  # the HTTP parser lets digits alone through
