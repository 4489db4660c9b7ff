"""Removes objects whose row never came or has gone: what a crash between the bucket and the database leaves."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from chassis.clock import utc_now
from chassis.storage import ObjectStorage

BATCH = 500


async def remove_orphans(
    storage: ObjectStorage,
    prefixes: Sequence[str],
    subject_of: Callable[[str], UUID | None],
    living: Callable[[Sequence[UUID]], Awaitable[frozenset[UUID]]],
    older_than_seconds: float,
    now: Callable[[], datetime] = utc_now,
) -> int:
    """Delete what has no living subject and is too old to be waiting for its commit; returns how many objects.

    `subject_of` reads a subject out of a key, None where there is none; `living` gives those that have a row.
    """
    deadline = now() - timedelta(seconds=older_than_seconds)
    removed = 0
    for prefix in prefixes:
        async for keys in _old_keys(storage, prefix, deadline):
            subjects = {key: subject_of(key) for key in keys}
            alive = await living([subject for subject in subjects.values() if subject])
            for key in [key for key, subject in subjects.items() if subject not in alive]:
                await storage.delete(key)
                removed += 1
    return removed


async def _old_keys(storage: ObjectStorage, prefix: str, deadline: datetime) -> AsyncIterator[list[str]]:
    batch: list[str] = []
    async for found in storage.list(prefix):
        if found.last_modified < deadline:
            batch.append(found.key)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
