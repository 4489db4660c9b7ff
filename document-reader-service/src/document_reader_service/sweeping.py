"""Removes objects that no document owns: left by a crash between upload and commit, or by an erased document."""

from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta

from chassis.clock import utc_now
from chassis.storage import ObjectInfo, ObjectStorage

from document_reader_service.application import object_keys
from document_reader_service.application.ports import ReadModel

BATCH = 500


async def sweep_orphans(
    storage: ObjectStorage,
    reads: ReadModel,
    older_than_seconds: float,
    now: Callable[[], datetime] = utc_now,
) -> int:
    """Delete what has no living document and is too old to be an upload in progress; returns how many objects."""
    deadline = now() - timedelta(seconds=older_than_seconds)
    removed = 0
    for prefix in (object_keys.ORIGINALS, object_keys.NOTES):
        async for batch in _old(storage, prefix, deadline):
            owners = {found.key: object_keys.document_of(found.key) for found in batch}
            living = await reads.living([owner for owner in owners.values() if owner])
            for key in [key for key, owner in owners.items() if owner not in living]:
                await storage.delete(key)
                removed += 1
    return removed


async def _old(storage: ObjectStorage, prefix: str, deadline: datetime) -> AsyncIterator[list[ObjectInfo]]:
    batch: list[ObjectInfo] = []
    async for found in storage.list(prefix):
        if found.last_modified < deadline:
            batch.append(found)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
