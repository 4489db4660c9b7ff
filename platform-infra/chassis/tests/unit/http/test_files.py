"""Files arrive whole, in part or not again, under the name they were given."""

from collections.abc import AsyncGenerator, AsyncIterator
from urllib.parse import unquote

import pytest
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from chassis.errors import NotFound
from chassis.http.files import FileInfo, content_disposition, file_response

CONTENT = bytes(range(256)) * 4
INFO = FileInfo(len(CONTENT), "application/pdf", "abc", "notes.pdf")


class Storage:
    """Objects in memory, handed out in small pieces."""

    def __init__(self) -> None:
        self.streams = 0
        self.closed = 0

    async def stream(self, key: str, start: int | None = None, end: int | None = None) -> AsyncIterator[bytes]:
        self.streams += 1
        if key != "there":
            raise NotFound
        content = CONTENT[start:end]
        try:
            for offset in range(0, len(content), 100):
                yield content[offset : offset + 100]
        finally:
            self.closed += 1


@pytest.fixture
def storage() -> Storage:
    return Storage()


@pytest.fixture
def router(storage: Storage) -> APIRouter:
    router = APIRouter(prefix="/api/files")

    @router.api_route("/{key}", methods=["GET", "HEAD"])
    async def get(request: Request, key: str) -> Response:
        return await file_response(request, storage, key, FileInfo(0, "text/plain", "e") if key == "empty" else INFO)

    return router


async def test_the_whole_file_has_its_length_type_name_and_tag(client_for, router) -> None:
    async with client_for(router) as client:
        reply = await client.get("/api/files/there")
    assert (reply.status_code, reply.content) == (200, CONTENT)
    assert reply.headers["content-length"] == str(len(CONTENT))
    assert reply.headers["content-type"] == "application/pdf"
    assert reply.headers["accept-ranges"] == "bytes"
    assert reply.headers["etag"] == '"abc"'
    assert reply.headers["content-disposition"] == 'attachment; filename="notes.pdf"'
    assert reply.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=10-19", 10, 20),
        ("bytes=1000-", 1000, 1024),
        ("bytes=-10", 1014, 1024),
        ("bytes=-99999", 0, 1024),
        ("bytes=1000-99999", 1000, 1024),
        ("Bytes=0-1023", 0, 1024),
    ],
)
async def test_a_range_is_exactly_the_bytes_asked_for(client_for, router, asked, start, end) -> None:
    async with client_for(router) as client:
        reply = await client.get("/api/files/there", headers={"Range": asked})
    assert (reply.status_code, reply.content) == (206, CONTENT[start:end])
    assert reply.headers["content-range"] == f"bytes {start}-{end - 1}/1024"
    assert reply.headers["content-length"] == str(end - start)


@pytest.mark.parametrize("asked", ["bytes=1024-", "bytes=5000-6000", "bytes=-0"])
async def test_a_range_outside_the_file_is_416_and_tells_the_length(client_for, router, asked) -> None:
    async with client_for(router) as client:
        reply = await client.get("/api/files/there", headers={"Range": asked})
    assert reply.status_code == 416
    assert reply.headers["content-range"] == "bytes */1024"
    assert reply.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("asked", ["bytes=20-10", "bytes=0-1,5-6", "lines=1-2", "bytes=a-b", "bytes=-", "bytes"])
async def test_a_range_we_do_not_serve_gives_the_whole_file(client_for, router, asked) -> None:
    async with client_for(router) as client:
        reply = await client.get("/api/files/there", headers={"Range": asked})
    assert (reply.status_code, reply.content) == (200, CONTENT)


async def test_a_range_of_an_older_version_gives_the_whole_new_one(client_for, router) -> None:
    async with client_for(router) as client:
        old = await client.get("/api/files/there", headers={"Range": "bytes=0-9", "If-Range": '"older"'})
        same = await client.get("/api/files/there", headers={"Range": "bytes=0-9", "If-Range": '"abc"'})
    assert (old.status_code, same.status_code) == (200, 206)


@pytest.mark.parametrize("tag", ['"abc"', 'W/"abc"', '"x", "abc"', "*"])
async def test_what_the_client_has_is_not_sent_again(client_for, router, storage, tag) -> None:
    async with client_for(router) as client:
        reply = await client.get("/api/files/there", headers={"If-None-Match": tag})
    assert (reply.status_code, reply.content) == (304, b"")
    assert reply.headers["etag"] == '"abc"'
    assert storage.streams == 0


async def test_another_version_is_sent(client_for, router) -> None:
    async with client_for(router) as client:
        assert (await client.get("/api/files/there", headers={"If-None-Match": '"older"'})).status_code == 200


async def test_head_has_the_headers_of_get_and_reads_nothing(client_for, router, storage) -> None:
    async with client_for(router) as client:
        head, part = (
            await client.head("/api/files/there"),
            await client.head("/api/files/there", headers={"Range": "bytes=0-9"}),
        )
    assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", "1024")
    assert (part.status_code, part.headers["content-range"]) == (206, "bytes 0-9/1024")
    assert storage.streams == 0


async def test_an_object_that_is_missing_is_a_problem_not_a_broken_transfer(client_for, router) -> None:
    async with client_for(router) as client:
        reply = await client.get("/api/files/gone")
    assert (reply.status_code, reply.headers["content-type"]) == (404, "application/problem+json")


async def test_an_empty_file_is_whole_and_has_no_ranges(client_for, router) -> None:
    async with client_for(router) as client:
        whole, part = (
            await client.get("/api/files/empty"),
            await client.get("/api/files/empty", headers={"Range": "bytes=0-"}),
        )
    assert (whole.status_code, whole.headers["content-length"]) == (200, "0")
    assert part.status_code == 416


@pytest.mark.parametrize(
    "name", ["Übung 1.pdf", 'a"b.pdf', "a\\b.pdf", "100%.pdf", "📚.pdf", "a;b=c.pdf", "x" * 300, "'quoted'.pdf"]
)
def test_every_name_survives_and_breaks_no_header(name) -> None:
    header = content_disposition(name)
    header.encode("latin-1")
    assert header.count('"') == 2
    encoded = header.partition("filename*=UTF-8''")[2]
    plain = header.partition('filename="')[2].partition('"')[0]
    assert (unquote(encoded) if encoded else plain) == name


def test_a_name_cannot_add_a_header() -> None:
    header = content_disposition("a\r\nSet-Cookie: b=c\x00.pdf", "inline")
    assert header.startswith("inline;")
    assert not any(character in header for character in "\r\n\x00")


def test_an_empty_name_is_replaced() -> None:
    assert content_disposition("") == 'attachment; filename="file"'


async def test_a_transfer_that_breaks_off_lets_go_of_the_storage(storage) -> None:
    request = Request({"type": "http", "method": "GET", "path": "/", "headers": []})
    reply = await file_response(request, storage, "there", INFO)
    assert isinstance(reply, StreamingResponse)
    pieces = reply.body_iterator
    assert isinstance(pieces, AsyncGenerator)
    await anext(pieces)
    await pieces.aclose()
    assert storage.closed == 1
