"""Removes objects that no document owns: left by a crash between upload and commit, or by an erased document."""

from collections.abc import Callable
from datetime import datetime

from chassis.clock import utc_now
from chassis.orphans import remove_orphans
from chassis.storage import ObjectStorage

from document_reader_service.application.object_keys import NOTES, ORIGINALS, document_of
from document_reader_service.application.ports import ReadModel


async def sweep_orphans(
    storage: ObjectStorage, reads: ReadModel, older_than_seconds: float, now: Callable[[], datetime] = utc_now
) -> int:
    """Delete what has no living document and is too old to be an upload in progress; returns how many objects."""
    return await remove_orphans(storage, (ORIGINALS, NOTES), document_of, reads.living, older_than_seconds, now)
