"""Removes objects that no quiz owns: left by a crash between the deletion of a quiz and that of its copy."""

from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta

from chassis.clock import utc_now
from chassis.storage import ObjectStorage

from quiz_service.application import queries
from quiz_service.application.ports import ReadModel

BATCH = 500


async def sweep_orphans(
    storage: ObjectStorage, reads: ReadModel, older_than_seconds: float, now: Callable[[], datetime] = utc_now
) -> int:
    """Delete what has no living quiz and is older than that; returns how many objects."""
    deadline = now() - timedelta(seconds=older_than_seconds)
    removed = 0
    async for batch in _old_keys(storage, deadline):
        quizzes = {key: queries.quiz_of(key) for key in batch}
        living = await reads.living([quiz_id for quiz_id in quizzes.values() if quiz_id])
        for key in [key for key, quiz_id in quizzes.items() if quiz_id not in living]:
            await storage.delete(key)
            removed += 1
    return removed


async def _old_keys(storage: ObjectStorage, deadline: datetime) -> AsyncIterator[list[str]]:
    batch: list[str] = []
    async for found in storage.list(queries.OBJECTS):
        if found.last_modified < deadline:
            batch.append(found.key)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
