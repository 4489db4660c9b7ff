"""Every route answers as contracts/openapi.yaml says, in success and in refusal."""

from uuid import UUID, uuid4

import httpx
import pytest
from chassis.clock import utc_now
from chassis.http.auth import derive_owner_id
from chassis.testing.contract import promised_operations
from chassis.testing.tokens import ISSUER
from fastapi import FastAPI
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.schemas import OpenApiSchema
from support.scene import LECTURE, Scene
from support.streams import DAMAGED

from document_reader_service.application import commands

ALICE = derive_owner_id(ISSUER, "alice")


async def read(scene: Scene) -> UUID:
    document_id = await scene.uploaded(LECTURE, ALICE)
    await scene.work()
    return document_id


def test_the_service_has_the_operations_of_the_contract_and_no_others(app: FastAPI, contract: OpenApiSchema) -> None:
    served = promised_operations(app.openapi(), "/api/")
    assert served == promised_operations(contract.raw_schema, "/api/documents")


async def test_an_upload_is_answered_as_promised_when_new_known_and_refused(
    alice: httpx.AsyncClient, scene: Scene
) -> None:
    files = {"file": ("cell.md", LECTURE)}
    statuses = [
        (await alice.post("/api/documents/upload", files=files)).status_code,
        (await alice.post("/api/documents/upload", files=files)).status_code,
        (await alice.post("/api/documents/upload", files={"file": ("empty.md", b"")})).status_code,
        (await alice.post("/api/documents/upload", files={"file": ("x.pdf", b"\x89PNG\r\n\x1a\n")})).status_code,
    ]
    assert statuses == [202, 200, 422, 415]
    await scene.work()
    assert (await alice.post("/api/documents/upload", files=files)).json()["status"] == "completed"
    scene.storage.available = False
    assert (await alice.post("/api/documents/upload", files={"file": ("b.md", b"Words.")})).status_code == 503


async def test_a_read_document_is_answered_as_promised_on_every_route(alice: httpx.AsyncClient, scene: Scene) -> None:
    path = f"/api/documents/{await read(scene)}"
    replies = [
        await alice.get("/api/documents"),
        await alice.get(path),
        await alice.get(f"{path}/events"),
        await alice.get(f"{path}/content?limit=1"),
        await alice.get(f"{path}/content", headers={"Accept": "text/markdown"}),
        await alice.get(f"{path}/notes"),
        await alice.get(f"{path}/notes", headers={"Accept": "text/markdown"}),
        await alice.get(f"{path}/original"),
        await alice.get(f"{path}/original", headers={"Range": "bytes=0-3"}),
        await alice.post(f"{path}/regenerate-notes", json={"detail": "brief"}),
        await alice.post(f"{path}/regenerate-notes", headers={"Prefer": "wait=1"}),
        await alice.delete(path),
    ]
    assert [reply.status_code for reply in replies] == [200] * 8 + [206, 202, 202, 204]


async def test_a_document_at_work_and_one_that_failed_are_answered_as_promised(
    alice: httpx.AsyncClient, scene: Scene
) -> None:
    working = await scene.uploaded(b"Some words.", ALICE)
    failed = await scene.uploaded(b"Other words.", ALICE)
    async with scene.unit_of_work() as uow:
        await commands.start_processing(uow, working, utc_now())
        await commands.fail_processing(uow, failed, DAMAGED, utc_now())
    for document_id, notes_status in ((working, 404), (failed, 409)):
        path = f"/api/documents/{document_id}"
        assert (await alice.get(path)).status_code == 200
        assert (await alice.get(f"{path}/content")).status_code == 409
        assert (await alice.get(f"{path}/notes")).status_code == notes_status
        assert (await alice.post(f"{path}/regenerate-notes")).status_code == 409
    assert len((await alice.get("/api/documents")).json()["items"]) == 2


@pytest.mark.parametrize("tail", ["", "/events", "/content", "/original", "/notes"])
async def test_refusals_are_answered_as_promised(alice: httpx.AsyncClient, tail: str) -> None:
    assert (await alice.get(f"/api/documents/{uuid4()}{tail}")).status_code == 404
    del alice.headers["authorization"]
    assert (await alice.get(f"/api/documents/{uuid4()}{tail}")).status_code == 401


async def test_forms_and_pages_that_cannot_be_had_are_answered_as_promised(
    alice: httpx.AsyncClient, scene: Scene
) -> None:
    path = f"/api/documents/{await read(scene)}"
    assert (await alice.get(f"{path}/notes", headers={"Accept": "image/png"})).status_code == 406
    assert (await alice.get(f"{path}/original", headers={"Range": "bytes=9999-"})).status_code == 416
    assert (await alice.get("/api/documents?limit=0")).status_code == 422
    assert (await alice.post(f"{path}/regenerate-notes", content=b"{")).status_code == 422


async def test_a_reply_against_the_contract_would_be_noticed(
    alice: httpx.AsyncClient, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    document_id = await read(scene)
    monkeypatch.setattr("document_reader_service.api.schemas.status_document", lambda _: {"status": "done"})
    with pytest.raises(FailureGroup):
        await alice.get(f"/api/documents/{document_id}")
