"""The rules of a document's life."""

from collections.abc import Callable

import pytest
from chassis.errors import Problem
from support.streams import DAMAGED, FACTS, LATER, NOW, ORIGINAL, OWNER, completed, failed, uploaded, with_notes

from document_reader_service.application.projections import row_of
from document_reader_service.domain.document import Document, Original
from document_reader_service.domain.errors import DocumentFailed, DocumentNotFound, Superseded, TextNotReady


@pytest.mark.parametrize("make", [uploaded, failed, completed, with_notes])
def test_a_replayed_stream_gives_the_document_that_recorded_it(make: Callable[[], Document]) -> None:
    document = make()
    replayed = Document.replay(document.document_id, document.recorded, document.version)
    assert replayed is not None
    assert replayed.state == document.state
    assert row_of(replayed) == row_of(document)


def test_every_event_raises_the_revision_so_that_followers_see_each_change() -> None:
    document = uploaded()
    revisions = [document.version]
    for step in (document.start_processing, document.advance_processing):
        step(NOW)
        revisions.append(document.version)
    assert revisions == [1, 2, 3]


def test_the_steps_of_reading_count_up_and_begin_again_with_a_further_attempt() -> None:
    document = uploaded()
    document.start_processing(NOW)
    document.advance_processing(NOW)
    document.advance_processing(NOW)
    assert document.state.steps_done == 2
    document.start_processing(LATER)
    assert document.state.steps_done == 0


def test_a_document_is_completed_when_its_text_is_read_and_its_first_notes_are_asked_for_at_once() -> None:
    document = completed()
    assert (document.state.status, document.state.notes_status) == ("completed", "pending")
    assert (document.state.text_version, document.state.notes_version) == (1, 1)
    assert document.state.processed_at == LATER


def test_failed_notes_leave_the_document_completed() -> None:
    document = completed()
    document.fail_notes(1, DAMAGED, LATER)
    assert (document.state.status, document.state.notes_status) == ("completed", "failed")
    assert document.state.notes_error == DAMAGED


def test_the_same_bytes_again_change_nothing_unless_the_document_failed() -> None:
    for document in (uploaded(), completed()):
        before = document.version
        assert document.upload_again(LATER) is False
        assert document.version == before


def test_a_failed_document_that_is_uploaded_again_forgets_its_failure_and_can_be_read() -> None:
    document = failed()
    assert (document.state.error, document.state.notes_status) == (DAMAGED, "cancelled")
    assert document.upload_again(LATER) is True
    assert (document.state.status, document.state.notes_status) == ("pending", "pending")
    assert document.state.error is None
    assert (document.state.created_at, document.state.uploaded_at) == (NOW, LATER)
    document.start_processing(LATER)
    document.complete_processing(FACTS, LATER)
    assert document.state.status == "completed"


@pytest.mark.parametrize(
    ("document", "problem"), [(uploaded(), TextNotReady), (failed(), DocumentFailed)], ids=["unread", "failed"]
)
def test_notes_can_be_asked_for_only_when_there_is_a_text(document: Document, problem: type[Problem]) -> None:
    with pytest.raises(problem):
        document.request_notes("brief", LATER)


def test_new_notes_take_the_place_of_those_being_made() -> None:
    document = completed()
    document.start_notes(1, NOW)
    assert document.request_notes("detailed", LATER) == 2
    with pytest.raises(Superseded):
        document.complete_notes(1, "extractive", LATER)
    document.start_notes(2, LATER)
    document.complete_notes(2, "extractive", LATER)
    assert document.state.notes_status == "completed"


def test_asking_for_notes_again_forgets_why_the_last_ones_failed() -> None:
    document = completed()
    document.fail_notes(1, DAMAGED, NOW)
    document.request_notes("standard", LATER)
    assert document.state.notes_error is None


def test_a_text_that_is_read_already_is_not_read_again_by_a_late_worker() -> None:
    document = completed()
    for late in (
        lambda: document.start_processing(LATER),
        lambda: document.complete_processing(FACTS, LATER),
        lambda: document.fail_processing(DAMAGED, LATER),
    ):
        with pytest.raises(Superseded):
            late()


@pytest.mark.parametrize("make", [uploaded, failed, completed, with_notes])
def test_a_document_can_be_deleted_in_every_state_and_then_nothing_happens_to_it_any_more(
    make: Callable[[], Document],
) -> None:
    document = make()
    document.delete(LATER)
    assert row_of(document) is None
    assert Document.replay(document.document_id, document.recorded, document.version) is None
    for late in (
        lambda: document.start_processing(LATER),
        lambda: document.complete_notes(1, "extractive", LATER),
        lambda: document.fail_notes(1, DAMAGED, LATER),
    ):
        with pytest.raises(Superseded):
            late()
    with pytest.raises(DocumentNotFound):
        document.delete(LATER)


def test_the_title_is_the_owners_else_the_documents_else_the_files_name() -> None:
    assert completed(title="My lecture").title == "My lecture"
    assert completed().title == "The cell"
    assert uploaded().title == "cell"
    nameless = Original(filename=".pdf", media_type="application/pdf", size_bytes=1, sha256=ORIGINAL.sha256)
    assert Document.upload(uploaded().document_id, OWNER, nameless, None, NOW).title == ".pdf"
