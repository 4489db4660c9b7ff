"""What an operator may order: rebuild the read model, send what became of quizzes again, erase an owner's."""

from collections.abc import AsyncIterator
from contextlib import suppress
from uuid import UUID

from chassis.clock import utc_now
from chassis.operations import one_by_one
from chassis.ports import UnitOfWorkFactory

from quiz_service.application import commands
from quiz_service.application.ports import ReadModel, UnitOfWork
from quiz_service.domain.errors import QuizNotFound


async def rebuild(units: UnitOfWorkFactory[UnitOfWork], reads: ReadModel) -> int:
    """Write the read tables anew, while the service runs; returns how many quizzes."""
    return await one_by_one(units, reads.quiz_ids(), commands.rebuild_views)


async def republish(units: UnitOfWorkFactory[UnitOfWork], quizzes: AsyncIterator[UUID]) -> int:
    """Send the outcome of the quizzes again; returns how many events were queued."""
    return await one_by_one(units, quizzes, commands.republish_quiz)


async def erase_owner(units: UnitOfWorkFactory[UnitOfWork], reads: ReadModel, owner_id: str) -> int:
    """Delete every quiz of the owner as the owner would, and what is known of their documents; returns how many."""

    async def delete(uow: UnitOfWork, quiz_id: UUID) -> int:
        with suppress(QuizNotFound):  # deleted by its owner at the same moment
            await commands.delete_quiz(uow, quiz_id, owner_id, utc_now())
            return 1
        return 0

    deleted = await one_by_one(units, reads.quiz_ids(owner_id), delete)
    async with units() as uow:
        await uow.documents.delete_of_owner(owner_id)
    return deleted
