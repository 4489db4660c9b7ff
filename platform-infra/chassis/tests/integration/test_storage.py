"""Object storage: one suite for the fake and for S3Storage against moto, then what only the adapter does."""

import asyncio
import hashlib
import tracemalloc
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from chassis.settings import S3Settings
from chassis.storage import ObjectNotFound, ObjectStorage, S3Storage, StorageUnavailable
from chassis.storage.s3 import PART_BYTES, s3_client
from chassis.testing.storage import FakeObjectStorage

MEGABYTE = 2**20


@pytest.fixture(params=["fake", "s3"])
def store(request: pytest.FixtureRequest) -> ObjectStorage:
    return FakeObjectStorage() if request.param == "fake" else request.getfixturevalue("storage")


async def pieces(*contents: bytes) -> AsyncIterator[bytes]:
    for content in contents:
        yield content


async def read(store: ObjectStorage, *place: Any) -> bytes:
    return b"".join([piece async for piece in store.stream(*place)])


async def keys(store: ObjectStorage, prefix: str) -> list[str]:
    return [found.key async for found in store.list(prefix)]


async def test_what_was_put_is_read_back_with_its_size_digest_and_type(store: ObjectStorage) -> None:
    stored = await store.put("a/b.txt", b"hello", "text/plain")
    assert (stored.key, stored.size_bytes, stored.sha256) == ("a/b.txt", 5, hashlib.sha256(b"hello").hexdigest())
    assert await store.get("a/b.txt") == b"hello"
    info = await store.head("a/b.txt")
    assert info is not None
    assert (info.size_bytes, info.content_type, info.etag) == (5, "text/plain", stored.etag)


@pytest.mark.parametrize("size", [0, 5, PART_BYTES - 1, PART_BYTES, PART_BYTES + 1, 2 * PART_BYTES + 17])
async def test_streams_of_any_size_are_stored_whole(store: ObjectStorage, size: int) -> None:
    content = bytes(range(256)) * (size // 256) + bytes(range(size % 256))
    halves = pieces(content[: size // 3], b"", content[size // 3 :])
    stored = await store.put("big", halves, "application/pdf")
    assert (stored.size_bytes, stored.sha256) == (size, hashlib.sha256(content).hexdigest())
    assert await store.get("big") == content


async def test_a_range_is_a_slice(store: ObjectStorage) -> None:
    await store.put("digits", b"0123456789")
    assert await read(store, "digits", 2, 5) == b"234"
    assert await read(store, "digits", 7) == b"789"
    assert await read(store, "digits", None, 3) == b"012"
    assert await read(store, "digits", 4, 4) == b""


async def test_a_missing_object_is_named(store: ObjectStorage, tmp_path: Path) -> None:
    assert await store.head("nothing") is None
    for attempt in (store.get("nothing"), read(store, "nothing"), store.download("nothing", tmp_path / "file")):
        with pytest.raises(ObjectNotFound):
            await attempt
    await store.delete("nothing")


async def test_an_upload_whose_source_fails_leaves_nothing(store: ObjectStorage) -> None:
    async def breaks_off() -> AsyncIterator[bytes]:
        yield b"x" * (PART_BYTES + 1)
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await store.put("half", breaks_off())
    assert await store.head("half") is None


async def test_objects_are_listed_by_prefix_in_order_and_deleted_together(store: ObjectStorage) -> None:
    for key in ("b/2", "b/1", "a/1", "b/3"):
        await store.put(key, b"x")
    assert await keys(store, "b/") == ["b/1", "b/2", "b/3"]
    await store.delete("b/2")
    assert await store.delete_prefix("b/") == 2
    assert await store.delete_prefix("b/") == 0
    assert await keys(store, "") == ["a/1"]
    with pytest.raises(ValueError, match="whole bucket"):
        await store.delete_prefix("")


async def test_an_object_is_downloaded_to_a_file(store: ObjectStorage, tmp_path: Path) -> None:
    await store.put("a", b"content")
    await store.download("a", tmp_path / "file")
    assert (tmp_path / "file").read_bytes() == b"content"


async def test_a_bucket_that_is_there_passes_the_check(store: ObjectStorage) -> None:
    await store.check()


async def test_a_broken_upload_leaves_no_parts_behind(storage: S3Storage, s3_settings: S3Settings) -> None:
    async def breaks_off() -> AsyncIterator[bytes]:
        yield b"x" * (2 * PART_BYTES)
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await storage.put("half", breaks_off())
    uploads = s3_client(s3_settings).list_multipart_uploads(Bucket=s3_settings.bucket)
    assert "Uploads" not in uploads


async def test_a_cancelled_upload_leaves_no_parts_behind(storage: S3Storage, s3_settings: S3Settings) -> None:
    stalled = asyncio.Event()

    async def stalls() -> AsyncIterator[bytes]:
        yield b"x" * (2 * PART_BYTES)
        stalled.set()
        await asyncio.sleep(60)

    upload = asyncio.create_task(storage.put("half", stalls()))
    await stalled.wait()
    upload.cancel()
    with pytest.raises(asyncio.CancelledError):
        await upload
    assert "Uploads" not in s3_client(s3_settings).list_multipart_uploads(Bucket=s3_settings.bucket)


async def test_more_objects_than_one_page_are_listed_and_deleted(
    storage: S3Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chassis.storage.s3.DELETE_BATCH", 2)
    listing = storage._client.list_objects_v2
    monkeypatch.setattr(storage._client, "list_objects_v2", lambda **request: listing(MaxKeys=2, **request))
    for number in range(5):
        await storage.put(f"many/{number}", b"")
    assert await keys(storage, "many/") == [f"many/{number}" for number in range(5)]
    assert await storage.delete_prefix("many/") == 5
    assert await keys(storage, "many/") == []


class ForgetfulClient:
    """Takes the parts of an upload and keeps none; moto would keep them all in this same process."""

    def create_multipart_upload(self, **request: Any) -> dict[str, str]:
        return {"UploadId": "1"}

    def upload_part(self, **request: Any) -> dict[str, str]:
        return {"ETag": "1"}

    def complete_multipart_upload(self, **request: Any) -> dict[str, str]:
        return {"ETag": "1"}

    def close(self) -> None: ...


async def test_memory_stays_flat_while_a_large_file_is_stored(storage: S3Storage) -> None:
    async def large() -> AsyncIterator[bytes]:
        for _ in range(96):
            yield bytes(MEGABYTE)

    storage._client.close()
    storage._client = ForgetfulClient()  # type: ignore[assignment]
    tracemalloc.start()
    stored = await storage.put("large", large())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert stored.size_bytes == 96 * MEGABYTE
    assert peak < 5 * PART_BYTES


async def test_the_bucket_is_versioned_and_encrypted_and_made_only_once(
    storage: S3Storage, s3_settings: S3Settings
) -> None:
    await storage.ensure_bucket()
    client = s3_client(s3_settings)
    assert client.get_bucket_versioning(Bucket=s3_settings.bucket)["Status"] == "Enabled"
    encryption = client.get_bucket_encryption(Bucket=s3_settings.bucket)
    [rule] = encryption["ServerSideEncryptionConfiguration"]["Rules"]
    assert rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"


async def test_an_unreachable_store_is_unavailable_and_so_says_the_check(s3_settings: S3Settings) -> None:
    nowhere = S3Storage(s3_settings.model_copy(update={"endpoint_url": "http://127.0.0.1:1"}))
    for attempt in (nowhere.check(), nowhere.get("a"), nowhere.put("a", b"x")):
        with pytest.raises(StorageUnavailable):
            await attempt
    nowhere.close()


async def test_a_missing_bucket_fails_the_check(s3_settings: S3Settings) -> None:
    bucketless = S3Storage(s3_settings)
    with pytest.raises(StorageUnavailable, match="bucket"):
        await bucketless.check()
    bucketless.close()
