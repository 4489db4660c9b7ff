"""Messages that cannot be used are refused with a word on what is wrong; what is merely new is not."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from learning_contracts.codec import (
    MAX_EVENT_BYTES,
    EncodedMessage,
    Envelope,
    EventTooLarge,
    InvalidEvent,
    UnknownEventType,
    UnusableMessage,
    decode,
    encode,
)
from learning_contracts.event import Event
from learning_contracts.events import DocumentDeleted, DocumentProcessed, TextBlock

Wrap = Callable[[Event], Envelope]


@pytest.fixture
def deleted() -> DocumentDeleted:
    return DocumentDeleted(
        document_id=UUID("019aae3e-4c00-7a10-8c55-2f6d1b7e9a01"),
        owner_id="0" * 32,
        deleted_at=datetime(2026, 1, 31, tzinfo=UTC),
    )


@pytest.fixture
def message(deleted: DocumentDeleted, envelope_of: Wrap) -> EncodedMessage:
    return encode(envelope_of(deleted))


def headers_with(message: EncodedMessage, **changes: bytes | None) -> list[tuple[str, bytes]]:
    """The message's headers, some replaced, or left out where the change is None; `_` stands for `-`."""
    headers = dict(message.headers)
    for name, value in changes.items():
        headers.pop(name, None)
        if value is not None:
            headers[name] = value
    return list(headers.items())


def data_of(message: EncodedMessage) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(message.value)
    return data


def processed(*texts: str) -> DocumentProcessed:
    return DocumentProcessed(
        document_id=UUID("019aae3e-4c00-7a10-8c55-2f6d1b7e9a01"),
        owner_id="0" * 32,
        text_version=1,
        title="a",
        filename="a.txt",
        media_type="text/plain",
        word_count=1,
        character_count=1,
        part_number=1,
        part_count=1,
        blocks=tuple(TextBlock(index=index, kind="paragraph", text=text) for index, text in enumerate(texts)),
        processed_at=datetime(2026, 1, 31, tzinfo=UTC),
    )


def test_a_message_is_a_cloudevent_in_binary_mode(message: EncodedMessage) -> None:
    assert message.topic == "document.processed"
    assert message.key == "019aae3e-4c00-7a10-8c55-2f6d1b7e9a01"
    assert dict(message.headers) == {
        "ce_specversion": b"1.0",
        "ce_id": b"019aae3e-4c02-7000-8000-0000000000ff",
        "ce_type": b"document.deleted.v1",
        "ce_source": b"urn:learning-platform:document-reader-service",
        "ce_subject": b"019aae3e-4c00-7a10-8c55-2f6d1b7e9a01",
        "ce_time": b"2026-01-31T09:30:00.123Z",
        "ce_dataschema": b"urn:learning-platform:schema:document.deleted.v1",
        "content-type": b"application/json",
        "ce_correlationid": b"request-1",
        "ce_causationid": b"019aae3e-4c02-7000-8000-0000000000fe",
        "traceparent": b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    }
    assert data_of(message) == {
        "document_id": "019aae3e-4c00-7a10-8c55-2f6d1b7e9a01",
        "owner_id": "0" * 32,
        "deleted_at": "2026-01-31T00:00:00.000Z",
    }


def test_the_optional_attributes_may_be_missing(deleted: DocumentDeleted, envelope_of: Wrap) -> None:
    bare = replace(envelope_of(deleted), correlation_id=None, causation_id=None, traceparent=None)
    message = encode(bare)
    assert not {"ce_correlationid", "ce_causationid", "traceparent"} & dict(message.headers).keys()
    assert decode(message.headers, message.value) == bare


def test_text_in_any_script_survives(envelope_of: Wrap) -> None:
    envelope = envelope_of(processed("Größe, 光合作用, 🌱, \u0000 and \u2028"))
    message = encode(envelope)
    assert "光合作用".encode() in message.value
    assert decode(message.headers, message.value) == envelope


@pytest.mark.parametrize(
    ("field", "value", "complaint"),
    [
        ("owner_id", "me", r"/owner_id"),
        ("text_version", 0, r"/text_version"),
        ("text_version", "1", r"/text_version"),
        ("title", None, r"/title"),
        ("blocks", ({"index": 0},), r"document.processed.v1"),
        ("blocks", (TextBlock(index=0, kind="poem", text="a"),), r"/blocks/0/kind"),  # type: ignore[arg-type]
        ("word_count", float("nan"), r"/word_count"),
    ],
)
def test_an_event_that_breaks_its_schema_is_not_sent(field: str, value: Any, complaint: str, envelope_of: Wrap) -> None:
    with pytest.raises(InvalidEvent, match=complaint):
        encode(envelope_of(replace(processed("a"), **{field: value})))


def test_half_a_surrogate_pair_is_not_sent(envelope_of: Wrap) -> None:
    with pytest.raises(InvalidEvent, match=r"document\.processed\.v1"):
        encode(envelope_of(processed("\ud800")))


def test_an_event_above_512_kib_is_not_sent_and_one_just_below_is(envelope_of: Wrap) -> None:
    empty = len(encode(envelope_of(processed(""))).value)
    assert len(encode(envelope_of(processed("a" * (MAX_EVENT_BYTES - empty)))).value) == MAX_EVENT_BYTES
    with pytest.raises(EventTooLarge, match="524289 bytes"):
        encode(envelope_of(processed("a" * (MAX_EVENT_BYTES - empty + 1))))


def test_the_type_must_be_that_of_the_data(deleted: DocumentDeleted, envelope_of: Wrap) -> None:
    with pytest.raises(InvalidEvent, match=r"document\.uploaded\.v1 does not fit"):
        encode(replace(envelope_of(deleted), type="document.uploaded.v1"))


@pytest.mark.parametrize("attribute", ["id", "source", "subject"])
def test_an_empty_attribute_is_not_sent(attribute: str, deleted: DocumentDeleted, envelope_of: Wrap) -> None:
    changes: dict[str, Any] = {attribute: ""}
    with pytest.raises(InvalidEvent, match="empty"):
        encode(replace(envelope_of(deleted), **changes))


def test_an_envelope_refuses_a_naive_time(deleted: DocumentDeleted, envelope_of: Wrap) -> None:
    with pytest.raises(ValueError, match="naive"):
        replace(envelope_of(deleted), time=datetime(2026, 1, 31))


def test_unknown_headers_and_fields_are_ignored(message: EncodedMessage, deleted: DocumentDeleted) -> None:
    newer = json.dumps(data_of(message) | {"reason": "asked for"}).encode()
    headers = [*message.headers, ("ce_partitionkey", b"x"), ("retries", None), ("other", b"\xff")]
    assert decode(headers, newer).data == deleted


def test_content_type_parameters_are_allowed(message: EncodedMessage, deleted: DocumentDeleted) -> None:
    headers = headers_with(message, **{"content-type": b"Application/JSON; charset=utf-8"})
    assert decode(headers, message.value).data == deleted


@pytest.mark.parametrize(
    "name", ["ce_specversion", "ce_id", "ce_type", "ce_source", "ce_subject", "ce_time", "content-type"]
)
def test_a_missing_or_empty_header_makes_a_message_unusable(name: str, message: EncodedMessage) -> None:
    for value in (None, b""):
        with pytest.raises(UnusableMessage, match=f"header {name} is missing"):
            decode(headers_with(message, **{name: value}), message.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ce_specversion", b"0.3"),
        ("ce_type", b"document.deleted"),
        ("ce_time", b"yesterday"),
        ("ce_time", b"2026-01-31T00:00:00"),
        ("ce_id", b"\xff"),
        ("content-type", b"application/avro"),
    ],
)
def test_a_wrong_header_makes_a_message_unusable(name: str, value: bytes, message: EncodedMessage) -> None:
    with pytest.raises(UnusableMessage, match=f"header {name}"):
        decode(headers_with(message, **{name: value}), message.value)


def test_a_message_without_headers_is_unusable(message: EncodedMessage) -> None:
    with pytest.raises(UnusableMessage, match="header ce_specversion is missing"):
        decode(None, message.value)


def test_an_unknown_type_can_be_told_from_other_faults(message: EncodedMessage) -> None:
    with pytest.raises(UnknownEventType, match=r"document\.deleted\.v2"):
        decode(headers_with(message, ce_type=b"document.deleted.v2"), message.value)


@pytest.mark.parametrize("value", [None, b"", b"{", b"\xff", b'{"a": NaN}', b"[" * 100_000], ids=repr)
def test_a_value_that_is_not_json_is_unusable(value: bytes | None, message: EncodedMessage) -> None:
    with pytest.raises(UnusableMessage, match="the value is"):
        decode(message.headers, value)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"document_id": "7"}, "/document_id"),
        ({"document_id": None}, "/document_id"),
        ({"deleted_at": "2026-01-31T00:00:00"}, "/deleted_at"),
        ({"deleted_at": "2026-13-31T00:00:00Z"}, "/deleted_at"),
        ({"deleted_at": 1769817600}, "/deleted_at"),
    ],
)
def test_data_that_breaks_its_schema_is_unusable(change: Any, complaint: str, message: EncodedMessage) -> None:
    with pytest.raises(UnusableMessage, match=complaint):
        decode(message.headers, json.dumps(data_of(message) | change).encode())


@pytest.mark.parametrize("value", [b"null", b"[]", b"{}", b'"text"'])
def test_json_that_is_no_event_is_unusable(value: bytes, message: EncodedMessage) -> None:
    with pytest.raises(UnusableMessage, match=r"document\.deleted\.v1: the data"):
        decode(message.headers, value)


def test_a_complaint_does_not_repeat_what_people_wrote(message: EncodedMessage) -> None:
    with pytest.raises(UnusableMessage) as raised:
        decode(message.headers, json.dumps(data_of(message) | {"owner_id": "my secret"}).encode())
    assert "secret" not in str(raised.value)
