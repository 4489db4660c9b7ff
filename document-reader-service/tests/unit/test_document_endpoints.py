"""The routes below /api/documents, upload apart."""

import json
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from chassis.clock import utc_now
from chassis.http.auth import derive_owner_id
from chassis.testing.tokens import ISSUER, JwtIssuer
from fastapi import FastAPI
from support.app import app_over, client_for
from support.scene import LECTURE, Scene
from support.streams import DAMAGED

from document_reader_service.application import commands
from document_reader_service.domain.errors import ProcessingTimeout

ALICE = derive_owner_id(ISSUER, "alice")
ROUTES = [
    ("GET", "/api/documents/{id}"),
    ("GET", "/api/documents/{id}/events"),
    ("GET", "/api/documents/{id}/content"),
    ("GET", "/api/documents/{id}/original"),
    ("GET", "/api/documents/{id}/notes"),
    ("POST", "/api/documents/{id}/regenerate-notes"),
    ("DELETE", "/api/documents/{id}"),
]


@pytest.fixture
def app(scene: Scene, jwt_issuer: JwtIssuer) -> FastAPI:
    return app_over(scene, jwt_issuer.settings)


@pytest.fixture
def alice(app: FastAPI, jwt_issuer: JwtIssuer) -> httpx.AsyncClient:
    return client_for(app, jwt_issuer)


@pytest.fixture
def bob(app: FastAPI, jwt_issuer: JwtIssuer) -> httpx.AsyncClient:
    return client_for(app, jwt_issuer, "bob")


async def read(scene: Scene, content: bytes = LECTURE) -> UUID:
    """A document of Alice's, read and with its notes."""
    document_id = await scene.uploaded(content, ALICE)
    await scene.work()
    return document_id


async def failed(scene: Scene) -> UUID:
    document_id = await scene.uploaded(owner_id=ALICE)
    async with scene.unit_of_work() as uow:
        await commands.fail_processing(uow, document_id, DAMAGED, utc_now())
    return document_id


def problem(reply: httpx.Response) -> str:
    assert reply.headers["content-type"] == "application/problem+json"
    return str(reply.json()["type"]).removeprefix("urn:learning-platform:problem:")


@pytest.mark.parametrize(("method", "path"), [*ROUTES, ("GET", "/api/documents")])
async def test_no_token_is_401(app: FastAPI, jwt_issuer: JwtIssuer, method: str, path: str) -> None:
    nobody = client_for(app, jwt_issuer, subject=None)
    assert (await nobody.request(method, path.format(id=uuid4()))).status_code == 401


@pytest.mark.parametrize(("method", "path"), ROUTES)
async def test_somebody_elses_document_is_404_and_stays(
    bob: httpx.AsyncClient, scene: Scene, method: str, path: str
) -> None:
    document_id = await read(scene)
    reply = await bob.request(method, path.format(id=document_id))
    assert reply.status_code == 404
    assert document_id in scene.database.rows
    assert scene.waiting() == []


@pytest.mark.parametrize(("method", "path"), ROUTES)
async def test_an_id_that_is_none_is_404(alice: httpx.AsyncClient, method: str, path: str) -> None:
    assert (await alice.request(method, path.format(id="not-an-id"))).status_code == 404


@pytest.mark.parametrize(("method", "path"), [route for route in ROUTES if route[0] != "GET"])
async def test_a_token_that_may_only_read_changes_nothing(
    app: FastAPI, jwt_issuer: JwtIssuer, scene: Scene, method: str, path: str
) -> None:
    document_id = await read(scene)
    reader = client_for(app, jwt_issuer, scopes=["documents:read"])
    assert (await reader.request(method, path.format(id=document_id))).status_code == 403


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=ten", "cursor=nonsense"])
async def test_a_bad_page_is_422(alice: httpx.AsyncClient, scene: Scene, query: str) -> None:
    document_id = await read(scene)
    for path in ("/api/documents", f"/api/documents/{document_id}/content"):
        assert (await alice.get(f"{path}?{query}")).status_code == 422


@pytest.mark.parametrize("body", ['{"detail": "long"}', '{"detail": "brief", "extra": 1}', "[]", "{not json"], ids=str)
async def test_a_bad_body_is_422_and_asks_for_nothing(alice: httpx.AsyncClient, scene: Scene, body: str) -> None:
    document_id = await read(scene)
    reply = await alice.post(
        f"/api/documents/{document_id}/regenerate-notes", content=body, headers={"Content-Type": "application/json"}
    )
    assert reply.status_code == 422
    assert scene.waiting() == []


async def test_the_document_tells_its_state_and_structure(alice: httpx.AsyncClient, scene: Scene) -> None:
    document_id = await read(scene)
    document = (await alice.get(f"/api/documents/{document_id}")).json()
    assert (document["status"], document["notes_status"]) == ("completed", "completed")
    assert [entry["heading"] for entry in document["outline"]] == ["The cell", "Mitochondria"]
    assert document["word_count"] > 30
    assert document["language"] == "en"
    assert document["error"] is None
    assert "progress" not in document


async def test_progress_shows_while_it_is_read(alice: httpx.AsyncClient, scene: Scene) -> None:
    document_id = await scene.uploaded(owner_id=ALICE)
    async with scene.unit_of_work() as uow:
        await commands.start_processing(uow, document_id, utc_now())
        await commands.advance_processing(uow, document_id, utc_now())
    document = (await alice.get(f"/api/documents/{document_id}")).json()
    assert document["status"] == "processing"
    assert document["progress"] == {"done": 1, "total": 3, "unit": "steps"}


async def test_a_failed_document_tells_why(alice: httpx.AsyncClient, scene: Scene) -> None:
    document = (await alice.get(f"/api/documents/{await failed(scene)}")).json()
    assert document["status"] == "failed"
    assert document["error"] == DAMAGED.to_dict()


async def test_the_list_has_mine_newest_first_and_pages_without_gaps(
    alice: httpx.AsyncClient, bob: httpx.AsyncClient, scene: Scene
) -> None:
    mine = [await scene.uploaded(f"Text number {number}.".encode(), ALICE) for number in range(5)]
    shown: list[str] = []
    path = "/api/documents?limit=2"
    while path:
        page = (await alice.get(path)).json()
        shown += [item["document_id"] for item in page["items"]]
        path = (page["next"] or "").removeprefix("/v1")
    assert shown == [str(document_id) for document_id in reversed(mine)]
    assert (await bob.get("/api/documents")).json() == {"items": [], "next": None}


async def test_the_content_comes_in_pages_of_blocks_that_add_up_to_the_text(
    alice: httpx.AsyncClient, scene: Scene
) -> None:
    document_id = await read(scene)
    blocks: list[dict[str, Any]] = []
    path = f"/api/documents/{document_id}/content?limit=2"
    while path:
        page = (await alice.get(path)).json()
        assert len(page["blocks"]) <= 2
        blocks += page["blocks"]
        path = (page["next"] or "").removeprefix("/v1")
    assert [block["index"] for block in blocks] == list(range(len(scene.database.blocks[document_id])))
    assert set(blocks[0]) == {"index", "page", "kind", "level", "text", "bbox"}


async def test_the_content_is_had_as_markdown_too(alice: httpx.AsyncClient, scene: Scene) -> None:
    document_id = await read(scene)
    reply = await alice.get(f"/api/documents/{document_id}/content", headers={"Accept": "text/markdown"})
    assert reply.headers["content-type"].startswith("text/markdown")
    assert "## Mitochondria" in reply.text


@pytest.mark.parametrize("path", ["content", "notes"])
async def test_a_form_that_cannot_be_made_is_406(alice: httpx.AsyncClient, scene: Scene, path: str) -> None:
    document_id = await read(scene)
    reply = await alice.get(f"/api/documents/{document_id}/{path}", headers={"Accept": "image/png"})
    assert (reply.status_code, problem(reply)) == (406, "not-acceptable")


async def test_content_and_notes_of_an_unread_document_say_when_to_ask_again(
    alice: httpx.AsyncClient, scene: Scene
) -> None:
    document_id = await scene.uploaded(owner_id=ALICE)
    content = await alice.get(f"/api/documents/{document_id}/content")
    assert (content.status_code, problem(content)) == (409, "text-not-ready")
    notes = await alice.get(f"/api/documents/{document_id}/notes")
    assert (notes.status_code, problem(notes)) == (404, "notes-not-ready")
    regenerate = await alice.post(f"/api/documents/{document_id}/regenerate-notes")
    assert (regenerate.status_code, problem(regenerate)) == (409, "text-not-ready")
    assert all(int(reply.headers["retry-after"]) > 0 for reply in (content, notes, regenerate))


async def test_content_and_notes_of_a_failed_document_say_why_there_are_none(
    alice: httpx.AsyncClient, scene: Scene
) -> None:
    document_id = await failed(scene)
    content = await alice.get(f"/api/documents/{document_id}/content")
    assert (content.status_code, problem(content)) == (409, "document-failed")
    notes = await alice.get(f"/api/documents/{document_id}/notes")
    assert (notes.status_code, problem(notes)) == (409, "notes-failed")
    regenerate = await alice.post(f"/api/documents/{document_id}/regenerate-notes")
    assert (regenerate.status_code, problem(regenerate)) == (409, "document-failed")
    assert all("It ends too early." in reply.json()["detail"] for reply in (content, notes, regenerate))


async def test_failed_notes_are_409_with_the_reason(alice: httpx.AsyncClient, scene: Scene) -> None:
    document_id = await scene.uploaded(owner_id=ALICE)
    job = scene.database.claim("process")
    assert job is not None
    await scene.jobs.process(job)
    scene.engines.failure = ProcessingTimeout("It took longer than 120 seconds.")
    await scene.work()
    reply = await alice.get(f"/api/documents/{document_id}/notes")
    assert (reply.status_code, problem(reply)) == (409, "notes-failed")
    assert "120 seconds" in reply.json()["detail"]


async def test_the_notes_carry_quotes_that_stand_in_the_content(alice: httpx.AsyncClient, scene: Scene) -> None:
    document_id = await read(scene)
    notes = (await alice.get(f"/api/documents/{document_id}/notes")).json()
    blocks = (await alice.get(f"/api/documents/{document_id}/content")).json()["blocks"]
    sources = [source for point in notes["key_points"] for source in point["sources"]]
    assert sources
    for source in sources:
        assert blocks[source["block"]]["text"][source["start"] : source["end"]] == source["quote"]


async def test_the_notes_are_had_as_markdown_too(alice: httpx.AsyncClient, scene: Scene) -> None:
    document_id = await read(scene)
    reply = await alice.get(f"/api/documents/{document_id}/notes", headers={"Accept": "text/markdown, */*;q=0.1"})
    assert reply.headers["content-type"].startswith("text/markdown")
    assert "## Key points" in reply.text


async def test_regenerated_notes_are_a_new_version_and_the_old_one_stays_readable(
    alice: httpx.AsyncClient, scene: Scene
) -> None:
    document_id = await read(scene)
    notes = f"/api/documents/{document_id}/notes"
    reply = await alice.post(f"/api/documents/{document_id}/regenerate-notes", json={"detail": "brief"})
    assert reply.status_code == 202
    assert reply.headers["location"] == f"/v1/api/documents/{document_id}"
    assert reply.json()["notes_status"] == "pending"
    assert (await alice.get(notes)).json()["version"] == 1
    assert problem(await alice.get(f"{notes}?version=2")) == "notes-not-ready"
    await scene.work()
    assert (await alice.get(notes)).json()["version"] == 2
    assert (await alice.get(f"{notes}?version=1")).json()["version"] == 1
    assert problem(await alice.get(f"{notes}?version=3")) == "notes-version-not-found"
    assert (await alice.get(f"{notes}?version=0")).status_code == 422


async def test_regenerating_without_a_body_makes_standard_notes(alice: httpx.AsyncClient, scene: Scene) -> None:
    document_id = await read(scene)
    assert (await alice.post(f"/api/documents/{document_id}/regenerate-notes")).status_code == 202
    await scene.work()
    assert scene.database.notes[document_id, 2].detail == "standard"


async def test_the_same_idempotency_key_asks_for_notes_once(alice: httpx.AsyncClient, scene: Scene) -> None:
    document_id = await read(scene)
    path, headers = f"/api/documents/{document_id}/regenerate-notes", {"Idempotency-Key": "once"}
    first = await alice.post(path, json={"detail": "brief"}, headers=headers)
    second = await alice.post(path, json={"detail": "brief"}, headers=headers)
    assert second.json() == first.json()
    assert scene.waiting() == ["notes"]
    other = await alice.post(path, json={"detail": "detailed"}, headers=headers)
    assert (other.status_code, problem(other)) == (422, "idempotency-key-reused")


async def test_the_original_comes_back_byte_for_byte_with_its_name(alice: httpx.AsyncClient, scene: Scene) -> None:
    document_id = await read(scene)
    reply = await alice.get(f"/api/documents/{document_id}/original")
    assert reply.content == LECTURE
    assert reply.headers["content-disposition"] == 'attachment; filename="cell.md"'
    assert reply.headers["content-type"].startswith("text/markdown")
    again = await alice.get(f"/api/documents/{document_id}/original", headers={"If-None-Match": reply.headers["etag"]})
    assert again.status_code == 304


async def test_a_range_of_the_original_can_be_had(alice: httpx.AsyncClient, scene: Scene) -> None:
    document_id = await read(scene)
    path = f"/api/documents/{document_id}/original"
    reply = await alice.get(path, headers={"Range": "bytes=2-9"})
    assert (reply.status_code, reply.content) == (206, LECTURE[2:10])
    assert reply.headers["content-range"] == f"bytes 2-9/{len(LECTURE)}"
    assert (await alice.get(path, headers={"Range": "bytes=99999-"})).status_code == 416


async def test_deleting_is_204_and_afterwards_everything_of_it_is_404(alice: httpx.AsyncClient, scene: Scene) -> None:
    document_id = await read(scene)
    assert (await alice.delete(f"/api/documents/{document_id}")).status_code == 204
    for method, path in ROUTES:
        assert (await alice.request(method, path.format(id=document_id))).status_code == 404
    assert (await alice.get("/api/documents")).json()["items"] == []
    await scene.work()
    assert scene.storage.keys == ()


async def test_a_document_can_be_deleted_before_and_after_it_failed(alice: httpx.AsyncClient, scene: Scene) -> None:
    for document_id in (await failed(scene), await scene.uploaded(b"Not read yet.", ALICE)):
        assert (await alice.delete(f"/api/documents/{document_id}")).status_code == 204


async def test_the_stream_of_a_settled_document_is_one_snapshot(alice: httpx.AsyncClient, scene: Scene) -> None:
    document_id = await read(scene)
    reply = await alice.get(f"/api/documents/{document_id}/events")
    assert reply.headers["content-type"].startswith("text/event-stream")
    [data] = [line for line in reply.text.splitlines() if line.startswith("data: ")]
    assert json.loads(data.removeprefix("data: "))["notes_status"] == "completed"
    revision = scene.row(document_id).revision
    assert f"id: {revision}\n" in reply.text
    seen = await alice.get(f"/api/documents/{document_id}/events", headers={"Last-Event-ID": str(revision)})
    assert "data: " not in seen.text


async def test_prefer_wait_on_regenerating_gives_200_when_the_notes_are_done_in_time(
    alice: httpx.AsyncClient, scene: Scene
) -> None:
    document_id = await read(scene)
    path, headers = f"/api/documents/{document_id}/regenerate-notes", {"Prefer": "wait=10", "Idempotency-Key": "k"}
    accepted = await alice.post(path, headers={"Idempotency-Key": "k"})
    assert accepted.status_code == 202
    await scene.work()
    reply = await alice.post(path, headers=headers)
    assert reply.status_code == 200
    assert reply.json()["notes_status"] == "completed"
    assert reply.headers["preference-applied"] == "wait=10"
