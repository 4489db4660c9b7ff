"""Where the public keys come from: one PEM, a JWKS file or a JWKS address. Keys rotate while the service runs."""

import asyncio
import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

import httpx
import jwt
import structlog
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from chassis.errors import ServiceUnavailable
from chassis.settings import AuthSettings

_MINIMUM_BITS = 2048
_FETCH_TIMEOUT_SECONDS = 5.0
_FLOOR_WITHOUT_KEYS_SECONDS = 1.0

log = structlog.get_logger(__name__)

Keys = Mapping[str | None, RSAPublicKey]


class KeySource(Protocol):
    async def key(self, kid: str | None) -> RSAPublicKey:
        """The key named by a token's header. Raises jwt.InvalidTokenError if there is none."""
        ...

    async def close(self) -> None: ...


def key_source(settings: AuthSettings) -> KeySource:
    """The source the settings name."""
    if settings.jwt_jwks_url:
        return JwksAddress(settings.jwt_jwks_url)
    if settings.jwt_jwks_file:
        return JwksFile(Path(settings.jwt_jwks_file))
    return SingleKey(settings.jwt_public_key or "")


def parse_jwks(document: Any) -> Keys:
    """The usable signing keys of a JWKS document by kid. Raises ValueError when there is none.

    What this platform cannot use (other key types, encryption keys, short keys) is passed over, as RFC 7517 asks.
    """
    entries = document.get("keys") if isinstance(document, dict) else None
    keys = {entry.get("kid"): key for entry in entries or () if (key := _usable_key(entry)) is not None}
    if not keys:
        raise ValueError("the JWKS has no usable RSA signing key")
    return keys


def _usable_key(entry: Any) -> RSAPublicKey | None:
    if not isinstance(entry, dict) or entry.get("kty") != "RSA" or entry.get("use", "sig") != "sig":
        return None
    if entry.get("alg", "RS256") != "RS256":
        return None
    try:
        # Only the public members: a private key published by mistake must not be taken for one.
        key = jwt.PyJWK({name: entry[name] for name in ("kty", "n", "e")}, algorithm="RS256").key
    except (jwt.PyJWTError, KeyError, ValueError, TypeError):
        return None
    return key if isinstance(key, RSAPublicKey) and key.key_size >= _MINIMUM_BITS else None


def _pick(keys: Keys, kid: str | None) -> RSAPublicKey:
    """By name; a token without one is served where there is no choice."""
    if kid is None and len(keys) == 1:
        return next(iter(keys.values()))
    if kid not in keys:
        raise jwt.InvalidTokenError("unknown key")
    return keys[kid]


class SingleKey:
    """One PEM: every token is checked against it, whatever kid it names."""

    def __init__(self, pem: str) -> None:
        # Environment variables often carry the line ends as the two characters \n.
        key = load_pem_public_key(pem.replace("\\n", "\n").encode())
        if not isinstance(key, RSAPublicKey) or key.key_size < _MINIMUM_BITS:
            raise ValueError(f"JWT_PUBLIC_KEY is not an RSA public key of at least {_MINIMUM_BITS} bits")
        self._key = key

    async def key(self, kid: str | None) -> RSAPublicKey:  # noqa: ARG002 - the protocol's signature
        return self._key

    async def close(self) -> None:
        pass


class JwksFile:
    """A JWKS file, read again when it changes; a change that cannot be read keeps the keys there were."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._version: tuple[int, int, int] | None = None
        self._keys: Keys = {}
        self._read_if_changed()
        if not self._keys:
            raise ValueError(f"JWT_JWKS_FILE {path} has no usable keys")

    async def key(self, kid: str | None) -> RSAPublicKey:
        self._read_if_changed()
        return _pick(self._keys, kid)

    async def close(self) -> None:
        pass

    def _read_if_changed(self) -> None:
        try:
            stat = self._path.stat()
            version = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
            if version == self._version:
                return
            self._version = version
            self._keys = parse_jwks(json.loads(self._path.read_text()))
        except (OSError, ValueError) as error:
            log.warning("jwks.file_unreadable", path=str(self._path), error=str(error))


class JwksAddress:
    """A JWKS address: cached, fetched again when old or when a token names an unknown key.

    Fetches are at least `floor_seconds` apart, so made-up key names cannot make this service hammer the issuer;
    a failed fetch keeps the keys there were.
    """

    def __init__(
        self,
        url: str,
        *,
        client: httpx.AsyncClient | None = None,
        max_age_seconds: float = 3600.0,
        floor_seconds: float = 30.0,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._url = url
        self._client = client or httpx.AsyncClient(timeout=_FETCH_TIMEOUT_SECONDS)
        self._max_age = max_age_seconds
        self._floor = floor_seconds
        self._now = monotonic
        self._keys: Keys = {}
        self._fetched_at = float("-inf")
        self._tried_at = float("-inf")
        self._lock = asyncio.Lock()

    async def key(self, kid: str | None) -> RSAPublicKey:
        if not self._keys or kid not in self._keys or self._now() - self._fetched_at > self._max_age:
            await self._refresh(kid)
        if not self._keys:
            raise ServiceUnavailable("The keys of the token issuer cannot be had.", retry_after_seconds=5)
        return _pick(self._keys, kid)

    async def close(self) -> None:
        await self._client.aclose()

    async def _refresh(self, kid: str | None) -> None:
        async with self._lock:
            fresh = self._now() - self._fetched_at <= self._max_age
            floor = self._floor if self._keys else min(self._floor, _FLOOR_WITHOUT_KEYS_SECONDS)
            if (fresh and kid in self._keys) or self._now() - self._tried_at < floor:
                return
            self._tried_at = self._now()
            try:
                response = await self._client.get(self._url)
                response.raise_for_status()
                self._keys = parse_jwks(response.json())
                self._fetched_at = self._now()
            except (httpx.HTTPError, ValueError) as error:
                log.warning("jwks.fetch_failed", url=self._url, error=repr(error), keys_kept=len(self._keys))
