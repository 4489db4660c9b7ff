"""What commands leave behind: rows, jobs and events together, or nothing."""

import pytest
from chassis.clock import utc_now
from support.scene import Scene
from support.streams import DAMAGED, OWNER, STRANGER, TEXT

from document_reader_service.application import commands
from document_reader_service.domain.errors import ConcurrentChange, DocumentNotFound, Superseded


async def test_an_upload_is_a_row_a_job_and_an_event_together(scene: Scene) -> None:
    result = await scene.upload()
    assert result.outcome == "new"
    assert scene.row(result.document.document_id).status == "pending"
    assert scene.waiting() == ["process"]
    assert scene.event_types() == ["document.uploaded"]


async def test_the_same_bytes_of_the_same_owner_are_the_same_document(scene: Scene) -> None:
    first, second = await scene.upload(), await scene.upload()
    assert second.outcome == "known"
    assert second.document.document_id == first.document.document_id
    assert scene.waiting() == ["process"]
    assert scene.event_types() == ["document.uploaded"]


async def test_the_same_bytes_of_another_owner_are_another_document(scene: Scene) -> None:
    first, second = await scene.upload(), await scene.upload(owner_id=STRANGER)
    assert second.outcome == "new"
    assert second.document.document_id != first.document.document_id


async def test_a_failed_document_is_read_again_when_its_bytes_come_again(scene: Scene) -> None:
    document_id = await scene.uploaded()
    async with scene.unit_of_work() as uow:
        await uow.jobs.cancel(document_id)
        await commands.fail_processing(uow, document_id, DAMAGED, utc_now())
    again = await scene.upload()
    assert (again.outcome, again.document.document_id) == ("again", document_id)
    assert scene.waiting() == ["process"]
    assert scene.row(document_id).status == "pending"


async def test_a_command_that_fails_leaves_nothing(scene: Scene) -> None:
    document_id = await scene.uploaded()
    before = scene.row(document_id), len(scene.database.outbox), scene.waiting()

    async def fail_at_the_end() -> None:
        async with scene.unit_of_work() as uow:
            await commands.complete_processing(uow, document_id, TEXT, utc_now())
            raise ConnectionError

    with pytest.raises(ConnectionError):
        await fail_at_the_end()
    assert (scene.row(document_id), len(scene.database.outbox), scene.waiting()) == before
    assert document_id not in scene.database.blocks


async def test_of_two_writers_of_one_version_the_later_one_loses(scene: Scene) -> None:
    document_id = await scene.uploaded()
    async with scene.unit_of_work() as uow:
        stale = await uow.documents.find(document_id)
        await commands.start_processing(uow, document_id, utc_now())
        assert stale is not None
        stale.start_processing(utc_now())
        with pytest.raises(ConcurrentChange):
            await uow.documents.save(stale)


async def test_the_text_is_kept_told_and_followed_by_a_job_for_its_notes(scene: Scene) -> None:
    document_id = await scene.uploaded()
    async with scene.unit_of_work() as uow:
        await commands.complete_processing(uow, document_id, TEXT, utc_now())
    assert scene.database.blocks[document_id] == TEXT.blocks
    assert scene.event_types() == ["document.uploaded", "document.processed"]
    assert "notes" in scene.waiting()
    assert document_id in scene.database.announced


async def test_deleting_takes_text_notes_history_and_jobs_along(scene: Scene) -> None:
    document_id = await scene.uploaded()
    await scene.work()
    async with scene.unit_of_work() as uow:
        await commands.request_notes(uow, document_id, OWNER, "brief", utc_now())
    async with scene.unit_of_work() as uow:
        await commands.delete_document(uow, document_id, OWNER, utc_now())
    database = scene.database
    assert not database.rows
    assert not database.blocks
    assert not database.notes
    assert database.tombstones == {document_id}
    assert scene.waiting() == ["erase"]
    assert scene.event_types()[-1] == "document.deleted"
    [(_, kind, _, data)] = database.streams[document_id]
    assert (kind, set(data)) == ("deleted", {"at", "owner_id"})


async def test_somebody_elses_document_cannot_be_deleted_and_keeps_its_jobs(scene: Scene) -> None:
    document_id = await scene.uploaded()
    with pytest.raises(DocumentNotFound):
        async with scene.unit_of_work() as uow:
            await commands.delete_document(uow, document_id, STRANGER, utc_now())
    assert scene.waiting() == ["process"]


async def test_somebody_elses_notes_cannot_be_made_again(scene: Scene) -> None:
    document_id = await scene.uploaded()
    await scene.work()
    with pytest.raises(DocumentNotFound):
        async with scene.unit_of_work() as uow:
            await commands.request_notes(uow, document_id, STRANGER, "brief", utc_now())


async def test_what_was_deleted_can_be_uploaded_again_as_a_new_document(scene: Scene) -> None:
    document_id = await scene.uploaded()
    async with scene.unit_of_work() as uow:
        await commands.delete_document(uow, document_id, OWNER, utc_now())
    again = await scene.upload()
    assert again.outcome == "new"
    assert again.document.document_id != document_id


async def test_a_result_that_comes_after_the_deletion_is_dropped(scene: Scene) -> None:
    document_id = await scene.uploaded()
    async with scene.unit_of_work() as uow:
        await commands.delete_document(uow, document_id, OWNER, utc_now())
    with pytest.raises(Superseded):
        async with scene.unit_of_work() as uow:
            await commands.complete_processing(uow, document_id, TEXT, utc_now())
    assert not scene.database.blocks


async def test_republishing_sends_what_is_known_again_under_the_same_versions(scene: Scene) -> None:
    document_id = await scene.uploaded()
    await scene.work()
    sent = [event.to_data() for event in scene.database.events]
    async with scene.unit_of_work() as uow:
        assert await commands.republish_document(uow, document_id) == 3
    again = [event.to_data() for event in scene.database.events[len(sent) :]]
    assert again[1:] == sent[1:]
    assert again[0] == sent[0] | {"title": "The cell"}  # known only since the text is read


async def test_republishing_a_failed_document_tells_of_the_failure(scene: Scene) -> None:
    document_id = await scene.uploaded()
    async with scene.unit_of_work() as uow:
        await commands.fail_processing(uow, document_id, DAMAGED, utc_now())
    async with scene.unit_of_work() as uow:
        assert await commands.republish_document(uow, document_id) == 2
    assert scene.event_types()[-2:] == ["document.uploaded", "document.processing_failed"]
