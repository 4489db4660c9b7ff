"""From what the file says to what the gateway does; refuses the traps that Kong itself would let pass."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol, TypeVar
from urllib.parse import urlsplit

from kong_stand_in.config import Config, Plugin, Route, Service
from kong_stand_in.errors import ConfigError
from kong_stand_in.plugins import cors, jwt, learning_platform, observability, rate_limiting, request_size_limiting
from kong_stand_in.records import read_record
from kong_stand_in.routing import Router, compile_regex

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class _Settings(Protocol):
    def problems(self) -> list[str]: ...


_PLUGINS: Mapping[str, type[_Settings]] = {
    "learning-platform": learning_platform.Settings,
    "correlation-id": observability.CorrelationId,
    "cors": cors.Settings,
    "jwt": jwt.Settings,
    "request-size-limiting": request_size_limiting.Settings,
    "rate-limiting": rate_limiting.Settings,
    "prometheus": observability.Prometheus,
    "file-log": observability.FileLog,
}
_EVERYWHERE = tuple(_PLUGINS)
_PER_ROUTE = ("request-size-limiting", "rate-limiting")


@dataclass(frozen=True, slots=True)
class RoutePlan:
    """One route, decided: where it goes and within which limits."""

    name: str
    service: str
    paths: tuple[str, ...]
    methods: tuple[str, ...]
    origin: str
    base_path: str
    connect_timeout_seconds: float
    read_timeout_seconds: float
    body_limit_bytes: int
    limiter: rate_limiting.RateLimiter


@dataclass(frozen=True, slots=True)
class Plan:
    router: Router[RoutePlan]
    routes: tuple[RoutePlan, ...]
    platform: learning_platform.Settings
    jwt_settings: jwt.Settings
    credentials: Mapping[str, jwt.Credential]
    cors: cors.Cors


def build(config: Config) -> Plan:
    """Raises ConfigError with a line for everything that is wrong."""
    problems = [
        *_file_problems(config),
        *_doubled_names(config),
        *(line for service in config.services for line in _service_problems(service)),
        *(line for service, route in config.routes for line in _route_problems(service, route)),
        *_shadowed_routes(config),
        *_plugin_problems(config),
    ]
    credentials = _collect(problems, lambda: jwt.read_credentials(config.consumers)) or {}
    if not config.consumers and not problems:
        problems.append("consumers: nobody's token would be accepted")
    if problems:
        raise ConfigError(problems)

    plugins = {plugin.name: plugin for plugin in config.plugins}
    limiters: dict[int, rate_limiting.RateLimiter] = {}
    routes = tuple(_route_plan(config, service, route, limiters) for service, route in config.routes)
    return Plan(
        router=Router(routes),
        routes=routes,
        platform=_settings(plugins, "learning-platform", learning_platform.Settings),
        jwt_settings=_settings(plugins, "jwt", jwt.Settings),
        credentials=credentials,
        cors=cors.Cors(_settings(plugins, "cors", cors.Settings)),
    )


T = TypeVar("T")


def _collect(problems: list[str], make: Callable[[], T]) -> T | None:
    try:
        return make()
    except ConfigError as error:
        problems += error.problems
        return None


def _settings(plugins: Mapping[str, Plugin], name: str, cls: type[T]) -> T:
    return read_record(cls, plugins[name].config, name)


def _route_plan(
    config: Config, service: Service, route: Route, limiters: dict[int, rate_limiting.RateLimiter]
) -> RoutePlan:
    plugins = config.plugins_of(service, route)
    url = urlsplit(service.url)
    limiter = limiters.setdefault(  # one set of counters for each instance in the file
        id(plugins["rate-limiting"]),
        rate_limiting.RateLimiter(_settings(plugins, "rate-limiting", rate_limiting.Settings)),
    )
    return RoutePlan(
        name=route.name,
        service=service.name,
        paths=route.paths,
        methods=route.methods,
        origin=f"{url.scheme}://{url.netloc}",
        base_path=url.path,
        connect_timeout_seconds=service.connect_timeout / 1000,
        read_timeout_seconds=service.read_timeout / 1000,
        body_limit_bytes=_settings(plugins, "request-size-limiting", request_size_limiting.Settings).limit_bytes,
        limiter=limiter,
    )


def _file_problems(config: Config) -> Iterator[str]:
    if config._format_version != "3.0":
        yield f"_format_version: must be '3.0', not {config._format_version!r}"
    given = {plugin.name for plugin in config.plugins}
    for name in _EVERYWHERE:
        if name not in given:
            yield f"plugins: {name} is missing; it must be global, so that every route has it"


def _doubled_names(config: Config) -> Iterator[str]:
    for kind, names in (
        ("service", [service.name for service in config.services]),
        ("route", [route.name for _, route in config.routes]),
        ("global plugin", [plugin.name for plugin in config.plugins]),
        ("consumer", [consumer.username for consumer in config.consumers]),
        ("custom_id", [consumer.custom_id for consumer in config.consumers]),
    ):
        yield from (
            f"the {kind} {name!r} stands in the file twice" for name, count in Counter(names).items() if count > 1
        )


def _service_problems(service: Service) -> Iterator[str]:
    where = f"service {service.name}"
    try:
        url = urlsplit(service.url)
        has_address = bool(url.hostname) and (url.port is None or url.port > 0)
    except ValueError:
        has_address = False
    if not has_address or url.scheme != "http" or url.query or url.fragment or url.username:
        yield f"{where}: the url must be http://HOST[:PORT]/PATH, not {service.url!r}"
    if service.retries != 0:
        yield f"{where}: retries must be 0; Kong would repeat a POST after a failed connection"
    if min(service.connect_timeout, service.read_timeout) < 1:
        yield f"{where}: time-outs are milliseconds above 0"
    if not service.routes:
        yield f"{where}: has no route"


def _route_problems(service: Service, route: Route) -> Iterator[str]:
    where = f"route {route.name}"
    unknown = sorted(set(route.methods) - _METHODS)
    if not route.methods or unknown:
        yield f"{where}: methods must be listed, from {', '.join(sorted(_METHODS))}"
    if not route.paths:
        yield f"{where}: has no path"
    if not route.strip_path:
        yield f"{where}: strip_path must be true; the service does not know /v1"
    if route.request_buffering or route.response_buffering:
        yield f"{where}: request_buffering and response_buffering must be false; the stand-in always streams"
    for path in route.paths:
        yield from (f"{where}: the path {path!r} {what}" for what in _path_problems(path))
    if len(route.plugins) + len(service.plugins) != len({plugin.name for plugin in (*route.plugins, *service.plugins)}):
        yield f"{where}: a plugin stands here twice, on the route or on its service"


def _path_problems(path: str) -> Iterator[str]:
    if not path.startswith("~"):
        if not path.startswith("/") or not path.endswith("/"):
            yield "must begin and end with a slash: Kong's prefixes do not end at segments"
        return
    if not path.startswith("~/") or not path.endswith("$"):
        yield "must begin with ~/ and end with $: Kong anchors a regex at its beginning alone"
    if re.search(r"\(\?[=!<]", path):
        yield "has a lookaround, which Kong refuses"
    try:
        compile_regex(path)
    except re.error as error:
        yield f"is no valid regex: {error}"


def _shadowed_routes(config: Config) -> Iterator[str]:
    taken: dict[tuple[str, str], str] = {}
    for _, route in config.routes:
        for key in ((path, method) for path in route.paths for method in route.methods):
            if key in taken:
                yield f"route {route.name}: {key[1]} {key[0]} belongs to the route {taken[key]} already"
            taken[key] = route.name
    reachable = {path for path, method in taken if method == "OPTIONS"}
    for path, _ in taken:
        if path not in reachable:
            reachable.add(path)
            yield f"no route takes OPTIONS {path}: a browser's preflight would be a 404"


def _plugin_problems(config: Config) -> Iterator[str]:
    places = [
        *(("plugins", plugin, False) for plugin in config.plugins),
        *((f"service {service.name}", plugin, True) for service in config.services for plugin in service.plugins),
        *((f"route {route.name}", plugin, True) for _, route in config.routes for plugin in route.plugins),
    ]
    for place, plugin, is_specific in places:
        where = f"{place}: {plugin.name}"
        if plugin.name not in _PLUGINS:
            yield f"{where} is not implemented by the stand-in"
            continue
        if is_specific and plugin.name not in _PER_ROUTE:
            yield f"{where} must be global alone: an instance here would replace the global one as a whole"
        try:
            yield from (
                f"{where}: {line}" for line in read_record(_PLUGINS[plugin.name], plugin.config, where).problems()
            )
        except ConfigError as error:
            yield from error.problems
