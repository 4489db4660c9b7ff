"""Kong's router: which route a request takes, and the path the service sees.

Matching is on the normalised path; regexes come before prefixes, longer prefixes before shorter ones.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

_RESERVED = frozenset("!*'();:@&=+$,/?%#[]")
_PERCENT_ENCODED = re.compile(r"%([0-9A-Fa-f]{2})")
_NOT_IN_A_PATH = re.compile(r"[^!#$&'()*+,/:;=?@\[\]A-Za-z0-9\-_.~%]")


class Routable(Protocol):
    @property
    def paths(self) -> tuple[str, ...]: ...
    @property
    def methods(self) -> tuple[str, ...]: ...


R = TypeVar("R", bound=Routable)


@dataclass(frozen=True, slots=True)
class Match(Generic[R]):
    """`prefix` is the part of the normalised path that `pattern` took, `postfix` the rest."""

    route: R
    pattern: str
    prefix: str
    postfix: str


def normalise(raw_path: str) -> str:
    """The path that routes are compared with: decoded but for reserved characters, dots resolved, slashes merged.

    One character a byte (Latin-1), so that any byte survives the way to the service.
    """
    path = raw_path.encode("utf-8", "surrogateescape").decode("latin-1")
    path = _PERCENT_ENCODED.sub(_decode_unreserved, path)
    segments: list[str] = []
    parts = path.split("/")
    for part in parts[1:]:
        if part == "..":
            del segments[-1:]
        elif part not in ("", "."):
            segments.append(part)
    ends_with_slash = parts[-1] in ("", ".", "..")
    return "/" + "/".join(segments) + ("/" if ends_with_slash and segments else "")


def _decode_unreserved(match: re.Match[str]) -> str:
    character = chr(int(match[1], 16))
    return match[0].upper() if character in _RESERVED else character


def escape(path: str) -> str:
    """A normalised path as it can stand in a request line."""
    return _NOT_IN_A_PATH.sub(lambda match: f"%{ord(match[0]):02X}", path)


def compile_regex(path: str) -> re.Pattern[str]:
    """The regex of a path that begins with `~`. Its final `$` is the end of the path, not of a line."""
    return re.compile(path[1:].removesuffix("$") + (r"\Z" if path.endswith("$") else ""))


class Router(Generic[R]):
    def __init__(self, routes: Iterable[R]) -> None:
        self._paths: Sequence[tuple[str, re.Pattern[str] | None, R]] = sorted(
            (
                (path, compile_regex(path) if path.startswith("~") else None, route)
                for route in routes
                for path in route.paths
            ),
            key=lambda entry: (entry[1] is None, -len(entry[0])),
        )

    def match(self, method: str, path: str) -> Match[R] | None:
        """The route that a request with this method and normalised path takes; None is Kong's 404."""
        return next(iter(self.matches(method, path)), None)

    def matches(self, method: str, path: str) -> list[Match[R]]:
        """Every route that would take it, the one that does first."""
        return [
            Match(route, pattern, prefix, path[len(prefix) :])
            for pattern, regex, route in self._paths
            if method in route.methods and (prefix := _prefix(pattern, regex, path)) is not None
        ]


def _prefix(pattern: str, regex: re.Pattern[str] | None, path: str) -> str | None:
    if regex is None:
        return pattern if path.startswith(pattern) else None
    found = regex.match(path)
    return found[0] if found else None


def upstream_path(base: str, postfix: str, path: str) -> str:
    """What a service whose url has the path `base` is asked for, when `postfix` is left of `path` after stripping."""
    base = base.rstrip("/")
    if postfix:
        return escape(f"{base}/{postfix.removeprefix('/')}")
    return escape(base + "/" if path.endswith("/") and len(path) > 1 else base or "/")
