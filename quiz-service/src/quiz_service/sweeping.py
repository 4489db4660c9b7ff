"""Removes objects that no quiz owns: left by a crash between the deletion of a quiz and that of its copy."""

from collections.abc import Callable
from datetime import datetime

from chassis.clock import utc_now
from chassis.orphans import remove_orphans
from chassis.storage import ObjectStorage

from quiz_service.application.ports import ReadModel
from quiz_service.application.queries import OBJECTS, quiz_of


async def sweep_orphans(
    storage: ObjectStorage, reads: ReadModel, older_than_seconds: float, now: Callable[[], datetime] = utc_now
) -> int:
    """Delete what has no living quiz and is older than that; returns how many objects."""
    return await remove_orphans(storage, (OBJECTS,), quiz_of, reads.living, older_than_seconds, now)
