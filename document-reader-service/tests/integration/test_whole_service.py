"""The whole service at work on PostgreSQL, Kafka and S3, with engines in processes of their own."""

import argparse
import asyncio
import json
from typing import Any
from uuid import UUID

import httpx
import pytest
import pytest_asyncio
from chassis.errors import problem_urn
from chassis.http.auth import derive_owner_id
from chassis.testing.tokens import ISSUER, JwtIssuer
from chassis.testing.waiting import eventually
from learning_contracts.codec import Envelope, decode
from learning_contracts.events import DocumentDeleted, DocumentProcessingFailed, DocumentUploaded
from support import files
from support.app import client_for
from support.service import Running

from document_reader_service import cli
from document_reader_service.application import object_keys
from document_reader_service.bootstrap import open_resources

DOCUMENTS = "/api/documents"


@pytest_asyncio.fixture
async def alice(running: Running, jwt_issuer: JwtIssuer) -> httpx.AsyncClient:
    return client_for(running.application.app, jwt_issuer)


async def upload(client: httpx.AsyncClient, name: str, content: bytes, wait: int = 60) -> dict[str, Any]:
    reply = await client.post(
        f"{DOCUMENTS}/upload", files={"file": (name, content)}, headers={"Prefer": f"wait={wait}"}
    )
    assert reply.status_code == 200, reply.text
    document: dict[str, Any] = reply.json()
    return document


async def notes_made(client: httpx.AsyncClient, document_id: str) -> dict[str, Any]:
    async def notes() -> dict[str, Any] | None:
        reply = await client.get(f"{DOCUMENTS}/{document_id}/notes")
        return reply.json() if reply.status_code == 200 else None

    made = await eventually(notes, timeout_seconds=60)
    assert made is not None
    return made


async def heard(running: Running, topic: str, count: int) -> list[Envelope]:
    """What others read from a topic: decoded by their codec, so valid."""
    messages = await running.kafka.read(topic, count)
    return [decode(message.headers(), message.value()) for message in messages]


async def test_a_lecture_goes_in_and_text_notes_and_events_come_out(running: Running, alice: httpx.AsyncClient) -> None:
    document = await upload(alice, "lecture.pdf", files.pdf_lecture(3))
    document_id = document["document_id"]
    assert (document["status"], document["page_count"], document["language"]) == ("completed", 3, "en")
    notes = await notes_made(alice, document_id)
    blocks = (await alice.get(f"{DOCUMENTS}/{document_id}/content?limit=100")).json()["blocks"]
    for source in (source for point in notes["key_points"] for source in point["sources"]):
        assert blocks[source["block"]]["text"][source["start"] : source["end"]] == source["quote"]

    [uploaded] = await heard(running, "document.uploaded", 1)
    [processed] = await heard(running, "document.processed", 1)
    [generated] = await heard(running, "notes.generated", 1)
    assert {envelope.subject for envelope in (uploaded, processed, generated)} == {document_id}
    assert {envelope.source for envelope in (uploaded, processed, generated)} == {
        "urn:learning-platform:document-reader-service"
    }
    assert [block["text"] for block in blocks] == [block.text for block in processed.data.blocks]
    assert [item.text for item in generated.data.items if item.kind == "key_point"] == [
        point["text"] for point in notes["key_points"]
    ]

    owner_id = uploaded.data.owner_id
    copy = await running.storage.get(object_keys.notes(owner_id, UUID(document_id), 1))
    assert json.loads(copy) == notes


async def test_what_cannot_be_read_fails_by_name_and_everybody_hears_of_it(
    running: Running, alice: httpx.AsyncClient
) -> None:
    unreadable = {
        "encrypted-document": files.encrypted_pdf(),
        "damaged-document": files.damaged_pdf(),
        "no-text": files.scanned_pdf(),
        "document-too-large": files.long_pdf(3_000),
    }
    failures = {}
    for problem, content in unreadable.items():
        document = await upload(alice, f"{problem}.pdf", content)
        assert (document["status"], document["error"]["type"]) == ("failed", problem_urn(problem))
        assert document["error"]["detail"]
        failures[document["document_id"]] = problem_urn(problem)
    told = await heard(running, "document.processed", 4)
    assert {type(envelope.data) for envelope in told} == {DocumentProcessingFailed}
    assert {envelope.subject: envelope.data.error.type for envelope in told} == failures


async def test_a_document_that_failed_is_read_again_when_it_is_uploaded_again(
    running: Running, alice: httpx.AsyncClient
) -> None:
    content = files.scanned_pdf()
    first = await upload(alice, "scan.pdf", content)
    reply = await alice.post(f"{DOCUMENTS}/upload", files={"file": ("scan.pdf", content)})
    assert (reply.status_code, reply.json()["document_id"]) == (202, first["document_id"])
    told = await heard(running, "document.processed", 2)
    assert [type(envelope.data) for envelope in told] == [DocumentProcessingFailed] * 2


@pytest.mark.parametrize(
    ("name", "content", "status", "problem"),
    [
        ("empty.pdf", b"", 422, "empty-file"),
        ("slides.pdf", files.png(), 415, "unsupported-media-type"),
        ("archive.zip", files.zip_archive(), 415, "unsupported-media-type"),
        ("large.txt", b"words " * 400_000, 413, "payload-too-large"),
    ],
)
async def test_what_is_no_document_is_refused_by_name_and_leaves_nothing(
    running: Running, alice: httpx.AsyncClient, name: str, content: bytes, status: int, problem: str
) -> None:
    reply = await alice.post(f"{DOCUMENTS}/upload", files={"file": (name, content)})
    assert reply.status_code == status
    assert reply.json()["type"] == f"urn:learning-platform:problem:{problem}"
    assert (await alice.get(DOCUMENTS)).json()["items"] == []
    assert [found.key async for found in running.storage.list("")] == []


async def test_every_format_is_read_whatever_its_encoding_and_its_name(
    running: Running, alice: httpx.AsyncClient
) -> None:
    word = await upload(alice, "../../lecture.docx", files.docx_lecture())
    assert (word["status"], word["filename"]) == ("completed", "lecture.docx")
    assert [entry["heading"] for entry in word["outline"]] == ["The cell"]
    text = await upload(alice, 'my "notes" 🧬.txt', files.utf16_text())
    assert (text["status"], text["filename"]) == ("completed", 'my "notes" 🧬.txt')
    content = await alice.get(f"{DOCUMENTS}/{text['document_id']}/content", headers={"Accept": "text/markdown"})
    assert content.text.startswith("Größe und Maß.")


async def test_the_stream_shows_each_step_and_ends_when_the_notes_are_there(
    running: Running, alice: httpx.AsyncClient
) -> None:
    reply = await alice.post(f"{DOCUMENTS}/upload", files={"file": ("lecture.pdf", files.pdf_lecture())})
    stream = await alice.get(reply.headers["location"].removeprefix("/v1") + "/events")
    seen = [json.loads(line[6:]) for line in stream.text.splitlines() if line.startswith("data: ")]
    statuses = [document["status"] for document in seen]
    assert statuses == sorted(statuses, key=["pending", "processing", "completed"].index)
    assert (seen[-1]["status"], seen[-1]["notes_status"]) == ("completed", "completed")
    revisions = [int(line[4:]) for line in stream.text.splitlines() if line.startswith("id: ")]
    assert revisions == sorted(set(revisions))


async def test_deleting_while_it_is_read_stops_the_work_ends_the_stream_and_leaves_nothing(
    running: Running, alice: httpx.AsyncClient
) -> None:
    reply = await alice.post(f"{DOCUMENTS}/upload", files={"file": ("lecture.pdf", files.pdf_lecture(500))})
    document_id = reply.json()["document_id"]
    path = f"{DOCUMENTS}/{document_id}"
    stream = asyncio.create_task(alice.get(f"{path}/events"))

    async def being_read() -> bool:
        return bool((await alice.get(path)).json()["status"] == "processing")

    await eventually(being_read)
    assert (await alice.delete(path)).status_code == 204
    last = [line for line in (await stream).text.splitlines() if line.startswith("data: ")][-1]
    assert json.loads(last[6:])["status"] == "cancelled"
    assert (await alice.get(path)).status_code == 404

    async def nothing_left() -> bool:
        return [found.key async for found in running.storage.list("")] == []

    await eventually(nothing_left, timeout_seconds=30)
    messages = [await heard(running, "document.uploaded", 1), await heard(running, "document.processed", 1)]
    assert [type(envelope.data) for [envelope] in messages] == [DocumentUploaded, DocumentDeleted]


async def test_regenerated_notes_are_waited_for_and_told_as_the_next_version(
    running: Running, alice: httpx.AsyncClient
) -> None:
    document = await upload(alice, "lecture.docx", files.docx_lecture())
    await notes_made(alice, document["document_id"])
    reply = await alice.post(
        f"{DOCUMENTS}/{document['document_id']}/regenerate-notes",
        json={"detail": "brief"},
        headers={"Prefer": "wait=60"},
    )
    assert (reply.status_code, reply.json()["notes_status"]) == (200, "completed")
    generated = await heard(running, "notes.generated", 2)
    assert [envelope.data.notes_version for envelope in generated] == [1, 2]


async def test_erasing_an_owner_also_forgets_the_replies_kept_for_them(running: Running, jwt_issuer: JwtIssuer) -> None:
    for subject in ("alice", "bob"):
        client = client_for(running.application.app, jwt_issuer, subject)
        reply = await client.post(
            f"{DOCUMENTS}/upload", files={"file": ("a.md", b"Words.")}, headers={"Idempotency-Key": subject}
        )
        assert reply.status_code == 202
    await cli.erase(running.settings, argparse.Namespace(owner=derive_owner_id(ISSUER, "alice")))
    async with open_resources(running.settings) as resources, resources.pool.connection() as connection:
        kept = await (await connection.execute("SELECT key FROM idempotency_keys")).fetchall()
    assert kept == [{"key": "bob"}]
