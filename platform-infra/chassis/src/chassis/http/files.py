"""Files sent to clients: ranges, conditional requests and file names that cannot break the header."""

import re
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass
from typing import Literal, Protocol
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from chassis.errors import RangeNotSatisfiable

_RANGE = re.compile(r"bytes=(\d*)-(\d*)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class FileInfo:
    """What the headers say of a file. `etag` without quotes; it must change with the bytes (a SHA-256 does)."""

    size_bytes: int
    media_type: str
    etag: str
    filename: str | None = None


class ReadsRanges(Protocol):
    """The part of object storage this needs: bytes `start` up to but not including `end`."""

    def stream(self, key: str, start: int | None = None, end: int | None = None) -> AsyncIterator[bytes]: ...


async def file_response(
    request: Request,
    storage: ReadsRanges,
    key: str,
    info: FileInfo,
    *,
    disposition: Literal["attachment", "inline"] = "attachment",
) -> Response:
    """The object at `key`, whole (200), one range of it (206), or nothing new (304); HEAD gets the headers alone.

    Raises RangeNotSatisfiable; and whatever the storage raises for a missing object, before anything was sent.
    """
    headers = {
        "ETag": f'"{info.etag}"',
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, no-cache",
        # What users uploaded must never run as a page of this origin.
        "X-Content-Type-Options": "nosniff",
    }
    if _matches(request.headers.get("if-none-match"), info.etag):
        return Response(status_code=304, headers=headers)
    if info.filename is not None:
        headers["Content-Disposition"] = content_disposition(info.filename, disposition)
    span = requested_range(request, info)
    status, start, end = (200, 0, info.size_bytes) if span is None else (206, *span)
    if span is not None:
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{info.size_bytes}"
    headers["Content-Length"] = str(end - start)
    if request.method == "HEAD" or start == end:
        return Response(status_code=status, headers=headers, media_type=info.media_type)
    chunks = storage.stream(key) if span is None else storage.stream(key, start, end)
    return StreamingResponse(await _begun(chunks), status, headers, media_type=info.media_type)


def requested_range(request: Request, info: FileInfo) -> tuple[int, int] | None:
    """(start, end) of the one range asked for, end exclusive; None = the whole file.

    Several ranges, other units and a failed `If-Range` count as no range, as RFC 9110 allows.
    """
    match = _RANGE.fullmatch(request.headers.get("range", "").strip())
    if match is None or not (match[1] or match[2]) or request.method not in ("GET", "HEAD"):
        return None
    condition = request.headers.get("if-range")
    if condition is not None and condition.strip() != f'"{info.etag}"':
        return None
    size = info.size_bytes
    if match[1]:
        start = int(match[1])
        end = min(int(match[2]) + 1, size) if match[2] else size
        if match[2] and int(match[2]) < start:
            return None
    else:
        start, end = max(size - int(match[2]), 0), size
    if start >= size or start >= end:
        raise RangeNotSatisfiable(f"The file has {size} bytes.", headers={"Content-Range": f"bytes */{size}"})
    return start, end


def _matches(if_none_match: str | None, etag: str) -> bool:
    if if_none_match is None:
        return False
    candidates = [part.strip().removeprefix("W/") for part in if_none_match.split(",")]
    return "*" in candidates or f'"{etag}"' in candidates


def content_disposition(filename: str, disposition: Literal["attachment", "inline"] = "attachment") -> str:
    """The header of RFC 6266: an ASCII name for old clients and the true one percent-encoded (RFC 8187)."""
    name = "".join(character if character.isprintable() else "_" for character in filename) or "file"
    plain = "".join(character if character.isascii() and character not in '"\\%' else "_" for character in name)
    header = f'{disposition}; filename="{plain}"'
    return header if plain == name else f"{header}; filename*=UTF-8''{quote(name, safe='')}"


async def _begun(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Fetch the first chunk now: a missing object is then an error reply, not a broken transfer."""
    first = await anext(chunks, b"")

    async def rest() -> AsyncIterator[bytes]:
        try:
            yield first
            async for chunk in chunks:
                yield chunk
        finally:
            # Now, not when the garbage is collected: the storage's connection is held as long.
            if isinstance(chunks, AsyncGenerator):
                await chunks.aclose()

    return rest()
