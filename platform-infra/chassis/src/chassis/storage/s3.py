"""S3Storage: boto3 in a few threads of its own; multipart uploads hold one part in memory, whatever the size."""

import asyncio
import functools
import hashlib
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import boto3
import structlog
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, ConnectionError, HTTPClientError

from chassis import metrics
from chassis.settings import S3Settings
from chassis.storage.port import DEFAULT_CONTENT_TYPE, ObjectInfo, ObjectNotFound, StorageUnavailable, StoredObject

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

PART_BYTES = 8 * 1024 * 1024  # S3 takes no part under 5 MiB except the last
READ_BYTES = 256 * 1024
DELETE_BATCH = 1000  # the most keys one DeleteObjects takes
THREADS = 16

_NOT_FOUND = {"404", "NoSuchKey", "NotFound"}
_TRANSIENT = {
    "500", "502", "503", "504", "InternalError", "RequestTimeout", "ServiceUnavailable", "SlowDown", "Throttling",
    "ThrottlingException", "TooManyRequestsException", "RequestLimitExceeded",
}  # fmt: skip
# What stores without versioning or encryption settings answer; rclone takes the latter for another CreateBucket.
_UNSUPPORTED = {"NotImplemented", "MethodNotAllowed", "405", "501", "AccessDenied", "BucketAlreadyExists"}

T = TypeVar("T")
log = structlog.get_logger(__name__)


def s3_client(settings: S3Settings) -> "S3Client":
    """A boto3 client that also works with rclone, MinIO and moto."""
    custom = settings.endpoint_url is not None
    return boto3.client(
        "s3",
        endpoint_url=settings.endpoint_url,
        region_name=settings.region,
        aws_access_key_id=settings.access_key_id,
        aws_secret_access_key=settings.secret_access_key.get_secret_value() if settings.secret_access_key else None,
        config=Config(
            signature_version="s3v4",
            s3={"addressing_style": "path" if custom else "auto"},
            # Stores other than AWS reject the checksum trailers that boto3 sends by default.
            request_checksum_calculation="when_required" if custom else "when_supported",
            response_checksum_validation="when_required" if custom else "when_supported",
            connect_timeout=5,
            read_timeout=30,
            retries={"mode": "standard", "max_attempts": 3},
            max_pool_connections=THREADS,
        ),
    )


class S3Storage:
    """The adapter of `ObjectStorage`; call close() when done."""

    def __init__(self, settings: S3Settings) -> None:
        self._client = s3_client(settings)
        self._bucket = settings.bucket
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="s3")

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._client.close()

    async def put(
        self, key: str, data: bytes | AsyncIterator[bytes], content_type: str = DEFAULT_CONTENT_TYPE
    ) -> StoredObject:
        if isinstance(data, bytes):
            return await self._put_bytes(key, data, content_type)
        parts = _in_parts(data)
        first = await anext(parts, b"")
        if len(first) < PART_BYTES:  # only the last part is short: this is all there is
            return await self._put_bytes(key, first, content_type)
        return await self._put_multipart(key, first, parts, content_type)

    async def get(self, key: str) -> bytes:
        return b"".join([piece async for piece in self.stream(key)])

    async def stream(self, key: str, start: int | None = None, end: int | None = None) -> AsyncIterator[bytes]:
        request: dict[str, Any] = {"Bucket": self._bucket, "Key": key}
        if end is not None and end <= (start or 0):
            return
        if start is not None or end is not None:
            request["Range"] = f"bytes={start or 0}-{'' if end is None else end - 1}"
        body = (await self._call("get", self._client.get_object, **request))["Body"]
        try:
            while piece := await self._call("read", body.read, READ_BYTES):
                yield piece
        finally:
            body.close()

    async def download(self, key: str, path: Path) -> None:
        with path.open("wb") as file:
            async for piece in self.stream(key):
                file.write(piece)

    async def head(self, key: str) -> ObjectInfo | None:
        try:
            found = await self._call("head", self._client.head_object, Bucket=self._bucket, Key=key)
        except ObjectNotFound:
            return None
        return ObjectInfo(
            key, found["ContentLength"], found["ETag"].strip('"'), found["LastModified"], found.get("ContentType")
        )

    async def delete(self, key: str) -> None:
        await self._call("delete", self._client.delete_object, Bucket=self._bucket, Key=key)

    async def delete_prefix(self, prefix: str) -> int:
        if not prefix:
            raise ValueError("an empty prefix would delete the whole bucket")
        removed = 0
        batch: list[str] = []
        async for found in self.list(prefix):
            batch.append(found.key)
            if len(batch) == DELETE_BATCH:
                removed += await self._delete_batch(batch)
                batch = []
        return removed + (await self._delete_batch(batch) if batch else 0)

    async def list(self, prefix: str) -> AsyncIterator[ObjectInfo]:
        request: dict[str, Any] = {"Bucket": self._bucket, "Prefix": prefix}
        while True:
            page = await self._call("list", self._client.list_objects_v2, **request)
            for item in page.get("Contents", ()):
                yield ObjectInfo(item["Key"], item["Size"], item["ETag"].strip('"'), item["LastModified"])
            if not page.get("IsTruncated"):
                return
            request["ContinuationToken"] = page["NextContinuationToken"]

    async def check(self) -> None:
        try:
            await self._call("check", self._client.head_bucket, Bucket=self._bucket)
        except ObjectNotFound as error:
            raise StorageUnavailable(f"there is no bucket {self._bucket}") from error

    async def ensure_bucket(self) -> None:
        """Create the bucket unless it is there, versioned and encrypted where the store can do that."""
        try:
            await self._call("create_bucket", self._client.create_bucket, **self._bucket_request())
        except ClientError as error:
            if _code(error) not in {"BucketAlreadyOwnedByYou", "BucketAlreadyExists"}:
                raise
        encryption = {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]}
        await self._if_supported(self._client.put_bucket_versioning, VersioningConfiguration={"Status": "Enabled"})
        await self._if_supported(self._client.put_bucket_encryption, ServerSideEncryptionConfiguration=encryption)

    def _bucket_request(self) -> dict[str, Any]:
        region = self._client.meta.region_name
        request: dict[str, Any] = {"Bucket": self._bucket}
        if region != "us-east-1":  # S3 refuses its default region by name
            request["CreateBucketConfiguration"] = {"LocationConstraint": region}
        return request

    async def _if_supported(self, call: Callable[..., Any], **request: Any) -> None:
        try:
            await self._call("configure_bucket", call, Bucket=self._bucket, **request)
        except ClientError as error:
            if _code(error) not in _UNSUPPORTED:
                raise
            log.info("storage.not_supported", bucket=self._bucket, setting=next(iter(request)), error=_code(error))

    async def _put_bytes(self, key: str, data: bytes, content_type: str) -> StoredObject:
        written = await self._call(
            "put", self._client.put_object, Bucket=self._bucket, Key=key, Body=data, ContentType=content_type
        )
        return StoredObject(key, len(data), hashlib.sha256(data).hexdigest(), written["ETag"].strip('"'))

    async def _put_multipart(
        self, key: str, first: bytes, rest: AsyncIterator[bytes], content_type: str
    ) -> StoredObject:
        target = {"Bucket": self._bucket, "Key": key}
        upload = await self._call("put", self._client.create_multipart_upload, **target, ContentType=content_type)
        target["UploadId"] = upload["UploadId"]
        digest, size = hashlib.sha256(), 0
        etags: list[Any] = []
        try:
            part = first
            while part:
                sent = await self._call(
                    "put_part", self._client.upload_part, **target, PartNumber=len(etags) + 1, Body=part
                )
                etags.append({"PartNumber": len(etags) + 1, "ETag": sent["ETag"]})
                digest.update(part)
                size += len(part)
                part = await anext(rest, b"")
            written = await self._call(
                "put", self._client.complete_multipart_upload, **target, MultipartUpload={"Parts": etags}
            )
        except BaseException:
            # Shielded: a cancelled upload must not leave parts behind that are stored, and paid for, unseen.
            await asyncio.shield(self._abort(target))
            raise
        return StoredObject(key, size, digest.hexdigest(), written["ETag"].strip('"'))

    async def _abort(self, target: dict[str, str]) -> None:
        try:
            await self._call("abort", self._client.abort_multipart_upload, **target)
        except (ClientError, StorageUnavailable, ObjectNotFound) as error:
            log.warning("storage.abort_failed", error=str(error))

    async def _delete_batch(self, keys: Sequence[str]) -> int:
        reply = await self._call(
            "delete_batch",
            self._client.delete_objects,
            Bucket=self._bucket,
            Delete={"Objects": [{"Key": key} for key in keys], "Quiet": True},
        )
        if errors := reply.get("Errors"):
            raise StorageUnavailable(f"{len(errors)} objects not deleted, the first: {errors[0].get('Message')}")
        return len(keys)

    async def _call(self, operation: str, call: Callable[..., T], *arguments: Any, **request: Any) -> T:
        """Run one blocking call in a thread; its errors by our names."""
        bound = functools.partial(call, *arguments, **request)
        try:
            with metrics.timed(metrics.STORAGE_DURATION.labels(operation)):
                return await asyncio.get_running_loop().run_in_executor(self._threads, bound)
        except ClientError as error:
            if _code(error) in _NOT_FOUND:
                raise ObjectNotFound(str(request.get("Key", ""))) from error
            metrics.STORAGE_FAILED.labels(operation).inc()
            if _code(error) in _TRANSIENT:
                raise StorageUnavailable(str(error)) from error
            raise
        except (ConnectionError, HTTPClientError, BotoCoreError) as error:
            metrics.STORAGE_FAILED.labels(operation).inc()
            raise StorageUnavailable(str(error)) from error


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


async def _in_parts(data: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The same bytes in parts of exactly PART_BYTES, the last one shorter; the last may be missing, never empty."""
    buffer = bytearray()
    async for piece in data:
        buffer += piece
        while len(buffer) >= PART_BYTES:
            with memoryview(buffer) as view:  # one copy of the part, not two
                part = bytes(view[:PART_BYTES])
            yield part
            del buffer[:PART_BYTES]
    if buffer:
        yield bytes(buffer)
