"""What happens to a request before it is passed on, in the order of Kong's phases and plugin priorities."""

import time
from dataclasses import dataclass

from multidict import CIMultiDict

from kong_stand_in.exchange import Exchange, Exit
from kong_stand_in.plan import Plan, RoutePlan
from kong_stand_in.plugins import cors, jwt, learning_platform
from kong_stand_in.routing import Match, normalise


@dataclass(frozen=True, slots=True)
class Admitted:
    """A request that may go on, by which route, and to which normalised path."""

    match: Match[RoutePlan]
    path: str


def admit(plan: Plan, exchange: Exchange) -> Admitted:
    """Decides by the head alone, without reading the body. Raises Exit with the gateway's own answer."""
    headers = exchange.headers
    if len(headers.getall("Authorization", ())) > 1:  # nginx refuses it before any plugin runs
        raise Exit(400)
    learning_platform.rewrite(exchange)

    path = normalise(exchange.raw_path)
    match = plan.router.match(exchange.method, path)
    if match is None:
        raise Exit(404)
    route = match.route
    exchange.service, exchange.route = route.service, route.name

    if cors.is_preflight(exchange.method, headers):
        raise Exit(200, plan.cors.preflight(headers["Origin"]))
    now = time.time()
    verified = jwt.verify(learning_platform.bearer_token(headers), plan.jwt_settings, plan.credentials, now)
    headers["X-Consumer-Custom-ID"] = verified.custom_id
    learning_platform.access(exchange, verified, now)
    if _content_length(headers) > route.body_limit_bytes:
        raise Exit(417 if headers.get("Expect", "").strip().lower() == "100-continue" else 413)
    exchange.response_headers.update(route.limiter.take(exchange.user_id or exchange.client_ip, now))
    return Admitted(match, path)


def _content_length(headers: CIMultiDict[str]) -> int:
    return int(headers.get("Content-Length", 0))  # the HTTP parser lets digits alone through
