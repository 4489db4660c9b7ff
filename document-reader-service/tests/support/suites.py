"""What every unit of work and every read model must do; the fakes and PostgreSQL pass the same suite.

A subclass in a test module gives the fixtures `uow_factory` and `reads`.
"""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from chassis.ids import uuid7

from document_reader_service.application.ports import ReadModel, StoredNotes
from document_reader_service.application.projections import row_of
from document_reader_service.domain.document import Document, Original
from document_reader_service.domain.errors import ConcurrentChange
from document_reader_service.domain.text import Block
from support.notes import NOTES
from support.streams import DAMAGED, LATER, NOW, ORIGINAL, OWNER, STRANGER, TEXT, completed, uploaded, with_notes

Factory = Callable[[], Any]


def another(sha256: str, owner_id: str = OWNER) -> Document:
    original = Original(filename="other.txt", media_type="text/plain", size_bytes=7, sha256=sha256 * 64)
    return Document.upload(uuid7(), owner_id, original, None, NOW)


def stored(document_id: UUID, version: int) -> StoredNotes:
    return StoredNotes(
        document_id=document_id, version=version, text_version=1, detail="brief", notes=NOTES, created_at=LATER
    )


class StorageSuite:
    async def keep(self, uow_factory: Factory, *documents: Document) -> None:
        async with uow_factory() as uow:
            for document in documents:
                await uow.documents.save(document)

    async def test_a_document_is_found_as_it_was_saved(self, uow_factory: Factory) -> None:
        document = with_notes()
        await self.keep(uow_factory, document)
        async with uow_factory() as uow:
            found = await uow.documents.find(document.document_id)
        assert found is not None
        assert found.state == document.state
        assert found.stored_version == document.version
        assert found.recorded == []

    async def test_an_unknown_document_is_not_found(self, uow_factory: Factory) -> None:
        async with uow_factory() as uow:
            assert await uow.documents.find(uuid7()) is None

    async def test_its_row_is_there_with_the_same_commit(self, uow_factory: Factory, reads: ReadModel) -> None:
        document = completed("Mine")
        await self.keep(uow_factory, document)
        assert await reads.document(document.document_id, OWNER) == row_of(document)

    async def test_a_row_of_somebody_else_is_none(self, uow_factory: Factory, reads: ReadModel) -> None:
        document = uploaded()
        await self.keep(uow_factory, document)
        assert await reads.document(document.document_id, STRANGER) is None

    async def test_later_events_go_behind_the_earlier_ones(self, uow_factory: Factory, reads: ReadModel) -> None:
        document = uploaded()
        await self.keep(uow_factory, document)
        document.start_processing(LATER)
        await self.keep(uow_factory, document)
        document.fail_processing(DAMAGED, LATER)
        await self.keep(uow_factory, document)
        row = await reads.document(document.document_id, OWNER)
        assert row is not None
        assert (row.revision, row.status, row.error) == (3, "failed", DAMAGED)

    async def test_a_writer_that_missed_an_event_loses(self, uow_factory: Factory) -> None:
        document = uploaded()
        await self.keep(uow_factory, document)
        async with uow_factory() as uow:
            stale = await uow.documents.find(document.document_id)
        document.start_processing(LATER)
        await self.keep(uow_factory, document)
        stale.start_processing(LATER)
        with pytest.raises(ConcurrentChange):
            await self.keep(uow_factory, stale)

    async def test_a_document_is_found_by_its_bytes_for_its_owner_only(self, uow_factory: Factory) -> None:
        document = uploaded()
        await self.keep(uow_factory, document)
        async with uow_factory() as uow:
            found = await uow.documents.find_by_content(OWNER, ORIGINAL.sha256)
            assert found is not None
            assert found.document_id == document.document_id
            assert await uow.documents.find_by_content(STRANGER, ORIGINAL.sha256) is None
            assert await uow.documents.find_by_content(OWNER, "0" * 64) is None

    async def test_a_deleted_document_is_found_in_no_way(self, uow_factory: Factory, reads: ReadModel) -> None:
        document = with_notes()
        await self.keep(uow_factory, document)
        document.delete(LATER)
        await self.keep(uow_factory, document)
        async with uow_factory() as uow:
            assert await uow.documents.find(document.document_id) is None
            assert await uow.documents.find_by_content(OWNER, ORIGINAL.sha256) is None
        assert await reads.document(document.document_id, OWNER) is None
        assert await reads.living([document.document_id]) == frozenset()
        assert [found async for found in reads.document_ids()] == []
        assert [found async for found in reads.stream_ids()] == [document.document_id]

    async def test_what_was_not_committed_is_not_there(self, uow_factory: Factory, reads: ReadModel) -> None:
        document = completed()

        async def fail_at_the_end() -> None:
            async with uow_factory() as uow:
                await uow.documents.save(document)
                await uow.texts.replace(document.document_id, TEXT.blocks)
                await uow.notes.add(stored(document.document_id, 1))
                raise ConnectionError

        with pytest.raises(ConnectionError):
            await fail_at_the_end()
        assert await reads.document(document.document_id, OWNER) is None
        assert await reads.blocks(document.document_id) == ()
        assert await reads.notes(document.document_id, None) is None

    async def test_a_replay_gives_the_same_row(self, uow_factory: Factory, reads: ReadModel) -> None:
        document = with_notes()
        await self.keep(uow_factory, document)
        async with uow_factory() as uow:
            await uow.documents.reproject(document.document_id)
        assert await reads.document(document.document_id, OWNER) == row_of(document)

    async def test_lists_are_newest_first_in_pages_and_of_one_owner(
        self, uow_factory: Factory, reads: ReadModel
    ) -> None:
        mine = [another(digit) for digit in "12345"]
        await self.keep(uow_factory, *mine, another("1", STRANGER))
        newest_first = [document.document_id for document in reversed(mine)]
        first = await reads.documents(OWNER, 2, None)
        rest = await reads.documents(OWNER, 10, first[-1].document_id)
        assert [row.document_id for row in [*first, *rest]] == newest_first
        assert len(first) == 2

    async def test_ids_are_told_oldest_first_and_by_owner(self, uow_factory: Factory, reads: ReadModel) -> None:
        mine, others = [another("1"), another("2")], another("1", STRANGER)
        await self.keep(uow_factory, *mine, others)
        everything = [document.document_id for document in [*mine, others]]
        assert [found async for found in reads.document_ids()] == everything
        assert [found async for found in reads.document_ids(OWNER)] == everything[:2]
        assert await reads.living([everything[0], uuid7()]) == frozenset(everything[:1])

    async def test_blocks_come_back_as_they_were_in_pages_too(self, uow_factory: Factory, reads: ReadModel) -> None:
        document_id = uuid7()
        odd = Block(3, None, "table", None, "a\tb\\N\n\\.\t🧬 \"quoted\" 'text' €", None)
        blocks = (*TEXT.blocks, odd)
        async with uow_factory() as uow:
            await uow.texts.replace(document_id, (odd,))
            await uow.texts.replace(document_id, blocks)
            assert await uow.texts.blocks(document_id) == blocks
        assert await reads.blocks(document_id) == blocks
        assert await reads.blocks(document_id, limit=2) == blocks[:2]
        assert await reads.blocks(document_id, limit=2, after=1) == blocks[2:]
        async with uow_factory() as uow:
            await uow.texts.delete(document_id)
        assert await reads.blocks(document_id) == ()

    async def test_notes_come_back_as_they_were_in_every_version(self, uow_factory: Factory, reads: ReadModel) -> None:
        document_id = uuid7()
        async with uow_factory() as uow:
            for version in (1, 2):
                await uow.notes.add(stored(document_id, version))
            assert await uow.notes.newest(document_id) == stored(document_id, 2)
        assert await reads.notes(document_id, None) == stored(document_id, 2)
        assert await reads.notes(document_id, 1) == stored(document_id, 1)
        assert await reads.notes(document_id, 3) is None
        async with uow_factory() as uow:
            await uow.notes.delete(document_id)
        assert await reads.notes(document_id, None) is None
