"""The routes of documents: what is asked about them and done to them; uploads have their own module."""

import asyncio
from typing import Annotated
from uuid import UUID

from chassis.clock import utc_now
from chassis.errors import ServiceUnavailable
from chassis.http.files import FileInfo, file_response
from chassis.http.idempotency import body_fingerprint, once
from chassis.http.links import same_page_with
from chassis.http.pages import PageQuery, encode_cursor, page_body
from chassis.http.prefer import when_final
from chassis.http.status_stream import status_stream
from chassis.storage import ObjectNotFound, StorageUnavailable
from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from document_reader_service.api import schemas
from document_reader_service.api.dependencies import Reader, TheService, UnitOfWork, Writer
from document_reader_service.api.negotiation import JSON, MARKDOWN, preferred
from document_reader_service.api.replies import accepted, follow
from document_reader_service.application import commands, object_keys, queries
from document_reader_service.domain.errors import DocumentNotFound

router = APIRouter(prefix="/api/documents", tags=["documents"])

MAX_VERSION = 2**31 - 1


@router.get("")
async def list_documents(request: Request, user: Reader, service: TheService, page: PageQuery) -> Response:
    cursor = page.after(UUID)
    rows = await service.reads.documents(user.owner_id, page.limit + 1, cursor[0] if cursor else None)
    shown = rows[: page.limit]
    more = encode_cursor(shown[-1].document_id) if len(rows) > page.limit else None
    return JSONResponse(page_body([schemas.summary(row) for row in shown], more, request))


@router.get("/{document_id:uuid}")
async def get_document(document_id: UUID, user: Reader, service: TheService) -> Response:
    row = await queries.find_document(service.reads, document_id, user.owner_id)
    return JSONResponse(schemas.status_document(row))


@router.delete("/{document_id:uuid}", status_code=204)
async def delete_document(document_id: UUID, user: Writer, service: TheService) -> Response:
    async with service.uow_factory() as uow:
        await commands.delete_document(uow, document_id, user.owner_id, utc_now())
    return Response(status_code=204)


@router.get("/{document_id:uuid}/events")
async def watch_document(request: Request, document_id: UUID, user: Reader, service: TheService) -> Response:
    fetch = follow(service, document_id, user.owner_id, with_notes=True)
    return await status_stream(request, fetch, service.changes(document_id))


@router.get("/{document_id:uuid}/content")
async def get_document_content(
    request: Request, document_id: UUID, user: Reader, service: TheService, page: PageQuery
) -> Response:
    if preferred(request, JSON, MARKDOWN) == MARKDOWN:
        text = await queries.read_text(service.reads, document_id, user.owner_id)
        return Response(await asyncio.to_thread(text.to_markdown), media_type=MARKDOWN)
    cursor = page.after(int)
    after = cursor[0] if cursor else -1
    blocks, more = await queries.read_blocks(service.reads, document_id, user.owner_id, page.limit, after)
    return JSONResponse(
        {
            "document_id": str(document_id),
            "blocks": [schemas.block_body(block) for block in blocks],
            "next": same_page_with(request, cursor=encode_cursor(blocks[-1].index)) if more else None,
        }
    )


@router.get("/{document_id:uuid}/original")
async def download_original(request: Request, document_id: UUID, user: Reader, service: TheService) -> Response:
    row = await queries.find_document(service.reads, document_id, user.owner_id)
    key = object_keys.original(row.owner_id, row.document_id)
    info = FileInfo(row.size_bytes, row.media_type, etag=row.sha256, filename=row.filename)
    try:
        return await file_response(request, service.storage, key, info)
    except ObjectNotFound as error:  # erased since the row was read
        raise DocumentNotFound from error
    except StorageUnavailable as error:
        raise ServiceUnavailable("The file cannot be fetched at the moment.") from error


@router.get("/{document_id:uuid}/notes")
async def get_notes(
    request: Request,
    document_id: UUID,
    user: Reader,
    service: TheService,
    version: Annotated[int | None, Query(ge=1, le=MAX_VERSION, description="An older version")] = None,
) -> Response:
    form = preferred(request, JSON, MARKDOWN)
    stored = await queries.read_notes(service.reads, document_id, user.owner_id, version)
    if form == MARKDOWN:
        return Response(stored.notes.to_markdown(), media_type=MARKDOWN)
    return JSONResponse(queries.notes_document(stored))


@router.post("/{document_id:uuid}/regenerate-notes", status_code=202)
async def regenerate_notes(
    request: Request,
    document_id: UUID,
    user: Writer,
    service: TheService,
    body: schemas.RegenerateNotes | None = None,
) -> Response:
    wanted = body or schemas.RegenerateNotes.model_validate({})

    async def ask(uow: UnitOfWork) -> Response:
        document = await commands.request_notes(uow, document_id, user.owner_id, wanted.detail, utc_now())
        return accepted(request, document)

    reply = await once(request, user, service.uow_factory, body_fingerprint(request, wanted), ask)
    fetch = follow(service, document_id, user.owner_id, with_notes=True)
    return await when_final(request, reply, fetch, service.changes(document_id))
