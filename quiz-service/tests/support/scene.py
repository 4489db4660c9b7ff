"""A service without servers, to be driven by commands, events and jobs."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from chassis.clock import utc_now
from chassis.errors import Problem
from chassis.http.auth import derive_owner_id
from chassis.ids import uuid7
from chassis.postgres import Wakeups
from chassis.service import build_app
from chassis.settings import AuthSettings
from chassis.testing.services import settings_of
from chassis.testing.storage import FakeObjectStorage
from chassis.testing.tokens import ISSUER
from fastapi import FastAPI
from learning_contracts.event import Event

from quiz_service.adapters.similarity import edit_similarity
from quiz_service.api.dependencies import Service
from quiz_service.application import commands
from quiz_service.application.commands import Order
from quiz_service.application.saga import QuizSaga
from quiz_service.bootstrap import NAME, api_of
from quiz_service.domain.questions import QuestionType
from quiz_service.domain.quiz import QuestionPlan, Quiz
from quiz_service.domain.saga import Patience
from quiz_service.jobs import QuizJobs
from quiz_service.messaging import EventHandlers
from quiz_service.settings import Settings
from support import events
from support.fakes import FakeReadModel, InlineGenerator, QuizDatabase, QuizUnitOfWork
from support.lectures import lecture

ALICE = derive_owner_id(ISSUER, "alice")
MALLORY = derive_owner_id(ISSUER, "mallory")
PATIENCE = Patience(unheard=timedelta(seconds=120), reading=timedelta(hours=24))
LECTURE = lecture("cells")
PLAN = QuestionPlan(6, tuple(QuestionType), "mixed", 1)


@dataclass
class Scene:
    database: QuizDatabase = field(default_factory=QuizDatabase)
    storage: FakeObjectStorage = field(default_factory=FakeObjectStorage)
    generator: InlineGenerator = field(default_factory=InlineGenerator)
    saga: QuizSaga = field(default_factory=lambda: QuizSaga(PATIENCE))

    def __post_init__(self) -> None:
        self.reads = FakeReadModel(self.database)
        self.handlers = EventHandlers(self.saga).by_event

    def unit_of_work(self) -> QuizUnitOfWork:
        return QuizUnitOfWork(self.database)

    @property
    def jobs(self) -> QuizJobs:
        return QuizJobs(self.unit_of_work, self.reads, self.storage, self.generator, self.saga)

    def app(self, auth: AuthSettings) -> FastAPI:
        service = Service(self.unit_of_work, self.reads, Wakeups.silent(), edit_similarity)
        settings = settings_of(Settings, auth)
        return build_app(NAME, settings, api_of(service), {"storage": self.storage.check})

    def quiz(self, quiz_id: UUID) -> Quiz:
        return self.database.quizzes[quiz_id]

    def event_types(self) -> list[str]:
        return [event.TYPE for event in self.database.events]

    def waiting(self, *, due_only: bool = True) -> list[str]:
        """The kinds of jobs that wait."""
        jobs = [job for job in self.database.jobs.values() if job.state == "pending"]
        return [job.kind for job in jobs if not due_only or job.run_at is None]

    async def order(self, document_id: UUID, owner_id: str = ALICE, plan: QuestionPlan = PLAN, age: float = 0) -> UUID:
        """A quiz taken up `age` seconds ago: ordered as by the route, its event handled as by the worker."""
        async with self.unit_of_work() as uow:
            quiz = await commands.generate_quiz(uow, owner_id, Order(document_id, plan, None), utc_now())
            quiz.waiting_since = utc_now() - timedelta(seconds=age) if age else None
        await self.hear(self.database.events[-1])
        return quiz.quiz_id

    def make_wait(self, quiz_id: UUID, seconds: float) -> None:
        """Let so much time pass for a quiz."""
        quiz = self.quiz(quiz_id)
        assert quiz.waiting_since is not None
        quiz.waiting_since -= timedelta(seconds=seconds)

    async def hear(self, *heard: Event) -> None:
        for event in heard:
            async with self.unit_of_work() as uow:
                await self.handlers[type(event)](uow, event)

    async def learn(self, document_id: UUID, owner_id: str = ALICE) -> None:
        """Hear all of a document that was read."""
        await self.hear(*events.processed(document_id, owner_id, LECTURE))
        await self.hear(*events.notes_generated(document_id, owner_id, LECTURE))

    async def completed(self, owner_id: str = ALICE, plan: QuestionPlan = PLAN) -> Quiz:
        document_id = uuid7()
        await self.learn(document_id, owner_id)
        quiz_id = await self.order(document_id, owner_id, plan)
        await self.work()
        return self.quiz(quiz_id)

    async def work(self, kind: str | None = None) -> None:
        """Run the due jobs (or those of one kind, due or not) once, as the runner does: a Problem gives the job up."""
        kinds = {one.name: one for one in self.jobs.kinds()}
        while waiting := [kind] if kind and kind in self.waiting(due_only=False) else [] if kind else self.waiting():
            job = self.database.claim(waiting[0])
            assert job is not None
            try:
                await kinds[job.kind].run(job)
            except Problem as problem:
                async with self.unit_of_work() as uow:
                    await uow.jobs.fail(job, problem.detail)
                    await kinds[job.kind].give_up(uow, job, problem)
            assert self.database.jobs[job.id].state != "processing"
            if kind:
                return


def right_answers(quiz: Quiz) -> list[dict[str, Any]]:
    """The body of a perfect submission."""
    return [
        {"question_id": str(question.stem.question_id), "answer": question.correct_answer}
        for question in quiz.questions
    ]
