"""Everything this service listens to. Each handler is one use case in the consumer's unit of work."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from chassis.clock import utc_now
from chassis.errors import Reason
from learning_contracts.event import Event
from learning_contracts.events import (
    DocumentDeleted,
    DocumentProcessed,
    DocumentProcessingFailed,
    DocumentUploaded,
    NotesGenerated,
    NotesGenerationFailed,
    QuizGenerated,
    QuizRequested,
)

from quiz_service.application import commands
from quiz_service.application.material import MaterialIntake
from quiz_service.application.ports import Part, UnitOfWork
from quiz_service.application.saga import QuizSaga

Handler = Callable[[Any, Any], Awaitable[None]]


class EventHandlers:
    def __init__(self, saga: QuizSaga) -> None:
        self._saga = saga
        self._intake = MaterialIntake(saga)

    @property
    def by_event(self) -> Mapping[type[Event], Handler]:
        return {
            DocumentUploaded: self.on_document_uploaded,
            DocumentProcessed: self.on_document_processed,
            DocumentProcessingFailed: self.on_document_processing_failed,
            DocumentDeleted: self.on_document_deleted,
            NotesGenerated: self.on_notes_generated,
            NotesGenerationFailed: self.on_notes_generation_failed,
            QuizRequested: self.on_quiz_requested,
            QuizGenerated: self.on_quiz_generated,
        }

    async def on_document_uploaded(self, uow: UnitOfWork, event: DocumentUploaded) -> None:
        await self._intake.uploaded(uow, event.document_id, event.owner_id, event.title, event.uploaded_at, utc_now())

    async def on_document_processed(self, uow: UnitOfWork, event: DocumentProcessed) -> None:
        blocks = [block.to_data() for block in event.blocks]
        part = Part(event.document_id, "text", event.text_version, event.part_number, event.part_count, blocks)
        await self._intake.text_part(uow, part, event.owner_id, event.title, event.language, utc_now())

    async def on_document_processing_failed(self, uow: UnitOfWork, event: DocumentProcessingFailed) -> None:
        error = Reason(**event.error.to_data())
        await self._intake.processing_failed(uow, event.document_id, event.owner_id, error, event.failed_at, utc_now())

    async def on_document_deleted(self, uow: UnitOfWork, event: DocumentDeleted) -> None:
        await self._intake.deleted(uow, event.document_id, event.owner_id, utc_now())

    async def on_notes_generated(self, uow: UnitOfWork, event: NotesGenerated) -> None:
        items = [item.to_data() for item in event.items]
        part = Part(event.document_id, "notes", event.notes_version, event.part_number, event.part_count, items)
        await self._intake.notes_part(uow, part, event.owner_id, event.text_version, utc_now())

    async def on_notes_generation_failed(self, uow: UnitOfWork, event: NotesGenerationFailed) -> None:
        await self._intake.notes_failed(uow, event.document_id, event.owner_id, event.notes_version, utc_now())

    async def on_quiz_requested(self, uow: UnitOfWork, event: QuizRequested) -> None:
        await self._saga.advance(uow, event.quiz_id, event.document_id, event.owner_id, utc_now())

    async def on_quiz_generated(self, uow: UnitOfWork, event: QuizGenerated) -> None:
        await commands.archive_later(uow, event.quiz_id, event.owner_id)
