"""A multipart upload as a stream: a few bounded text fields and one file, whatever their order, in flat memory."""

from collections import deque
from collections.abc import AsyncIterator, Collection, Mapping
from dataclasses import dataclass

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import ClientDisconnect, Request

from chassis.errors import EmptyFile, FieldError, MalformedBody, PayloadTooLarge, UnsupportedMediaType, ValidationFailed
from chassis.http.middleware import lift_body_limit

MAX_FIELD_BYTES = 16 * 1024
_MAX_FILENAME_CHARACTERS = 255
# Boundaries, part headers and fields that come on top of the file, when only the whole length is known.
_OVERHEAD_BYTES = 256 * 1024


class UploadInterrupted(ClientDisconnect):
    """The client went away before the file was whole: what was kept of it must go. There is nobody to answer."""


@dataclass(slots=True)
class _Part:
    name: str
    filename: str | None
    size: int = 0


class Upload:
    """An open upload whose file has begun. Take the bytes by `peek` and `chunks`; then `fields` are complete.

    `filename` has no path parts and no control characters, `content_type` is what the client claims.
    """

    def __init__(self, parser: "_FormParser", body: AsyncIterator[bytes]) -> None:
        self._parser = parser
        self._body = body
        self._held: deque[bytes] = deque()
        self._complete = False
        self.filename = parser.filename
        self.size_bytes = 0

    @property
    def fields(self) -> Mapping[str, str]:
        """The text fields. Some may come after the file, so this is refused before the file was consumed."""
        if not self._complete:
            raise RuntimeError("fields are complete only after the file was consumed")
        return self._parser.fields

    async def peek(self, count: int) -> bytes:
        """The first bytes of the file (fewer if it is shorter) without consuming them: its type shows there."""
        while sum(map(len, self._held)) < count and await self._advance():
            self._held.extend(self._parser.take())
        return b"".join(self._held)[:count]

    async def chunks(self) -> AsyncIterator[bytes]:
        """The bytes of the file, once. Raises PayloadTooLarge, UploadInterrupted, or what is wrong with the form."""
        while True:
            while self._held:
                chunk = self._held.popleft()
                self.size_bytes += len(chunk)
                yield chunk
            if not await self._advance():
                return
            self._held.extend(self._parser.take())

    async def _advance(self) -> bool:
        """Parse one more piece of the body; False when there is no more."""
        if self._complete:
            return False
        if await _feed(self._parser, self._body):
            return True
        self._complete = True
        return False


async def open_upload(
    request: Request,
    *,
    max_file_bytes: int,
    fields: Collection[str] = (),
    file_field: str = "file",
    max_field_bytes: int = MAX_FIELD_BYTES,
) -> Upload:
    """Read up to the first byte of the file in `file_field`; `fields` are the text fields allowed beside it.

    Raises UnsupportedMediaType unless it is multipart, EmptyFile for no file or one without a byte, PayloadTooLarge,
    ValidationFailed for unknown, doubled or too long fields, MalformedBody, UploadInterrupted.
    """
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > max_file_bytes + _OVERHEAD_BYTES:
        raise _too_large(max_file_bytes)
    lift_body_limit(request.scope)
    parser = _FormParser(_boundary(request), file_field, frozenset(fields), max_file_bytes, max_field_bytes)
    body = _body(request)
    upload = Upload(parser, body)
    if not await upload.peek(1):
        raise EmptyFile(errors=[FieldError(f"/{file_field}", "missing or without content")])
    upload.filename = parser.filename
    return upload


def _boundary(request: Request) -> bytes:
    media_type, options = parse_options_header(request.headers.get("content-type"))
    if media_type != b"multipart/form-data":
        raise UnsupportedMediaType("Send the file as multipart/form-data.", headers={"Accept": "multipart/form-data"})
    boundary = options.get(b"boundary", b"")
    if not boundary:
        raise MalformedBody("The multipart boundary is missing.")
    return boundary


async def _body(request: Request) -> AsyncIterator[bytes]:
    try:
        async for piece in request.stream():
            yield piece
    except ClientDisconnect as error:
        raise UploadInterrupted from error


async def _feed(parser: "_FormParser", body: AsyncIterator[bytes]) -> bool:
    piece = await anext(body, None)
    if piece is None:
        parser.finish()
        return False
    parser.write(piece)
    return True


def _too_large(max_bytes: int) -> PayloadTooLarge:
    return PayloadTooLarge(f"The file may have at most {max_bytes} bytes.", max_bytes=max_bytes)


class _FormParser:
    """Callbacks of python-multipart's push parser; what is wrong is raised out of `write`."""

    def __init__(
        self, boundary: bytes, file_field: str, allowed: frozenset[str], max_file_bytes: int, max_field_bytes: int
    ) -> None:
        self.fields: dict[str, str] = {}
        self.filename = ""
        self._file_field = file_field
        self._allowed = allowed
        self._max_file_bytes = max_file_bytes
        self._max_field_bytes = max_field_bytes
        self._file_seen = False
        self._file_chunks: list[bytes] = []
        self._text = bytearray()
        self._part: _Part | None = None
        self._headers: dict[str, str] = {}
        self._header_name = b""
        self._header_value = b""
        self._ended = False
        try:
            self._parser = MultipartParser(
                boundary,
                {
                    "on_part_begin": self._part_begin,
                    "on_header_field": self._header_field,
                    "on_header_value": self._header_value_piece,
                    "on_header_end": self._header_end,
                    "on_headers_finished": self._headers_finished,
                    "on_part_data": self._part_data,
                    "on_part_end": self._part_end,
                    "on_end": self._end,
                },
            )
        except FormParserError as error:
            raise MalformedBody("The multipart boundary is not usable.") from error

    def write(self, piece: bytes) -> None:
        try:
            self._parser.write(piece)
        except FormParserError as error:
            raise MalformedBody("The multipart body is not well formed.") from error

    def finish(self) -> None:
        """The body is over: it must have been whole."""
        if not self._ended:
            raise MalformedBody("The multipart body ends before its last boundary.")

    def take(self) -> list[bytes]:
        """The bytes of the file parsed since the last call."""
        chunks, self._file_chunks = self._file_chunks, []
        return chunks

    def _part_begin(self) -> None:
        self._headers = {}

    def _header_field(self, data: bytes, start: int, end: int) -> None:
        self._header_name += data[start:end]

    def _header_value_piece(self, data: bytes, start: int, end: int) -> None:
        self._header_value += data[start:end]

    def _header_end(self) -> None:
        self._headers[self._header_name.decode("latin-1").lower()] = self._header_value.decode("latin-1")
        self._header_name = self._header_value = b""

    def _headers_finished(self) -> None:
        _, options = parse_options_header(self._headers.get("content-disposition"))
        name = options.get(b"name", b"").decode("utf-8", "replace")
        filename = options.get(b"filename")
        self._part = _Part(name, None if filename is None else filename.decode("utf-8", "replace"))
        if name == self._file_field:
            self._begin_file(self._part)
        elif name not in self._allowed:
            raise _invalid(name, "unknown field")
        elif name in self.fields:
            raise _invalid(name, "given more than once")
        self._text = bytearray()

    def _begin_file(self, part: _Part) -> None:
        if self._file_seen:
            raise _invalid(part.name, "given more than once")
        if part.filename is None:
            raise _invalid(part.name, "must be a file (a part with a filename)")
        self._file_seen = True
        self.filename = safe_filename(part.filename)

    def _part_data(self, data: bytes, start: int, end: int) -> None:
        part = self._part
        assert part is not None
        part.size += end - start
        if part.name == self._file_field:
            if part.size > self._max_file_bytes:
                raise _too_large(self._max_file_bytes)
            self._file_chunks.append(data[start:end])
        elif part.size > self._max_field_bytes:
            raise _invalid(part.name, f"longer than {self._max_field_bytes} bytes")
        else:
            self._text += data[start:end]

    def _part_end(self) -> None:
        part = self._part
        assert part is not None
        if part.name == self._file_field:
            if part.size == 0:
                raise EmptyFile(errors=[FieldError(f"/{part.name}", "without content")])
            return
        try:
            text = self._text.decode()
        except UnicodeDecodeError as error:
            raise _invalid(part.name, "not UTF-8 text") from error
        if "\x00" in text:
            raise _invalid(part.name, "must not contain the character U+0000")
        self.fields[part.name] = text

    def _end(self) -> None:
        self._ended = True


def _invalid(field: str, detail: str) -> ValidationFailed:
    name = field.replace("~", "~0").replace("/", "~1")[:100]
    return ValidationFailed(f"The form field {name!r}: {detail}.", errors=[FieldError(f"/{name}", detail)])


def safe_filename(name: str) -> str:
    """The last path part without control characters, at most 255 characters; `file` if nothing is left.

    Browsers escape quotes and line ends in the header as %22, %0D and %0A (WHATWG HTML, multipart/form-data).
    """
    for escaped, character in (("%22", '"'), ("%0D", ""), ("%0A", "")):
        name = name.replace(escaped, character)
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    clean = "".join(character for character in last if character.isprintable()).strip()
    return clean[-_MAX_FILENAME_CHARACTERS:] if clean not in ("", ".", "..") else "file"
