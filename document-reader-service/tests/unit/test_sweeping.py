"""Objects without a document do not stay."""

from datetime import datetime, timedelta

from chassis.clock import utc_now
from chassis.ids import uuid7
from support.scene import Scene
from support.streams import OWNER

from document_reader_service.application import object_keys
from document_reader_service.sweeping import sweep_orphans


def in_two_hours() -> datetime:
    return utc_now() + timedelta(hours=2)


async def test_an_upload_whose_commit_never_came_is_removed_and_living_documents_are_not(scene: Scene) -> None:
    document_id = await scene.uploaded()
    await scene.work()
    kept = scene.storage.keys
    orphan = object_keys.original(OWNER, uuid7())
    await scene.storage.put(orphan, b"never committed")
    await scene.storage.put(object_keys.notes(OWNER, uuid7(), 1), b"{}")
    assert await sweep_orphans(scene.storage, scene.reads, 3600, in_two_hours) == 2
    assert scene.storage.keys == kept
    assert object_keys.original(OWNER, document_id) in kept


async def test_an_upload_that_may_still_be_in_progress_is_left_alone(scene: Scene) -> None:
    await scene.storage.put(object_keys.original(OWNER, uuid7()), b"just now")
    assert await sweep_orphans(scene.storage, scene.reads, 3600) == 0
    assert len(scene.storage.keys) == 1


async def test_an_object_under_a_key_that_is_none_of_ours_goes_too(scene: Scene) -> None:
    await scene.storage.put("originals/somewhere/not-an-id", b"?")
    assert await sweep_orphans(scene.storage, scene.reads, 3600, in_two_hours) == 1
