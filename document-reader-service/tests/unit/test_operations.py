"""What operators may order."""

from chassis.clock import utc_now
from chassis.operations import only
from support.scene import Scene
from support.streams import OWNER, STRANGER

from document_reader_service import operations
from document_reader_service.application import commands


async def test_a_rebuild_gives_the_same_rows_whatever_was_in_their_place(scene: Scene) -> None:
    living = await scene.uploaded()
    gone = await scene.uploaded(b"A text that will be deleted.")
    await scene.work()
    stray = scene.row(gone)
    async with scene.unit_of_work() as uow:
        await commands.delete_document(uow, gone, OWNER, utc_now())
    before = dict(scene.database.rows)
    assert set(before) == {living}
    scene.database.rows = {gone: stray}
    await operations.rebuild(scene.unit_of_work, scene.reads)
    assert scene.database.rows == before


async def test_republishing_an_owners_documents_leaves_those_of_others(scene: Scene) -> None:
    document_id = await scene.uploaded()
    await scene.uploaded(owner_id=STRANGER)
    await scene.work()
    sent = len(scene.database.outbox)
    assert await operations.republish(scene.unit_of_work, scene.reads.document_ids(OWNER)) == 3
    assert {envelope.subject for envelope in scene.database.outbox[sent:]} == {str(document_id)}


async def test_republishing_one_document_sends_its_events(scene: Scene) -> None:
    document_id = await scene.uploaded()
    assert await operations.republish(scene.unit_of_work, only(document_id)) == 1


async def test_erasing_an_owner_deletes_all_they_have_and_nothing_of_others(scene: Scene) -> None:
    await scene.uploaded()
    await scene.uploaded(b"A second text.")
    other = await scene.uploaded(owner_id=STRANGER)
    await scene.work()
    assert await operations.erase_owner(scene.unit_of_work, scene.reads, OWNER) == 2
    await scene.work()
    assert set(scene.database.rows) == {other}
    assert scene.storage.keys
    assert not [key for key in scene.storage.keys if f"/{OWNER}/" in key]
    assert scene.event_types().count("document.deleted") == 2
