"""Whatever commands come, in whatever order: the stream alone says what a document is."""

import asyncio
import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from chassis.errors import Problem
from chassis.ids import uuid7
from hypothesis import given, settings
from hypothesis import strategies as st
from support.fakes import DocumentsDatabase, DocumentsUnitOfWork, FakeReadModel
from support.notes import NOTES
from support.streams import DAMAGED, FACTS, LATER, NOW, ORIGINAL, OWNER, TEXT

from document_reader_service import operations
from document_reader_service.application import commands
from document_reader_service.application.ports import StoredNotes
from document_reader_service.application.projections import row_of
from document_reader_service.domain import events
from document_reader_service.domain.document import Document, fold
from document_reader_service.domain.errors import Superseded

# What may be done to a document; what its state does not allow is refused and changes nothing.
ON_THE_DOCUMENT: dict[str, Callable[[Document], object]] = {
    "upload again": lambda document: document.upload_again(LATER),
    "start": lambda document: document.start_processing(NOW),
    "advance": lambda document: document.advance_processing(NOW),
    "complete": lambda document: document.complete_processing(FACTS, LATER),
    "fail": lambda document: document.fail_processing(DAMAGED, LATER),
    "request notes": lambda document: document.request_notes("brief", LATER),
    "start notes": lambda document: document.start_notes(document.state.notes_version, LATER),
    "complete notes": lambda document: document.complete_notes(document.state.notes_version, "extractive", LATER),
    "fail notes": lambda document: document.fail_notes(document.state.notes_version, DAMAGED, LATER),
    "outdated notes": lambda document: document.complete_notes(document.state.notes_version - 1, "extractive", LATER),
}
steps = st.lists(st.sampled_from(sorted(ON_THE_DOCUMENT)), max_size=20)


def new_document(title: str | None) -> Document:
    return Document.upload(uuid7(), OWNER, ORIGINAL, title, NOW)


def stored_and_loaded(document: Document, stream: list[Any]) -> Document:
    """The document as the next command finds it, its events having been JSON meanwhile."""
    stream += [(event.TYPE, event.VERSION, json.dumps(events.to_data(event))) for event in document.recorded]
    replayed = [events.from_data(type_, version, json.loads(data)) for type_, version, data in stream]
    loaded = Document.replay(document.document_id, replayed, len(stream))
    assert loaded is not None
    return loaded


@settings(deadline=None)
@given(steps, st.none() | st.just("Cells"), st.booleans())
def test_a_document_loaded_before_every_command_becomes_the_one_that_was_never_stored(
    done: Sequence[str], title: str | None, deleted: bool
) -> None:
    kept = new_document(title)
    stream: list[Any] = []
    loaded = replace(kept, recorded=list(kept.recorded))
    for step in done:
        loaded = stored_and_loaded(loaded, stream)
        for document in (kept, loaded):
            with suppress(Problem, Superseded):
                ON_THE_DOCUMENT[step](document)
        assert loaded.state == kept.state
        assert loaded.version == kept.version
        assert row_of(loaded) == row_of(kept)
    if deleted:
        kept.delete(LATER)
    assert fold(kept.recorded) == kept.state


CONTENTS = ("c" * 64, "d" * 64)


class Owner:
    """Gives commands as routes and jobs do, each in a unit of work; those that are refused leave nothing behind."""

    def __init__(self) -> None:
        self.database = DocumentsDatabase()
        self.reads = FakeReadModel(self.database)

    def unit_of_work(self) -> DocumentsUnitOfWork:
        return DocumentsUnitOfWork(self.database)

    async def give(self, command: str, sha256: str) -> None:
        with suppress(Problem, Superseded):
            async with self.unit_of_work() as uow:
                if command == "upload":
                    original = replace(ORIGINAL, sha256=sha256)
                    await commands.upload_document(uow, uuid7(), OWNER, original, None, NOW)
                elif document := await uow.documents.find_by_content(OWNER, sha256):
                    await self._give(uow, command, document)

    async def _give(self, uow: DocumentsUnitOfWork, command: str, document: Document) -> None:
        document_id, version = document.document_id, max(1, document.state.notes_version)
        match command:
            case "start":
                await commands.start_processing(uow, document_id, NOW)
            case "advance":
                await commands.advance_processing(uow, document_id, NOW)
            case "complete":
                await commands.complete_processing(uow, document_id, TEXT, LATER)
            case "fail":
                await commands.fail_processing(uow, document_id, DAMAGED, LATER)
            case "request notes":
                await commands.request_notes(uow, document_id, OWNER, "detailed", LATER)
            case "complete notes":
                text_version = document.state.text_version
                stored = StoredNotes(
                    document_id=document_id,
                    version=version,
                    text_version=text_version,
                    detail="standard",
                    notes=NOTES,
                    created_at=LATER,
                )
                await commands.complete_notes(uow, stored)
            case "fail notes":
                await commands.fail_notes(uow, document_id, version, DAMAGED, LATER)
            case "delete":
                await commands.delete_document(uow, document_id, OWNER, LATER)


GIVEN = ("upload", "start", "advance", "complete", "fail", "request notes", "complete notes", "fail notes", "delete")
given_commands = st.lists(st.tuples(st.sampled_from(GIVEN), st.sampled_from(CONTENTS)), min_size=1, max_size=30)


@settings(deadline=None, max_examples=60)
@given(given_commands)
def test_after_any_commands_a_rebuild_from_the_streams_writes_the_rows_that_were_there(
    given_to: Sequence[tuple[str, str]],
) -> None:
    async def check() -> None:
        owner = Owner()
        for command, sha256 in [("upload", CONTENTS[0]), *given_to]:
            await owner.give(command, sha256)
        before = dict(owner.database.rows)
        # What a faulty projection may have left: a row too few, and one that is wrong.
        for document_id in sorted(owner.database.streams)[:1]:
            owner.database.rows.pop(document_id, None)
        for document_id, row in list(owner.database.rows.items()):
            owner.database.rows[document_id] = replace(row, title="wrong", revision=0)
        await operations.rebuild(owner.unit_of_work, owner.reads)
        assert owner.database.rows == before
        assert {row.sha256 for row in before.values()} <= set(CONTENTS)
        assert len({row.sha256 for row in before.values()}) == len(before), "the same bytes are one document"

    asyncio.run(check())
