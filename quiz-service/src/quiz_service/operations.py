"""What an operator may order: rebuild the read model, send what became of quizzes again, erase an owner's."""

import re
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, suppress
from uuid import UUID

from chassis.clock import utc_now

from quiz_service.application import commands
from quiz_service.application.ports import ReadModel, UnitOfWork
from quiz_service.domain.errors import QuizNotFound

UnitOfWorkFactory = Callable[[], AbstractAsyncContextManager[UnitOfWork]]


def quiz_id(text: str) -> UUID:
    """Raises ValueError for anything but a UUID."""
    return UUID(text)


def owner_id(text: str) -> str:
    """Raises ValueError for anything but 32 hex digits."""
    if not re.fullmatch("[0-9a-f]{32}", text):
        raise ValueError("an owner is 32 hex digits")
    return text


async def only(quiz_id: UUID) -> AsyncIterator[UUID]:
    yield quiz_id


async def rebuild(uow_factory: UnitOfWorkFactory, reads: ReadModel) -> int:
    """Write the read tables anew, one quiz a transaction, while the service runs; returns how many quizzes."""
    rebuilt = 0
    async for quiz_id in reads.quiz_ids():
        async with uow_factory() as uow:
            await commands.rebuild_views(uow, quiz_id)
        rebuilt += 1
    return rebuilt


async def republish(uow_factory: UnitOfWorkFactory, quizzes: AsyncIterator[UUID]) -> int:
    """Send the outcome of the quizzes again; returns how many events were queued."""
    queued = 0
    async for quiz_id in quizzes:
        async with uow_factory() as uow:
            queued += await commands.republish_quiz(uow, quiz_id)
    return queued


async def erase_owner(uow_factory: UnitOfWorkFactory, reads: ReadModel, owner_id: str) -> int:
    """Delete every quiz of the owner as the owner would, and what is known of their documents; returns how many."""
    deleted = 0
    async for quiz_id in reads.quiz_ids(owner_id):
        with suppress(QuizNotFound):  # deleted by its owner at the same moment
            async with uow_factory() as uow:
                await commands.delete_quiz(uow, quiz_id, owner_id, utc_now())
            deleted += 1
    async with uow_factory() as uow:
        await uow.documents.delete_of_owner(owner_id)
    return deleted
