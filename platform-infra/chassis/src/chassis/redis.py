"""An optional cache: without Redis, or with a broken one, every read is a miss and every write is dropped."""

from typing import Protocol

import structlog
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from chassis.settings import RedisSettings

TIMEOUT_SECONDS = 0.5

log = structlog.get_logger(__name__)


class Cache(Protocol):
    """Losing an entry, or all of them, loses nothing but time."""

    async def get(self, key: str) -> bytes | None: ...

    async def set(self, key: str, value: bytes, ttl_seconds: int) -> None: ...

    async def delete(self, key: str) -> None: ...


class NoCache:
    """Where no Redis is configured."""

    async def get(self, key: str) -> bytes | None:  # noqa: ARG002 - the port's signature
        return None

    async def set(self, key: str, value: bytes, ttl_seconds: int) -> None: ...

    async def delete(self, key: str) -> None: ...


class RedisCache:
    """Redis as a cache; call close() when done."""

    def __init__(self, client: "Redis") -> None:
        self._client = client

    async def get(self, key: str) -> bytes | None:
        try:
            value = await self._client.get(key)
        except (RedisError, OSError) as error:
            log.warning("cache.unavailable", error=str(error))
            return None
        return value if value is None or isinstance(value, bytes) else str(value).encode()

    async def set(self, key: str, value: bytes, ttl_seconds: int) -> None:
        try:
            await self._client.set(key, value, ex=ttl_seconds)
        except (RedisError, OSError) as error:
            log.warning("cache.unavailable", error=str(error))

    async def delete(self, key: str) -> None:
        try:
            await self._client.delete(key)
        except (RedisError, OSError) as error:
            log.warning("cache.unavailable", error=str(error))

    async def close(self) -> None:
        await self._client.aclose()


def open_cache(settings: RedisSettings) -> RedisCache | NoCache:
    """The cache the settings ask for; it connects at its first use."""
    if not settings.host:
        return NoCache()
    return RedisCache(
        Redis(
            host=settings.host,
            port=settings.port,
            password=settings.password.get_secret_value() if settings.password else None,
            socket_timeout=TIMEOUT_SECONDS,
            socket_connect_timeout=TIMEOUT_SECONDS,
            # The client's own retries would make a request wait for a cache that is down.
            retry=Retry(NoBackoff(), 0),
        )
    )
