"""kong.yml as data: what the file says, before anything is decided about it."""

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from kong_stand_in.errors import ConfigError
from kong_stand_in.records import read_record


@dataclass(frozen=True, slots=True)
class Plugin:
    name: str
    config: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Route:
    name: str
    paths: tuple[str, ...]
    methods: tuple[str, ...]
    strip_path: bool = True
    request_buffering: bool = True
    response_buffering: bool = True
    plugins: tuple[Plugin, ...] = ()


@dataclass(frozen=True, slots=True)
class Service:
    """Times in milliseconds. The defaults are Kong's."""

    name: str
    url: str
    routes: tuple[Route, ...]
    retries: int = 5
    connect_timeout: int = 60_000
    read_timeout: int = 60_000
    plugins: tuple[Plugin, ...] = ()


@dataclass(frozen=True, slots=True)
class JwtSecret:
    key: str
    algorithm: str
    rsa_public_key: str


@dataclass(frozen=True, slots=True)
class Consumer:
    username: str
    custom_id: str
    jwt_secrets: tuple[JwtSecret, ...]


@dataclass(frozen=True, slots=True)
class Config:
    _format_version: str
    services: tuple[Service, ...]
    consumers: tuple[Consumer, ...]
    plugins: tuple[Plugin, ...]

    @property
    def routes(self) -> Iterator[tuple[Service, Route]]:
        return ((service, route) for service in self.services for route in service.routes)

    def plugins_of(self, service: Service, route: Route) -> Mapping[str, Plugin]:
        """What runs on a route: of two instances of a plugin the most specific one, as a whole."""
        instances = (*self.plugins, *service.plugins, *route.plugins)
        return {plugin.name: plugin for plugin in instances}


class _StrictLoader(yaml.SafeLoader):
    """YAML lets a doubled key pass and keeps the last: here it is an error."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, object]:
        seen: set[object] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                raise ConfigError([f"line {key_node.start_mark.line + 1}: the key {key!r} stands here twice"])
            seen.add(key)
        return super().construct_mapping(node, deep)


def load(path: Path) -> Config:
    """The rendered file at `path`. Raises ConfigError; OSError if it cannot be read."""
    return parse(path.read_text(encoding="utf-8"))


def parse(text: str) -> Config:
    try:
        document = yaml.load(text, _StrictLoader)  # noqa: S506 - a SafeLoader
    except yaml.YAMLError as error:
        raise ConfigError([f"not YAML: {' '.join(str(error).split())}"]) from None
    left_over = [
        f"{where}: the placeholder in {text!r} was not rendered" for where, text in _placeholders(document, "file")
    ]
    if left_over:
        raise ConfigError(left_over)
    return read_record(Config, document, "file")


def _placeholders(value: object, where: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str) and "${" in value:
        yield where, value.strip()
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _placeholders(item, f"{where}.{key}")
    elif isinstance(value, list):
        for at, item in enumerate(value):
            yield from _placeholders(item, f"{where}[{at}]")
