from dataclasses import FrozenInstanceError
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest

from learning_contracts.events import DocumentUploaded

UPLOADED: dict[str, Any] = {
    "document_id": UUID("019aae3e-4c00-7a10-8c55-2f6d1b7e9a01"),
    "owner_id": "0" * 32,
    "filename": "a.txt",
    "media_type": "text/plain",
    "size_bytes": 1,
    "sha256": "0" * 64,
    "title": "a",
    "uploaded_at": datetime(2026, 1, 31, 9, 30, tzinfo=UTC),
}


def test_an_event_knows_its_type_topic_and_key() -> None:
    event = DocumentUploaded(**UPLOADED)
    assert (event.TYPE, event.VERSION, event.TOPIC) == ("document.uploaded", 1, "document.uploaded")
    assert event.key == "019aae3e-4c00-7a10-8c55-2f6d1b7e9a01"


def test_an_event_refuses_a_naive_time() -> None:
    with pytest.raises(ValueError, match="naive"):
        DocumentUploaded(**UPLOADED | {"uploaded_at": datetime(2026, 1, 31)})


def test_an_event_holds_its_times_as_they_will_be_received() -> None:
    moment = datetime(2026, 1, 31, 10, 30, 0, 123456, tzinfo=timezone(timedelta(hours=1)))
    event = DocumentUploaded(**UPLOADED | {"uploaded_at": moment})
    assert event.uploaded_at == datetime(2026, 1, 31, 9, 30, 0, 123000, tzinfo=UTC)
    assert event == DocumentUploaded.from_data(event.to_data())


def test_an_event_cannot_be_changed() -> None:
    event = DocumentUploaded(**UPLOADED)
    with pytest.raises(FrozenInstanceError):
        event.title = "b"  # type: ignore[misc]


def test_an_event_ignores_fields_it_does_not_know() -> None:
    event = DocumentUploaded(**UPLOADED)
    assert DocumentUploaded.from_data(event.to_data() | {"pages": 3}) == event
