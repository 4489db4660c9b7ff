"""The upload: bytes go straight to the bucket in flat memory, then one transaction makes them a document.

What a crash leaves between the two is an object without a row, which the sweeper finds.
"""

from contextlib import suppress
from uuid import UUID

from chassis.clock import utc_now
from chassis.errors import FieldError, Problem, ServiceUnavailable, UnsupportedMediaType, ValidationFailed
from chassis.http.idempotency import form_fingerprint, once
from chassis.http.prefer import when_final
from chassis.http.uploads import Upload, open_upload
from chassis.ids import uuid7
from chassis.storage import StorageUnavailable, StoredObject
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from document_reader_service.api.dependencies import Service, TheService, UnitOfWork, Writer
from document_reader_service.api.replies import accepted, follow
from document_reader_service.application import commands, object_keys
from document_reader_service.domain.document import Original

router = APIRouter(prefix="/api/documents", tags=["documents"])

PEEK_BYTES = 64 * 1024
MAX_TITLE_CHARACTERS = 200

_FORM = {
    "type": "object",
    "additionalProperties": False,
    "required": ["file"],
    "properties": {
        "file": {"type": "string", "format": "binary"},
        "title": {"type": "string", "maxLength": MAX_TITLE_CHARACTERS},
    },
}


@router.post(
    "/upload",
    status_code=202,
    openapi_extra={"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": _FORM}}}},
)
async def upload_document(request: Request, user: Writer, service: TheService) -> Response:
    upload = await open_upload(request, max_file_bytes=service.settings.max_upload_bytes, fields=("title",))
    media_type = await _supported_type(upload, service)
    document_id = uuid7()
    stored = await _store(upload, service, object_keys.original(user.owner_id, document_id), media_type)
    kept = False

    async def take_in(uow: UnitOfWork) -> Response:
        nonlocal kept
        original = Original(
            filename=upload.filename, media_type=media_type, size_bytes=stored.size_bytes, sha256=stored.sha256
        )
        title = _title(upload)
        result = await commands.upload_document(uow, document_id, user.owner_id, original, title, utc_now())
        kept = result.outcome == "new"
        return accepted(request, result.document, 200 if result.outcome == "known" else 202)

    fingerprint = form_fingerprint(request, upload.fields, stored.sha256)
    try:
        reply = await once(request, user, service.uow_factory, fingerprint, take_in)
    except Problem:
        await _drop(service, stored.key)
        raise
    # On any other exception the commit may have happened: the object stays, and the sweeper decides.
    if not kept:
        await _drop(service, stored.key)
    taken = UUID(reply.headers["location"].rsplit("/", 1)[-1])
    fetch = follow(service, taken, user.owner_id, with_notes=False)
    return await when_final(request, reply, fetch, service.changes(taken))


async def _supported_type(upload: Upload, service: Service) -> str:
    media_type = service.media_type_of(await upload.peek(PEEK_BYTES), upload.filename)
    if media_type is not None and media_type in service.supported:
        return media_type
    found = f"The file is of type {media_type}." if media_type else "The file is of no type known here."
    raise UnsupportedMediaType(
        f"{found} Supported: {', '.join(service.supported.values())}.", supported=list(service.supported)
    )


async def _store(upload: Upload, service: Service, key: str, media_type: str) -> StoredObject:
    try:
        return await service.storage.put(key, upload.chunks(), media_type)
    except StorageUnavailable as error:
        raise ServiceUnavailable("The file cannot be stored at the moment.") from error


def _title(upload: Upload) -> str | None:
    """The title given, on one line; a blank one counts as none. Raises ValidationFailed by its length."""
    given = upload.fields.get("title")
    if given is None:
        return None
    if not 1 <= len(given) <= MAX_TITLE_CHARACTERS:
        raise ValidationFailed(errors=[FieldError("/title", f"must have 1 to {MAX_TITLE_CHARACTERS} characters")])
    return " ".join("".join(character if character.isprintable() else " " for character in given).split()) or None


async def _drop(service: Service, key: str) -> None:
    with suppress(StorageUnavailable):  # then the sweeper takes it
        await service.storage.delete(key)
