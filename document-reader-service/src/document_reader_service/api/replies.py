"""Replies that several routes give."""

from uuid import UUID

from chassis.http.links import location
from chassis.http.snapshots import Fetch, Snapshot
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from document_reader_service.api.dependencies import Service
from document_reader_service.api.schemas import snapshot, status_document
from document_reader_service.application.projections import row_of
from document_reader_service.domain.document import Document
from document_reader_service.domain.errors import DocumentNotFound


def accepted(request: Request, document: Document, status: int = 202) -> Response:
    """The status document and where it is followed. Raises DocumentNotFound for a deleted document."""
    row = row_of(document)
    if row is None:
        raise DocumentNotFound
    headers = {"Location": location(request, f"/api/documents/{document.document_id}")}
    return JSONResponse(status_document(row), status, headers)


def follow(service: Service, document_id: UUID, owner_id: str, *, with_notes: bool) -> Fetch:
    """Reads the document's present snapshot; see `schemas.snapshot` for when it is the last one."""

    async def fetch() -> Snapshot | None:
        return snapshot(await service.reads.document(document_id, owner_id), with_notes=with_notes)

    return fetch
