"""The cors plugin: preflights answered before any other check, allowed origins named to the browser."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

_PLAIN_ORIGIN = re.compile(r"[A-Za-z0-9.:/-]+")
_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Settings:
    origins: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    exposed_headers: tuple[str, ...] = ()
    credentials: bool = False
    max_age: int | None = None

    def problems(self) -> list[str]:
        found = []
        if not self.origins or "*" in self.origins:
            found.append("origins must name who may call; none, or *, is everybody")
        if len(self.origins) == 1 and _PLAIN_ORIGIN.fullmatch(self.origins[0]):
            found.append("origins with exactly one plain entry is sent to every site: list two, or use a pattern")
        if not self.methods or not self.headers:
            found.append("methods and headers must be listed; left out, Kong allows all")
        for origin in self.origins:
            try:
                re.compile(origin)
            except re.error as error:
                found.append(f"the origin {origin!r} is no valid pattern: {error}")
        return found


def is_preflight(method: str, headers: Mapping[str, str]) -> bool:
    return method == "OPTIONS" and "Origin" in headers and "Access-Control-Request-Method" in headers


class Cors:
    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def preflight(self, origin: str) -> dict[str, str]:
        """Headers of the answer to a preflight: those of a stranger lack Access-Control-Allow-Origin."""
        headers = {
            **self._origin_headers(origin),
            "Access-Control-Allow-Headers": ",".join(self._settings.headers),
            "Access-Control-Allow-Methods": ",".join(self._settings.methods),
        }
        if self._settings.max_age is not None:
            headers["Access-Control-Max-Age"] = str(self._settings.max_age)
        return headers

    def on_response(self, origin: str | None) -> dict[str, str]:
        """What is added to an answer to `origin`; nothing where the request names none."""
        if origin is None:
            return {}
        headers = self._origin_headers(origin)
        if self._settings.exposed_headers:
            headers["Access-Control-Expose-Headers"] = ",".join(self._settings.exposed_headers)
        return headers

    def _origin_headers(self, origin: str) -> dict[str, str]:
        headers = {"Vary": "Origin"}
        normalised = _normalise(origin)
        if any(_allows(entry, normalised) for entry in self._settings.origins):
            headers["Access-Control-Allow-Origin"] = normalised
        if self._settings.credentials:
            headers["Access-Control-Allow-Credentials"] = "true"
        return headers


def _normalise(origin: str) -> str:
    """Without the port that the scheme implies, as Kong compares and echoes it."""
    try:
        parts = urlsplit(origin)
        port = parts.port
    except ValueError:
        return origin
    if not parts.hostname:
        return origin
    return f"{parts.scheme}://{parts.hostname}" + (
        f":{port}" if port and port != _DEFAULT_PORTS.get(parts.scheme) else ""
    )


def _allows(entry: str, origin: str) -> bool:
    """A pattern without a colon is compared with the host alone; both ends are anchored."""
    if _PLAIN_ORIGIN.fullmatch(entry):
        return _normalise(entry) == origin
    subject = origin if ":" in entry else (urlsplit(origin).hostname or origin)
    return re.fullmatch(entry.removeprefix("^").removesuffix("$"), subject) is not None
