"""What is heard of documents: their text and notes, kept until they are whole, and whatever else moves a quiz on.

Every use case may be told the same thing twice, late, or out of order: a version counts when all its parts are there, a
newer one replaces an older one, and a deleted document stays deleted.
"""

from datetime import datetime
from uuid import UUID

from chassis.errors import Reason

from quiz_service.application.ports import Part, UnitOfWork
from quiz_service.application.saga import QuizSaga
from quiz_service.domain.document import KnownDocument


class MaterialIntake:
    def __init__(self, saga: QuizSaga) -> None:
        self._saga = saga

    async def uploaded(
        self, uow: UnitOfWork, document_id: UUID, owner_id: str, title: str, uploaded_at: datetime, at: datetime
    ) -> None:
        document = await _living(uow, document_id, owner_id)
        if document is not None:
            document.uploaded(title, uploaded_at)
            await self._learnt(uow, document, at)

    async def text_part(
        self, uow: UnitOfWork, part: Part, owner_id: str, title: str, language: str | None, at: datetime
    ) -> None:
        document = await _living(uow, part.document_id, owner_id)
        if document is None or part.version <= document.text_version:
            return
        if await uow.documents.add_part(part):
            document.text_is_whole(part.version, title, language)
            await uow.documents.drop_parts_before(part.document_id, "text", part.version)
        await self._learnt(uow, document, at)

    async def notes_part(self, uow: UnitOfWork, part: Part, owner_id: str, text_version: int, at: datetime) -> None:
        document = await _living(uow, part.document_id, owner_id)
        if document is None or part.version <= document.notes_version:
            return
        if await uow.documents.add_part(part):
            document.notes_are_whole(part.version, text_version)
            await uow.documents.drop_parts_before(part.document_id, "notes", part.version)
        await self._learnt(uow, document, at)

    async def notes_failed(
        self, uow: UnitOfWork, document_id: UUID, owner_id: str, notes_version: int, at: datetime
    ) -> None:
        document = await _living(uow, document_id, owner_id)
        if document is not None:
            document.notes_failed(notes_version)
            await self._learnt(uow, document, at)

    async def processing_failed(
        self, uow: UnitOfWork, document_id: UUID, owner_id: str, error: Reason, failed_at: datetime, at: datetime
    ) -> None:
        document = await _living(uow, document_id, owner_id)
        if document is not None:
            document.processing_failed(error, failed_at)
            await self._learnt(uow, document, at)

    async def deleted(self, uow: UnitOfWork, document_id: UUID, owner_id: str, at: datetime) -> None:
        """Forget its text; finished quizzes stay, they are the owner's."""
        await uow.tombstones.add(document_id)
        await uow.documents.delete(document_id)
        await self._saga.abandon_all(uow, document_id, owner_id, at)

    async def _learnt(self, uow: UnitOfWork, document: KnownDocument, at: datetime) -> None:
        await uow.documents.save(document)
        await self._saga.advance_all(uow, document, at)


async def _living(uow: UnitOfWork, document_id: UUID, owner_id: str) -> KnownDocument | None:
    if await uow.tombstones.has(document_id):
        return None
    return await uow.documents.find_or_add(document_id, owner_id)
