"""The slow work from its claim to its end."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from chassis.clock import utc_now
from chassis.process_pool import EngineCrashed
from support.fakes import InlineEngines
from support.scene import Scene
from support.streams import OWNER

from document_reader_service.application import commands, object_keys
from document_reader_service.domain.errors import ProcessingTimeout
from document_reader_service.domain.processing_errors import DamagedDocument
from document_reader_service.domain.text import DocumentText
from document_reader_service.jobs import DocumentJobs


async def test_a_lecture_becomes_text_and_notes(scene: Scene) -> None:
    document_id = await scene.uploaded()
    await scene.work()
    row = scene.row(document_id)
    assert (row.status, row.notes_status) == ("completed", "completed")
    assert [entry.heading for entry in row.outline] == ["The cell", "Mitochondria"]
    assert scene.event_types() == ["document.uploaded", "document.processed", "notes.generated"]
    notes = scene.database.notes[document_id, 1].notes
    blocks = scene.database.blocks[document_id]
    for point in notes.key_points:
        for source in point.sources:
            assert blocks[source.block].text[source.start : source.end] == source.quote
    assert notes.key_points


def is_empty(folder: Path) -> bool:
    return not list(folder.iterdir())


async def test_the_copy_of_an_original_lies_in_the_workers_own_folder_and_only_while_it_is_read(
    scene: Scene, tmp_path: Path
) -> None:
    seen: list[Path] = []

    class Watching(InlineEngines):
        async def read(self, path: str, media_type: str) -> DocumentText:
            seen.append(Path(path))
            return await super().read(path, media_type)

    await scene.uploaded()
    job = scene.database.claim("process")
    assert job is not None
    await DocumentJobs(scene.unit_of_work, scene.storage, Watching(), folder=tmp_path).process(job)
    assert [path.is_relative_to(tmp_path) for path in seen] == [True]
    assert is_empty(tmp_path)


async def test_the_notes_are_also_written_to_the_bucket(scene: Scene) -> None:
    document_id = await scene.uploaded()
    await scene.work()
    copy = json.loads(await scene.storage.get(object_keys.notes(OWNER, document_id, 1)))
    assert copy["document_id"] == str(document_id)
    assert copy["key_points"][0]["sources"][0]["quote"]


async def test_a_document_that_cannot_be_read_fails_with_its_reason_and_everybody_hears_of_it(scene: Scene) -> None:
    document_id = await scene.uploaded()
    scene.engines.failure = DamagedDocument("It ends in the middle.")
    await scene.work()
    row = scene.row(document_id)
    assert row.status == "failed"
    assert row.error is not None
    assert row.error.type == "urn:learning-platform:problem:damaged-document"
    assert row.error.detail == "It ends in the middle."
    assert scene.event_types() == ["document.uploaded", "document.processing_failed"]
    assert scene.waiting() == []


async def test_failed_notes_are_told_and_leave_the_document_completed(scene: Scene) -> None:
    document_id = await scene.uploaded()
    job = scene.database.claim("process")
    assert job is not None
    await scene.jobs.process(job)
    scene.engines.failure = ProcessingTimeout("Too slow.")
    await scene.work()
    row = scene.row(document_id)
    assert (row.status, row.notes_status) == ("completed", "failed")
    assert scene.event_types()[-1] == "notes.generation_failed"


async def test_a_crash_of_the_engine_is_tried_again_and_blamed_on_the_document_only_at_last(scene: Scene) -> None:
    await scene.uploaded()
    scene.engines.failure = EngineCrashed("signal 11")
    job = scene.database.claim("process", max_attempts=3)
    assert job is not None
    with pytest.raises(EngineCrashed):
        await scene.jobs.process(job)
    with pytest.raises(DamagedDocument):
        await scene.jobs.process(replace(job, attempt=3))


async def test_a_second_attempt_goes_on_where_the_first_one_died(scene: Scene) -> None:
    document_id = await scene.uploaded()
    async with scene.unit_of_work() as uow:
        await commands.start_processing(uow, document_id, utc_now())
        await commands.advance_processing(uow, document_id, utc_now())
    await scene.work()
    assert scene.row(document_id).status == "completed"


async def test_work_on_a_document_deleted_meanwhile_ends_without_effect(scene: Scene) -> None:
    document_id = await scene.uploaded()
    job = scene.database.claim("process")
    assert job is not None
    async with scene.unit_of_work() as uow:
        document = await uow.documents.find(document_id)
        assert document is not None
        document.delete(utc_now())
        await uow.documents.save(document)
    await scene.jobs.process(job)
    assert scene.database.jobs[job.id].state == "completed"
    assert scene.event_types() == ["document.uploaded"]
    assert not scene.database.blocks


async def test_notes_overtaken_by_newer_ones_are_not_kept(scene: Scene) -> None:
    document_id = await scene.uploaded()
    job = scene.database.claim("process")
    assert job is not None
    await scene.jobs.process(job)
    old = scene.database.claim("notes")
    assert old is not None
    async with scene.unit_of_work() as uow:
        document = await uow.documents.find(document_id)
        assert document is not None
        document.request_notes("brief", utc_now())
        await uow.documents.save(document)
    await scene.jobs.make_notes(old)
    assert not scene.database.notes


async def test_regenerated_notes_are_a_further_version_and_the_old_one_stays(scene: Scene) -> None:
    document_id = await scene.uploaded()
    await scene.work()
    async with scene.unit_of_work() as uow:
        await commands.request_notes(uow, document_id, OWNER, "brief", utc_now())
    await scene.work()
    assert set(scene.database.notes) == {(document_id, 1), (document_id, 2)}
    assert scene.database.notes[document_id, 2].detail == "brief"
    assert scene.event_types()[-1] == "notes.generated"


async def test_erasing_leaves_no_object_of_the_document_and_all_of_the_others(scene: Scene) -> None:
    document_id, other_id = await scene.uploaded(), await scene.uploaded(b"Another text about something else.")
    await scene.work()
    async with scene.unit_of_work() as uow:
        await commands.delete_document(uow, document_id, OWNER, utc_now())
    await scene.work()
    assert scene.storage.keys
    assert {object_keys.document_of(key) for key in scene.storage.keys} == {other_id}


async def test_progress_is_seen_by_followers_step_by_step(scene: Scene) -> None:
    document_id = await scene.uploaded()
    await scene.work()
    kinds = [kind for _, kind, _, _ in scene.database.streams[document_id]]
    assert kinds[:5] == [
        "uploaded",
        "processing_started",
        "processing_advanced",
        "processing_advanced",
        "text_extracted",
    ]
    assert scene.database.announced.count(document_id) >= 5
