"""POST /api/documents/upload."""

from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio
from chassis.testing.tokens import JwtIssuer
from support.app import app_over, client_for
from support.scene import LECTURE, Scene

from document_reader_service.settings import DocumentsSettings

UPLOAD = "/api/documents/upload"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)
BOUNDARY = "----boundary"


@pytest.fixture
def alice(scene: Scene, jwt_issuer: JwtIssuer) -> httpx.AsyncClient:
    return client_for(app_over(scene, jwt_issuer.settings), jwt_issuer)


@pytest_asyncio.fixture
async def small(scene: Scene, jwt_issuer: JwtIssuer) -> AsyncIterator[httpx.AsyncClient]:
    """A service that takes files of at most 1,000 bytes."""
    app = app_over(scene, jwt_issuer.settings, DocumentsSettings(max_upload_bytes=1_000))
    async with client_for(app, jwt_issuer) as client:
        yield client


def lecture(content: bytes = LECTURE, filename: str = "cell.md") -> dict[str, tuple[str, bytes]]:
    return {"file": (filename, content)}


def assert_nothing_happened(scene: Scene) -> None:
    assert not scene.database.rows
    assert not scene.database.outbox
    assert scene.storage.keys == ()


async def test_no_token_is_401(scene: Scene, jwt_issuer: JwtIssuer) -> None:
    nobody = client_for(app_over(scene, jwt_issuer.settings), jwt_issuer, subject=None)
    reply = await nobody.post(UPLOAD, files=lecture())
    assert reply.status_code == 401
    assert reply.headers["www-authenticate"].startswith("Bearer")
    assert_nothing_happened(scene)


async def test_a_token_that_may_only_read_is_403(scene: Scene, jwt_issuer: JwtIssuer) -> None:
    reader = client_for(app_over(scene, jwt_issuer.settings), jwt_issuer, scopes=["documents:read"])
    reply = await reader.post(UPLOAD, files=lecture())
    assert reply.status_code == 403
    assert_nothing_happened(scene)


@pytest.mark.parametrize(
    ("files", "data"),
    [
        ({"file": ("empty.txt", b"")}, {}),
        ({"document": ("cell.md", LECTURE)}, {}),
    ],
    ids=["an empty file", "a file in another field"],
)
async def test_a_form_without_a_file_is_422_and_leaves_nothing(
    alice: httpx.AsyncClient, scene: Scene, files: dict[str, tuple[str, bytes]], data: dict[str, str]
) -> None:
    reply = await alice.post(UPLOAD, files=files, data=data)
    assert reply.status_code == 422
    assert_nothing_happened(scene)


async def test_an_empty_file_is_refused_by_name(alice: httpx.AsyncClient) -> None:
    reply = await alice.post(UPLOAD, files={"file": ("empty.txt", b"")})
    assert reply.json()["type"] == "urn:learning-platform:problem:empty-file"


@pytest.mark.parametrize(
    "data", [{"titel": "misspelt"}, {"title": ""}, {"title": "x" * 201}], ids=["unknown field", "empty", "too long"]
)
async def test_a_form_with_a_bad_field_is_422_and_leaves_nothing(
    alice: httpx.AsyncClient, scene: Scene, data: dict[str, str]
) -> None:
    reply = await alice.post(UPLOAD, files=lecture(), data=data)
    assert reply.status_code == 422
    assert reply.json()["errors"][0]["pointer"] == f"/{next(iter(data))}"
    assert_nothing_happened(scene)


async def test_a_body_that_is_no_form_is_415(alice: httpx.AsyncClient, scene: Scene) -> None:
    assert (await alice.post(UPLOAD, json={"file": "text"})).status_code == 415
    assert_nothing_happened(scene)


async def test_a_form_that_ends_too_early_is_422_and_leaves_nothing(alice: httpx.AsyncClient, scene: Scene) -> None:
    body = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\nhalf of'.encode()
    reply = await alice.post(
        UPLOAD, content=body, headers={"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    )
    assert reply.json()["type"] == "urn:learning-platform:problem:malformed-body"
    assert_nothing_happened(scene)


async def test_a_picture_that_calls_itself_pdf_is_415_and_the_reply_lists_what_can_be_read(
    alice: httpx.AsyncClient, scene: Scene
) -> None:
    reply = await alice.post(UPLOAD, files={"file": ("slides.pdf", PNG, "application/pdf")})
    assert reply.status_code == 415
    problem = reply.json()
    assert problem["type"] == "urn:learning-platform:problem:unsupported-media-type"
    assert "image/png" in problem["detail"]
    assert "application/pdf" in problem["supported"]
    assert_nothing_happened(scene)


async def test_a_file_over_the_limit_is_413_and_leaves_nothing(small: httpx.AsyncClient, scene: Scene) -> None:
    reply = await small.post(UPLOAD, files=lecture(b"word " * 400))
    assert reply.status_code == 413
    assert reply.json()["type"] == "urn:learning-platform:problem:payload-too-large"
    assert_nothing_happened(scene)


async def test_a_file_over_the_limit_that_does_not_say_its_length_is_413_too(
    small: httpx.AsyncClient, scene: Scene
) -> None:
    async def endless() -> AsyncIterator[bytes]:
        yield f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n'.encode()
        for _ in range(100):
            yield b"word " * 100

    headers = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    assert (await small.post(UPLOAD, content=endless(), headers=headers)).status_code == 413
    assert_nothing_happened(scene)


async def test_an_accepted_file_is_202_with_its_status_and_its_place(alice: httpx.AsyncClient, scene: Scene) -> None:
    reply = await alice.post(UPLOAD, files=lecture(), data={"title": "  The living\ncell "})
    assert reply.status_code == 202
    document = reply.json()
    assert reply.headers["location"] == f"/v1/api/documents/{document['document_id']}"
    assert document["status"] == "pending"
    assert document["filename"] == "cell.md"
    assert document["media_type"] == "text/markdown"
    assert document["size_bytes"] == len(LECTURE)
    assert document["title"] == "The living cell"
    assert scene.waiting() == ["process"]
    assert len(scene.storage.keys) == 1


async def test_content_decides_the_type_whatever_the_name_says(alice: httpx.AsyncClient) -> None:
    reply = await alice.post(UPLOAD, files={"file": ("lecture.pdf", b"Plain words. " * 20, "application/pdf")})
    assert reply.json()["media_type"] == "text/plain"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\notes.txt", "notes.txt"),
        ('say "hello" 🧬.txt', 'say "hello" 🧬.txt'),
    ],
)
async def test_file_names_keep_their_last_part_and_never_reach_a_key(
    alice: httpx.AsyncClient, scene: Scene, given: str, kept: str
) -> None:
    reply = await alice.post(UPLOAD, files=lecture(filename=given))
    document = reply.json()
    assert document["filename"] == kept
    [key] = scene.storage.keys
    assert key.startswith("originals/")
    assert key.endswith(f"/{document['document_id']}")


async def test_control_characters_in_a_file_name_are_dropped(alice: httpx.AsyncClient) -> None:
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="a\tb\x01c.txt"\r\n\r\n'
    reply = await alice.post(
        UPLOAD,
        content=f"{head}Some words.\r\n--{BOUNDARY}--\r\n".encode(),
        headers={"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"},
    )
    assert reply.json()["filename"] == "abc.txt"


async def test_the_same_bytes_again_are_200_with_the_same_document_and_leave_no_second_object(
    alice: httpx.AsyncClient, scene: Scene
) -> None:
    first = await alice.post(UPLOAD, files=lecture())
    second = await alice.post(UPLOAD, files=lecture(filename="copy.md"))
    assert (first.status_code, second.status_code) == (202, 200)
    assert second.json() == first.json()
    assert len(scene.storage.keys) == 1


async def test_prefer_wait_gives_202_again_when_the_time_is_over(alice: httpx.AsyncClient) -> None:
    reply = await alice.post(UPLOAD, files=lecture(), headers={"Prefer": "wait=1"})
    assert reply.status_code == 202
    assert reply.headers["preference-applied"] == "wait=1"


async def test_an_idempotency_key_replays_the_reply_and_keeps_one_object(
    alice: httpx.AsyncClient, scene: Scene
) -> None:
    key = {"Idempotency-Key": "first-try"}
    first = await alice.post(UPLOAD, files=lecture(), headers=key)
    second = await alice.post(UPLOAD, files=lecture(), headers=key)
    assert second.status_code == 202
    assert second.json() == first.json()
    assert second.headers["idempotency-replayed"] == "true"
    assert len(scene.storage.keys) == 1
    assert scene.waiting() == ["process"]


async def test_an_idempotency_key_used_for_other_bytes_is_422_and_leaves_no_object(
    alice: httpx.AsyncClient, scene: Scene
) -> None:
    key = {"Idempotency-Key": "first-try"}
    await alice.post(UPLOAD, files=lecture(), headers=key)
    reply = await alice.post(UPLOAD, files=lecture(b"Other words."), headers=key)
    assert reply.json()["type"] == "urn:learning-platform:problem:idempotency-key-reused"
    assert len(scene.storage.keys) == 1


async def test_a_store_that_is_away_is_503_with_retry_after_and_leaves_nothing(
    alice: httpx.AsyncClient, scene: Scene
) -> None:
    scene.storage.available = False
    reply = await alice.post(UPLOAD, files=lecture())
    assert reply.status_code == 503
    assert int(reply.headers["retry-after"]) > 0
    assert not scene.database.rows


async def test_an_upload_that_breaks_before_its_commit_leaves_its_object_to_the_sweeper(
    alice: httpx.AsyncClient, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> None:
        raise ConnectionError

    monkeypatch.setattr("support.fakes.FakeDocuments.save", broken)
    reply = await alice.post(UPLOAD, files=lecture())
    assert reply.status_code >= 500
    assert "ConnectionError" not in reply.text
    assert not scene.database.rows
    assert len(scene.storage.keys) == 1
