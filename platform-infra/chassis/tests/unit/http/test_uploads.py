"""An upload passes through in flat memory; what is wrong with it is told by name, and nothing half comes out whole."""

import asyncio
import tracemalloc
from collections.abc import AsyncIterator
from typing import Any

import pytest
from fastapi import APIRouter, FastAPI
from starlette.requests import Request

from chassis.http.uploads import UploadInterrupted, open_upload, safe_filename

BOUNDARY = "----boundary"
TYPE = f"multipart/form-data; boundary={BOUNDARY}"
LIMIT = 1000


def part(name: str, content: bytes, filename: str | None = None) -> bytes:
    disposition = f'form-data; name="{name}"' + ("" if filename is None else f'; filename="{filename}"')
    head = f"--{BOUNDARY}\r\nContent-Disposition: {disposition}\r\nContent-Type: x/y\r\n\r\n"
    return head.encode() + content + b"\r\n"


def form(*parts: bytes) -> bytes:
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()


@pytest.fixture
def seen() -> dict[str, Any]:
    return {"cleaned": False}


@pytest.fixture
def router(seen: dict[str, Any]) -> APIRouter:
    router = APIRouter(prefix="/api/files")

    @router.post("")
    async def receive(request: Request, peek: int = 0) -> dict[str, Any]:
        try:
            upload = await open_upload(request, max_file_bytes=LIMIT, fields=("title", "note"), max_field_bytes=50)
            head = await upload.peek(peek)
            content = b"".join([chunk async for chunk in upload.chunks()])
        except UploadInterrupted:
            seen["cleaned"] = True
            raise
        assert content.startswith(head)
        return {
            "filename": upload.filename,
            "size": upload.size_bytes,
            "content": content.decode("latin-1"),
            "head": head.decode("latin-1"),
            "fields": dict(upload.fields),
        }

    return router


async def send(client_for: Any, router: APIRouter, body: Any, peek: int = 0, content_type: str = TYPE) -> Any:
    async with client_for(router) as client:
        return await client.post(f"/api/files?peek={peek}", content=body, headers={"Content-Type": content_type})


async def pieces(body: bytes, size: int) -> AsyncIterator[bytes]:
    for offset in range(0, len(body), size):
        yield body[offset : offset + size]


@pytest.mark.parametrize("size", [1, 7, 64, 10_000])
@pytest.mark.parametrize("file_first", [True, False])
async def test_fields_and_file_arrive_whole_in_any_order_however_the_body_is_cut(
    client_for, router, size, file_first
) -> None:
    content = f"a\r\n--{BOUNDARY[:-1]}\r\n\x00\xff".encode("latin-1") * 9
    parts = [part("file", content, "a.bin"), part("title", "Übung".encode()), part("note", b"")]
    body = form(*(parts if file_first else reversed(parts)))
    reply = await send(client_for, router, pieces(body, size), peek=20)
    assert reply.status_code == 200, reply.text
    assert reply.json() == {
        "filename": "a.bin",
        "size": len(content),
        "content": content.decode("latin-1"),
        "head": content[:20].decode("latin-1"),
        "fields": {"title": "Übung", "note": ""},
    }


async def test_peeking_further_than_the_file_goes_gives_the_whole_file(client_for, router) -> None:
    reply = await send(client_for, router, form(part("file", b"abc", "a")), peek=100)
    assert (reply.json()["head"], reply.json()["content"]) == ("abc", "abc")


async def test_a_file_at_the_limit_passes_and_one_byte_more_does_not(client_for, router) -> None:
    assert (await send(client_for, router, form(part("file", b"x" * LIMIT, "a")))).json()["size"] == LIMIT
    for body in (form(part("file", b"x" * (LIMIT + 1), "a")), pieces(form(part("file", b"x" * (LIMIT + 1), "a")), 100)):
        reply = await send(client_for, router, body)
        assert (reply.status_code, reply.json()["type"]) == (413, "urn:learning-platform:problem:payload-too-large")
        assert reply.json()["max_bytes"] == LIMIT


async def test_the_limit_of_other_bodies_does_not_hold_for_uploads_but_holds_for_multipart_sent_elsewhere(
    client_for, router
) -> None:
    @router.post("/json")
    async def json_route(body: dict[str, Any]) -> None:
        raise AssertionError("not JSON")

    body = form(part("file", b"x" * 900, "a"))
    async with client_for(router, max_body_bytes=100) as client:
        upload = await client.post("/api/files", content=body, headers={"Content-Type": TYPE})
        elsewhere = await client.post("/api/files/json", content=pieces(body, 50), headers={"Content-Type": TYPE})
    assert (upload.status_code, elsewhere.status_code) == (200, 413)


async def test_a_declared_length_over_the_limit_is_refused_unread(client_for, router) -> None:
    read = 0

    async def body() -> AsyncIterator[bytes]:
        nonlocal read
        read += 1
        yield b"x"

    async with client_for(router) as client:
        headers = {"Content-Type": TYPE, "Content-Length": str(10**9)}
        reply = await client.post("/api/files", content=body(), headers=headers)
    assert reply.status_code == 413
    assert read <= 1  # httpx sends one piece ahead


@pytest.mark.parametrize(
    "body",
    [
        form(part("file", b"", "a.pdf")),
        form(part("file", b"", "")),
        form(part("title", b"x")),
        form(part("title", b"x"), part("file", b"", "a.pdf")),
        form(),
    ],
    ids=["empty", "none chosen", "no file part", "empty after a field", "no part at all"],
)
async def test_no_file_or_an_empty_one_is_named(client_for, router, body) -> None:
    reply = await send(client_for, router, body)
    assert (reply.status_code, reply.json()["type"]) == (422, "urn:learning-platform:problem:empty-file")
    assert reply.json()["errors"][0]["pointer"] == "/file"


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        (form(part("colour", b"red"), part("file", b"x", "a")), "/colour"),
        (form(part("file", b"x", "a"), part("colour", b"red")), "/colour"),
        (form(part("title", b"1"), part("title", b"2"), part("file", b"x", "a")), "/title"),
        (form(part("file", b"x", "a"), part("file", b"x", "b")), "/file"),
        (form(part("file", b"x")), "/file"),
        (form(part("title", b"x" * 51), part("file", b"x", "a")), "/title"),
        (form(part("title", b"\xff"), part("file", b"x", "a")), "/title"),
        (form(part("title", b"a\x00b"), part("file", b"x", "a")), "/title"),
    ],
    ids=["unknown", "unknown after file", "doubled", "two files", "file as text", "too long", "not utf-8", "nul"],
)
async def test_a_wrong_field_is_pointed_at(client_for, router, body, pointer) -> None:
    reply = await send(client_for, router, body)
    assert (reply.status_code, reply.json()["type"]) == (422, "urn:learning-platform:problem:validation-failed")
    assert reply.json()["errors"][0]["pointer"] == pointer


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"garbage",
        part("file", b"x", "a"),
        form(part("file", b"x", "a"))[:-10],
        b"--" + BOUNDARY.encode() + b"\r\n:\r\n",
    ],
)
async def test_a_body_that_is_not_whole_multipart_is_malformed(client_for, router, body) -> None:
    reply = await send(client_for, router, body)
    assert (reply.status_code, reply.json()["type"]) == (422, "urn:learning-platform:problem:malformed-body")


@pytest.mark.parametrize("content_type", ["application/json", "text/plain", "multipart/mixed; boundary=x", ""])
async def test_another_content_type_is_415(client_for, router, content_type) -> None:
    reply = await send(client_for, router, b"{}", content_type=content_type)
    assert (reply.status_code, reply.json()["type"]) == (415, "urn:learning-platform:problem:unsupported-media-type")


@pytest.mark.parametrize("content_type", ["multipart/form-data", f"multipart/form-data; boundary={'x' * 5000}"])
async def test_an_unusable_boundary_is_malformed(client_for, router, content_type) -> None:
    reply = await send(client_for, router, b"x", content_type=content_type)
    assert (reply.status_code, reply.json()["type"]) == (422, "urn:learning-platform:problem:malformed-body")


async def call(app: FastAPI, headers: dict[str, str], messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One request fed with ASGI messages; the messages it answered with."""
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return messages.pop(0)

    async def keep(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/api/files",
        "query_string": b"",
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
    }
    async with asyncio.timeout(5):
        await app(scope, receive, keep)
    return sent


async def test_a_client_that_leaves_midway_is_noticed_so_that_the_route_cleans_up(
    make_app, router, bearer, seen, log_lines
) -> None:
    begun = {"type": "http.request", "body": part("file", b"half", "a"), "more_body": True}
    sent = await call(make_app(router), bearer | {"Content-Type": TYPE}, [begun, {"type": "http.disconnect"}])
    assert sent == []
    assert seen["cleaned"]
    assert [line["status"] for line in log_lines()] == [499]


async def test_memory_stays_flat_however_large_the_file(make_app, bearer) -> None:
    router = APIRouter()

    @router.post("/api/files")
    async def count(request: Request) -> int:
        upload = await open_upload(request, max_file_bytes=10**9)
        return sum([len(chunk) async for chunk in upload.chunks()])

    chunk, begin = b"x" * 65536, part("file", b"", "a")[:-2]
    messages = [{"type": "http.request", "body": begin, "more_body": True}]
    messages += [{"type": "http.request", "body": chunk, "more_body": True}] * 1024
    messages += [{"type": "http.request", "body": f"\r\n--{BOUNDARY}--\r\n".encode(), "more_body": False}]
    app = make_app(router)
    tracemalloc.start()
    sent = await call(app, bearer | {"Content-Type": TYPE}, messages)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert sent[1]["body"] == str(1024 * 65536).encode()
    assert peak < 4 * 1024 * 1024


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("notes.pdf", "notes.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\notes.pdf", "notes.pdf"),
        ("/", "file"),
        ("..", "file"),
        ("", "file"),
        (" ", "file"),
        ("a\x00\r\nb.pdf", "ab.pdf"),
        ("a%22b%0D%0A.pdf", 'a"b.pdf'),
        ("📚 Übung.pdf", "📚 Übung.pdf"),
        ("\u202egnp.exe", "gnp.exe"),
        ("x" * 300 + ".pdf", "x" * 251 + ".pdf"),
    ],
)
def test_a_file_name_keeps_what_is_a_name(sent, kept) -> None:
    assert safe_filename(sent) == kept


async def test_a_name_sent_by_a_browser_arrives_as_it_was(client_for, router) -> None:
    for sent, kept in (("a%22b 📚.pdf", 'a"b 📚.pdf'), ("..\\..\\x.pdf", "x.pdf")):
        reply = await send(client_for, router, form(part("file", b"x", sent)))
        assert reply.json()["filename"] == kept
