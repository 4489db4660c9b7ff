"""The port of object storage: streams both ways, so that a large file never lies in memory whole."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

DEFAULT_CONTENT_TYPE = "application/octet-stream"


class ObjectNotFound(Exception):
    """There is no object under this key."""


class StorageUnavailable(Exception):
    """The store cannot be reached or is overloaded; the same call may work later."""


@dataclass(frozen=True, slots=True)
class StoredObject:
    """What was written; `sha256` in hex, of the bytes as they were sent."""

    key: str
    size_bytes: int
    sha256: str
    etag: str


@dataclass(frozen=True, slots=True)
class ObjectInfo:
    """What is stored under a key; `content_type` is None in listings, where S3 does not tell it."""

    key: str
    size_bytes: int
    etag: str
    last_modified: datetime
    content_type: str | None = None


class ObjectStorage(Protocol):
    """One bucket. Every method raises StorageUnavailable when the store cannot answer."""

    async def put(
        self, key: str, data: bytes | AsyncIterator[bytes], content_type: str = DEFAULT_CONTENT_TYPE
    ) -> StoredObject:
        """Write the object whole or not at all: an exception out of `data` leaves nothing under the key."""
        ...

    async def get(self, key: str) -> bytes:
        """The whole object; for small ones. Raises ObjectNotFound."""
        ...

    def stream(self, key: str, start: int | None = None, end: int | None = None) -> AsyncIterator[bytes]:
        """The bytes from offset `start` up to and without `end` (as a slice), in pieces. Raises ObjectNotFound."""
        ...

    async def download(self, key: str, path: Path) -> None:
        """Write the object to a file. Raises ObjectNotFound."""
        ...

    async def head(self, key: str) -> ObjectInfo | None:
        """What is stored under the key, None for nothing."""
        ...

    async def delete(self, key: str) -> None:
        """Remove the object; without one nothing happens."""
        ...

    async def delete_prefix(self, prefix: str) -> int:
        """Remove every object whose key starts with `prefix` (not empty); returns how many."""
        ...

    def list(self, prefix: str) -> AsyncIterator[ObjectInfo]:
        """The objects whose keys start with `prefix`, ascending by key."""
        ...

    async def check(self) -> None:
        """Raise when the bucket cannot be used; for /ready."""
        ...
