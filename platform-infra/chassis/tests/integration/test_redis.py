"""The cache on real Redis, and without it."""

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from redis.asyncio import Redis

from chassis.redis import NoCache, RedisCache, open_cache
from chassis.settings import RedisSettings
from chassis.testing.waiting import eventually


@pytest.fixture
async def cache(redis_url: str) -> AsyncIterator[RedisCache]:
    cache = RedisCache(Redis.from_url(redis_url))
    yield cache
    await cache.close()


async def test_what_was_set_is_found_until_it_expires_or_is_deleted(cache: RedisCache) -> None:
    key = f"test:{uuid4()}"
    assert await cache.get(key) is None
    await cache.set(key, b"\x00value", ttl_seconds=60)
    assert await cache.get(key) == b"\x00value"
    await cache.delete(key)
    assert await cache.get(key) is None
    await cache.set(key, b"brief", ttl_seconds=1)

    async def expired() -> bool:
        return await cache.get(key) is None

    await eventually(expired, timeout_seconds=5)


async def test_a_broken_redis_is_a_miss_and_no_error() -> None:
    broken = open_cache(RedisSettings.model_validate({"host": "127.0.0.1", "port": 1}))
    assert isinstance(broken, RedisCache)
    await broken.set("key", b"value", ttl_seconds=60)
    assert await broken.get("key") is None
    await broken.delete("key")
    await broken.close()


async def test_no_redis_is_a_miss_and_no_error() -> None:
    none = open_cache(RedisSettings.model_validate({"host": ""}))
    assert isinstance(none, NoCache)
    await none.set("key", b"value", ttl_seconds=60)
    assert await none.get("key") is None
    await none.delete("key")
