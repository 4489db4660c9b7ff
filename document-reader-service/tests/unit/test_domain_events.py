"""Stored events: they come back as they were, also those stored long ago."""

import json

import pytest
from support.streams import DAMAGED, LATER, completed, failed, uploaded, with_notes

from document_reader_service.domain import events
from document_reader_service.domain.document import Document, fold

# What is in databases. It must stay readable for ever: add to it, never change it.
STORED_STREAM = [
    (
        "uploaded",
        1,
        {
            "at": "2026-01-31T09:30:00.123Z",
            "owner_id": "0123456789abcdef0123456789abcdef",
            "filename": "photosynthesis.pdf",
            "media_type": "application/pdf",
            "size_bytes": 482133,
            "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            "title": None,
        },
    ),
    ("processing_started", 1, {"at": "2026-01-31T09:30:01.000Z"}),
    (
        "processing_failed",
        1,
        {
            "at": "2026-01-31T09:30:01.500Z",
            "error": {"type": "urn:learning-platform:problem:no-text", "title": "No text", "detail": "A scan."},
        },
    ),
    ("uploaded_again", 1, {"at": "2026-02-01T10:00:00.000Z"}),
    ("processing_started", 1, {"at": "2026-02-01T10:00:01.000Z"}),
    ("processing_advanced", 1, {"at": "2026-02-01T10:00:02.000Z", "done": 1}),
    (
        "text_extracted",
        1,
        {
            "at": "2026-02-01T10:00:03.000Z",
            "text_version": 1,
            "title": "The light reactions",
            "language": "en",
            "page_count": 12,
            "word_count": 3000,
            "character_count": 18000,
            "outline": [{"heading": "The light reactions", "level": 1, "page": 1}],
        },
    ),
    ("notes_requested", 1, {"at": "2026-02-01T10:00:03.000Z", "notes_version": 1, "detail": "standard"}),
    ("notes_started", 1, {"at": "2026-02-01T10:00:04.000Z", "notes_version": 1}),
    ("notes_generated", 1, {"at": "2026-02-01T10:00:05.000Z", "notes_version": 1, "engine": "extractive"}),
    ("notes_requested", 1, {"at": "2026-02-01T10:01:00.000Z", "notes_version": 2, "detail": "brief"}),
    (
        "notes_failed",
        1,
        {
            "at": "2026-02-01T10:02:00.000Z",
            "notes_version": 2,
            "error": {"type": "urn:learning-platform:problem:processing-timeout", "title": "Too slow", "detail": ""},
        },
    ),
]


def test_a_stream_stored_by_the_first_release_still_folds_to_the_same_state() -> None:
    state = fold([events.from_data(*stored) for stored in STORED_STREAM])
    assert (state.status, state.text_version, state.notes_version) == ("completed", 1, 2)
    assert (state.notes_status, state.notes_error and state.notes_error.title) == ("failed", "Too slow")
    assert state.text is not None
    assert [(entry.heading, entry.page) for entry in state.text.outline] == [("The light reactions", 1)]
    assert state.error is None


def test_that_stream_has_every_kind_of_event_but_the_last_one() -> None:
    assert {type_ for type_, _, _ in STORED_STREAM} == set(events.EVENT_CLASSES) - {"deleted"}


def deleted() -> Document:
    document = with_notes()
    document.request_notes("brief", LATER)
    document.fail_notes(2, DAMAGED, LATER)
    document.delete(LATER)
    return document


@pytest.mark.parametrize("document", [uploaded("Mine"), failed(), completed(), with_notes(), deleted()])
def test_an_event_comes_back_from_its_json_as_it_was(document: Document) -> None:
    for event in document.recorded:
        data = json.loads(json.dumps(events.to_data(event)))
        assert events.from_data(event.TYPE, event.VERSION, data) == event


def test_older_forms_are_lifted_step_by_step_to_the_present_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events.ProcessingAdvanced, "VERSION", 3)
    upcasters: events.Upcasters = {
        ("processing_advanced", 1): lambda data: {"at": data["at"], "step": data["percent"] // 34},
        ("processing_advanced", 2): lambda data: {"at": data["at"], "done": data["step"]},
    }
    old = {"at": "2026-01-31T09:30:00.000Z", "percent": 68}
    lifted = events.from_data("processing_advanced", 1, old, upcasters)
    assert isinstance(lifted, events.ProcessingAdvanced)
    assert lifted.done == 2


def test_a_form_nobody_can_lift_is_an_error_not_a_guess() -> None:
    with pytest.raises(KeyError):
        events.from_data("uploaded", 7, {})


def test_a_stream_that_does_not_begin_with_an_upload_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot begin"):
        fold([events.ProcessingStarted(at=LATER)])
