"""What an operator may order: rebuild the read model, send documents again, erase everything of an owner."""

from collections.abc import AsyncIterator
from contextlib import suppress
from uuid import UUID

from chassis.clock import utc_now
from chassis.operations import one_by_one
from chassis.ports import UnitOfWorkFactory

from document_reader_service.application import commands
from document_reader_service.application.ports import ReadModel, UnitOfWork
from document_reader_service.domain.errors import DocumentNotFound


async def rebuild(units: UnitOfWorkFactory[UnitOfWork], reads: ReadModel) -> int:
    """Replay every stream into its row, while the service runs; returns how many streams."""
    return await one_by_one(units, reads.stream_ids(), lambda uow, stream_id: uow.documents.reproject(stream_id))


async def republish(units: UnitOfWorkFactory[UnitOfWork], documents: AsyncIterator[UUID]) -> int:
    """Send text and notes of the documents again; returns how many events were queued."""
    return await one_by_one(units, documents, commands.republish_document)


async def erase_owner(units: UnitOfWorkFactory[UnitOfWork], reads: ReadModel, owner_id: str) -> int:
    """Delete every document of the owner as the owner would; returns how many."""

    async def delete(uow: UnitOfWork, document_id: UUID) -> int:
        with suppress(DocumentNotFound):  # deleted by its owner at the same moment
            await commands.delete_document(uow, document_id, owner_id, utc_now())
            return 1
        return 0

    return await one_by_one(units, reads.document_ids(owner_id), delete)
