"""What an operator may order: rebuild the read model, send documents again, erase everything of an owner."""

import re
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, suppress
from uuid import UUID

from chassis.clock import utc_now

from document_reader_service.application import commands
from document_reader_service.application.ports import ReadModel, UnitOfWork
from document_reader_service.domain.errors import DocumentNotFound

UnitOfWorkFactory = Callable[[], AbstractAsyncContextManager[UnitOfWork]]


def document_id(text: str) -> UUID:
    """Raises ValueError for anything but a UUID."""
    return UUID(text)


def owner_id(text: str) -> str:
    """Raises ValueError for anything but 32 hex digits."""
    if not re.fullmatch("[0-9a-f]{32}", text):
        raise ValueError("an owner is 32 hex digits")
    return text


async def only(document_id: UUID) -> AsyncIterator[UUID]:
    yield document_id


async def rebuild(uow_factory: UnitOfWorkFactory, reads: ReadModel) -> int:
    """Replay every stream into its row, one transaction each, while the service runs; returns how many streams."""
    replayed = 0
    async for document_id in reads.stream_ids():
        async with uow_factory() as uow:
            await uow.documents.reproject(document_id)
        replayed += 1
    return replayed


async def republish(uow_factory: UnitOfWorkFactory, documents: AsyncIterator[UUID]) -> int:
    """Send text and notes of the documents again; returns how many events were queued."""
    queued = 0
    async for document_id in documents:
        async with uow_factory() as uow:
            queued += await commands.republish_document(uow, document_id)
    return queued


async def erase_owner(uow_factory: UnitOfWorkFactory, reads: ReadModel, owner_id: str) -> int:
    """Delete every document of the owner as the owner would; returns how many."""
    deleted = 0
    async for document_id in reads.document_ids(owner_id):
        with suppress(DocumentNotFound):  # deleted by its owner at the same moment
            async with uow_factory() as uow:
                await commands.delete_document(uow, document_id, owner_id, utc_now())
            deleted += 1
    return deleted
