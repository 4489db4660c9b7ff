"""The slow work: making questions, writing and erasing copies in the bucket, looking at quizzes whose patience ends.

Engines run outside transactions; the last transaction of a job finishes it together with its effects. Work whose quiz
is gone ends without any.
"""

from typing import Protocol
from uuid import UUID

from chassis.clock import utc_now
from chassis.errors import Problem
from chassis.finishing import FinishesJobs
from chassis.jobs import Job, JobKind
from chassis.jobs.kind import AttemptsExhausted
from chassis.ports import UnitOfWorkFactory
from chassis.storage import ObjectStorage

from quiz_service.application import commands, ports, queries, saga
from quiz_service.application.commands import Superseded
from quiz_service.domain.errors import GenerationFailed


class UnitOfWork(FinishesJobs, ports.UnitOfWork, Protocol):
    """One that finishes jobs as well."""


class QuizJobs:
    """The kinds of jobs of this service; `attempt_timeout_seconds` must leave room for the engine's own limit."""

    def __init__(
        self,
        uow_factory: UnitOfWorkFactory[UnitOfWork],
        reads: ports.ReadModel,
        storage: ObjectStorage,
        generator: ports.QuestionGenerator,
        quiz_saga: saga.QuizSaga,
        *,
        attempt_timeout_seconds: float = 180.0,
        concurrency: int = 2,
    ) -> None:
        self._unit_of_work = uow_factory
        self._reads = reads
        self._storage = storage
        self._generator = generator
        self._saga = quiz_saga
        self._attempt_timeout_seconds = attempt_timeout_seconds
        self._concurrency = concurrency

    def kinds(self) -> tuple[JobKind, ...]:
        return (
            JobKind(
                saga.GENERATE,
                self.generate,
                self.give_up_quiz,
                attempt_timeout_seconds=self._attempt_timeout_seconds,
                concurrency=self._concurrency,
            ),
            JobKind(saga.DEADLINE, self.look_again, self.give_up_quiz, attempt_timeout_seconds=30.0, concurrency=2),
            JobKind(commands.ARCHIVE, self.archive, self.give_up_object, max_attempts=8, attempt_timeout_seconds=60.0),
            JobKind(commands.ERASE, self.erase, self.give_up_object, max_attempts=8, attempt_timeout_seconds=60.0),
        )

    async def generate(self, job: Job) -> None:
        """Make the questions of a quiz and keep them."""
        try:
            async with self._unit_of_work() as uow:
                quiz, material = await commands.start_generation(
                    uow, job.subject_id, UUID(job.payload["document_id"]), job.owner_id
                )
            generated = await self._generator.generate(material, quiz.plan)
            async with self._unit_of_work() as uow:
                await uow.jobs.finish(job)
                await commands.complete_quiz(uow, quiz, generated, utc_now())
        except Superseded:
            await self._finish(job)

    async def look_again(self, job: Job) -> None:
        """The quiz's patience ends: it fails, goes on, or waits for the next deadline."""
        async with self._unit_of_work() as uow:
            await uow.jobs.finish(job)
            document_id = UUID(job.payload["document_id"])
            await self._saga.advance(uow, job.subject_id, document_id, job.owner_id, utc_now())

    async def give_up_quiz(self, uow: UnitOfWork, job: Job, problem: Problem) -> None:
        reason = GenerationFailed(problem.detail) if isinstance(problem, AttemptsExhausted) else problem
        await self._saga.fail(uow, job.subject_id, reason, utc_now())

    async def archive(self, job: Job) -> None:
        """Write the copy of a quiz into the bucket; the same bytes however often it runs."""
        key = queries.object_key(job.owner_id, job.subject_id)
        quiz = await self._reads.stored_quiz(job.subject_id)
        if quiz is not None and quiz.questions:
            await self._storage.put(key, queries.quiz_copy(quiz), "application/json")
            if await self._reads.stored_quiz(job.subject_id) is None:  # deleted while it was being written
                await self._storage.delete(key)
        await self._finish(job)

    async def erase(self, job: Job) -> None:
        await self._storage.delete(queries.object_key(job.owner_id, job.subject_id))
        await self._finish(job)

    async def give_up_object(self, uow: UnitOfWork, job: Job, problem: Problem) -> None:
        """Nothing to record: an object without a quiz is swept, and the bucket only holds copies."""

    async def _finish(self, job: Job) -> None:
        async with self._unit_of_work() as uow:
            await uow.jobs.finish(job)
