"""The making of a quiz: its row is the saga's state, and whatever is heard of the document moves it on.

quiz.requested → waiting for the document → waiting for its notes → generating → completed | failed. Compensation is
failing the quiz: nothing outside its row has happened before it is completed.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.errors import Problem, Reason

from quiz_service.application import events
from quiz_service.application.ports import UnitOfWork
from quiz_service.application.projections import history_entry, quiz_view
from quiz_service.domain.document import KnownDocument
from quiz_service.domain.errors import DocumentNotFound
from quiz_service.domain.quiz import Quiz, SagaState
from quiz_service.domain.saga import Enter, Fail, Patience, next_step

GENERATE = "generate"
DEADLINE = "deadline"
DELETED = "The document was deleted."


@dataclass(frozen=True, slots=True)
class QuizSaga:
    """Moves quizzes on; `patience` says how long they wait."""

    patience: Patience

    async def advance(self, uow: UnitOfWork, quiz_id: UUID, document_id: UUID, owner_id: str, at: datetime) -> None:
        """Take every step that one quiz can take now; if it still waits, come back when its patience ends."""
        is_deleted = await uow.tombstones.has(document_id)
        document = await uow.documents.find(document_id, owner_id)
        quiz = await uow.quizzes.find(quiz_id)
        if quiz is None:
            return
        if quiz.waiting_since is None:
            quiz.waiting_since = at
            await uow.quizzes.save(quiz)
        if is_deleted:
            await self._end(uow, quiz, DocumentNotFound(DELETED).reason(), at)
        await self._step(uow, quiz, document, at)
        if quiz.is_waiting:
            await self._come_back(uow, quiz, quiz.waiting_since, at)

    async def advance_all(self, uow: UnitOfWork, document: KnownDocument, at: datetime) -> None:
        """Take every step that the quizzes of a document can take, now that more is known of it."""
        for quiz in await uow.quizzes.find_unfinished(document.document_id, document.owner_id):
            await self._step(uow, quiz, document, at)

    async def abandon_all(self, uow: UnitOfWork, document_id: UUID, owner_id: str, at: datetime) -> None:
        """The document was deleted: what waits for it, or is being made of it, fails."""
        for quiz in await uow.quizzes.find_unfinished(document_id, owner_id):
            await self._end(uow, quiz, DocumentNotFound(DELETED).reason(), at)

    async def fail(self, uow: UnitOfWork, quiz_id: UUID, problem: Problem, at: datetime) -> None:
        """The questions could not be made."""
        await self._end(uow, await uow.quizzes.find(quiz_id), problem.reason(), at)

    async def _come_back(self, uow: UnitOfWork, quiz: Quiz, since: datetime, at: datetime) -> None:
        ends = [since + self.patience.unheard, since + self.patience.reading]
        later = next((end for end in ends if end > at), None)
        if later is not None:
            payload = {"document_id": str(quiz.document_id)}
            await uow.jobs.add(DEADLINE, quiz.quiz_id, quiz.owner_id, payload, run_at=later)

    async def _step(self, uow: UnitOfWork, quiz: Quiz, document: KnownDocument | None, at: datetime) -> None:
        # Not before the text is there: until then the title may be no more than the name of a file.
        if document and document.text_version and quiz.is_waiting and quiz.name_after(document.title):
            await save(uow, quiz)
        while step := next_step(quiz, document.progress if document else None, at, self.patience):
            match step:
                case Fail(problem):
                    await self._end(uow, quiz, problem.reason(), at)
                case Enter(state):
                    quiz.enter(state)
                    await save(uow, quiz)
                    if state is SagaState.GENERATING:
                        payload = {"document_id": str(quiz.document_id)}
                        await uow.jobs.add(GENERATE, quiz.quiz_id, quiz.owner_id, payload)

    async def _end(self, uow: UnitOfWork, quiz: Quiz | None, reason: Reason, at: datetime) -> None:
        if quiz is None or quiz.is_final:
            return
        quiz.fail(reason, at)
        await save(uow, quiz)
        await uow.outbox.add(events.quiz_generation_failed(quiz))


async def save(uow: UnitOfWork, quiz: Quiz) -> None:
    """The quiz and what is shown of it."""
    await uow.quizzes.save(quiz)
    await show(uow, quiz)


async def show(uow: UnitOfWork, quiz: Quiz) -> None:
    """Project the quiz and wake whoever follows it."""
    await uow.views.put_quiz(quiz_view(quiz))
    await uow.views.put_history(history_entry(quiz))
    await uow.announce(quiz.quiz_id)
