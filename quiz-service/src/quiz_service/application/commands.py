"""What may be done to a quiz. Each command takes the open unit of work and leaves the commit to the edge."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from random import SystemRandom
from uuid import UUID

from chassis.ids import uuid7

from quiz_service.application import events
from quiz_service.application.ports import UnitOfWork
from quiz_service.application.projections import attempt_view, history_entry
from quiz_service.application.saga import DELETED, show
from quiz_service.domain.errors import DocumentNotFound, QuizNotFound
from quiz_service.domain.grading import Similarity
from quiz_service.domain.material import Material
from quiz_service.domain.questions import Answer
from quiz_service.domain.quiz import Attempt, GeneratedQuiz, QuestionPlan, Quiz, SagaState

ARCHIVE = "archive"
ERASE = "erase"
_shuffle = SystemRandom().shuffle


class Superseded(Exception):
    """The quiz is gone, or is no longer waiting for this work."""


@dataclass(frozen=True, slots=True)
class Order:
    """What somebody asks for."""

    document_id: UUID
    plan: QuestionPlan
    title: str | None


async def generate_quiz(uow: UnitOfWork, owner_id: str, order: Order, at: datetime) -> Quiz:
    """Take the order in; the document may still be being read, or not be known here yet."""
    quiz = Quiz(uuid7(), owner_id, order.document_id, order.title, order.plan, at)
    await uow.quizzes.add(quiz)
    await show(uow, quiz)
    await uow.outbox.add(events.quiz_requested(quiz))
    return quiz


async def start_generation(uow: UnitOfWork, quiz_id: UUID, document_id: UUID, owner_id: str) -> tuple[Quiz, Material]:
    """The quiz and what to make it of. Raises Superseded, or DocumentNotFound where the document went meanwhile."""
    document = await uow.documents.find(document_id, owner_id)
    quiz = await _wanted(uow, quiz_id)
    if document is None:
        raise DocumentNotFound(DELETED)
    return quiz, await uow.documents.material(document)


async def complete_quiz(uow: UnitOfWork, quiz: Quiz, generated: GeneratedQuiz, at: datetime) -> None:
    """Keep the questions, if quiz and document still live. Raises Superseded or DocumentNotFound."""
    if await uow.tombstones.has(quiz.document_id):
        raise DocumentNotFound(DELETED)
    current = await _wanted(uow, quiz.quiz_id)
    current.complete(generated, at, uuid7, _shuffle)
    await uow.quizzes.complete(current)
    await show(uow, current)
    await uow.outbox.add(events.quiz_generated(current))


async def submit_quiz(
    uow: UnitOfWork,
    quiz_id: UUID,
    owner_id: str,
    answers: Sequence[tuple[UUID, Answer]],
    similarity: Similarity,
    at: datetime,
) -> Attempt:
    """Grade an attempt and keep it. Raises QuizNotFound, QuizNotReady or InvalidAnswers."""
    quiz = await _mine(uow, quiz_id, owner_id)
    attempt = quiz.submit(answers, attempt_id=uuid7(), now=at, similarity=similarity)
    await uow.quizzes.add_attempt(quiz, attempt)
    await uow.views.put_attempt(attempt_view(attempt))
    await uow.views.put_history(history_entry(quiz))
    await uow.outbox.add(events.quiz_submitted(quiz, attempt))
    return attempt


async def delete_quiz(uow: UnitOfWork, quiz_id: UUID, owner_id: str, at: datetime) -> None:
    """Works in every state. Its object in the bucket goes after the commit, by a job that survives a crash."""
    # Jobs first: a worker finishes its job before it locks the quiz, too.
    await uow.jobs.cancel(quiz_id)
    quiz = await _mine(uow, quiz_id, owner_id)
    await uow.quizzes.delete(quiz_id)
    await uow.views.delete(quiz_id)
    await uow.announce(quiz_id)
    await uow.jobs.add(ERASE, quiz_id, owner_id)
    await uow.outbox.add(events.quiz_deleted(quiz, at))


async def archive_later(uow: UnitOfWork, quiz_id: UUID, owner_id: str) -> None:
    """A quiz was generated: let its copy in the bucket be written."""
    await uow.jobs.add(ARCHIVE, quiz_id, owner_id)


async def republish_quiz(uow: UnitOfWork, quiz_id: UUID) -> int:
    """Send the outcome of a quiz again, for those who missed it; returns the number of events."""
    quiz = await uow.quizzes.find(quiz_id)
    if quiz is None or not quiz.is_final:
        return 0
    again = events.quiz_generated(quiz) if quiz.questions else events.quiz_generation_failed(quiz)
    await uow.outbox.add(again)
    return 1


async def rebuild_views(uow: UnitOfWork, quiz_id: UUID) -> None:
    """Write what is shown of a quiz anew, from the write model alone."""
    await uow.views.delete(quiz_id)
    quiz = await uow.quizzes.find(quiz_id)
    if quiz is None:
        return
    await show(uow, quiz)
    for attempt in await uow.quizzes.attempts(quiz):
        await uow.views.put_attempt(attempt_view(attempt))


async def _mine(uow: UnitOfWork, quiz_id: UUID, owner_id: str) -> Quiz:
    quiz = await uow.quizzes.find(quiz_id)
    if quiz is None or quiz.owner_id != owner_id:
        raise QuizNotFound
    return quiz


async def _wanted(uow: UnitOfWork, quiz_id: UUID) -> Quiz:
    quiz = await uow.quizzes.find(quiz_id)
    if quiz is None or quiz.state is not SagaState.GENERATING:
        raise Superseded
    return quiz
