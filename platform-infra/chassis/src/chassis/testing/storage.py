"""An object store in memory."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

from chassis.clock import utc_now
from chassis.storage.port import DEFAULT_CONTENT_TYPE, ObjectInfo, ObjectNotFound, StorageUnavailable, StoredObject

PIECE_BYTES = 64 * 1024


@dataclass
class FakeObjectStorage:
    """`available = False` makes every call fail as an unreachable store does."""

    available: bool = True
    _objects: dict[str, tuple[bytes, ObjectInfo]] = field(default_factory=dict)

    @property
    def keys(self) -> tuple[str, ...]:
        """All keys, ascending."""
        return tuple(sorted(self._objects))

    async def put(
        self, key: str, data: bytes | AsyncIterator[bytes], content_type: str = DEFAULT_CONTENT_TYPE
    ) -> StoredObject:
        await self.check()
        content = data if isinstance(data, bytes) else b"".join([piece async for piece in data])
        etag = hashlib.md5(content, usedforsecurity=False).hexdigest()
        self._objects[key] = content, ObjectInfo(key, len(content), etag, utc_now(), content_type)
        return StoredObject(key, len(content), hashlib.sha256(content).hexdigest(), etag)

    async def get(self, key: str) -> bytes:
        await self.check()
        if key not in self._objects:
            raise ObjectNotFound(key)
        return self._objects[key][0]

    async def stream(self, key: str, start: int | None = None, end: int | None = None) -> AsyncIterator[bytes]:
        content = (await self.get(key))[start:end]
        for offset in range(0, len(content), PIECE_BYTES):
            yield content[offset : offset + PIECE_BYTES]

    async def download(self, key: str, path: Path) -> None:
        content = await self.get(key)
        await asyncio.to_thread(path.write_bytes, content)

    async def head(self, key: str) -> ObjectInfo | None:
        await self.check()
        return self._objects[key][1] if key in self._objects else None

    async def delete(self, key: str) -> None:
        await self.check()
        self._objects.pop(key, None)

    async def delete_prefix(self, prefix: str) -> int:
        if not prefix:
            raise ValueError("an empty prefix would delete the whole bucket")
        await self.check()
        keys = [key for key in self._objects if key.startswith(prefix)]
        for key in keys:
            del self._objects[key]
        return len(keys)

    async def list(self, prefix: str) -> AsyncIterator[ObjectInfo]:
        await self.check()
        for key in self.keys:
            if key.startswith(prefix):
                yield self._objects[key][1]

    async def check(self) -> None:
        if not self.available:
            raise StorageUnavailable("switched off by the test")
