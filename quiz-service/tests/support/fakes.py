"""Hand-written fakes of the service's own ports, on the chassis' fake database: what is not committed is not there."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from functools import cache
from typing import Any
from uuid import UUID

from chassis.testing.fakes import FakeDatabase, FakeUnitOfWork

from quiz_service.adapters.extractive import generate_questions
from quiz_service.adapters.postgres.documents import block_of, note_of
from quiz_service.application.ports import Part, PartKind
from quiz_service.application.projections import AttemptView, HistoryEntry, QuizView
from quiz_service.domain.document import KnownDocument
from quiz_service.domain.material import Material
from quiz_service.domain.quiz import Attempt, GeneratedQuiz, QuestionPlan, Quiz


class QuizDatabase(FakeDatabase):
    def __init__(self) -> None:
        super().__init__()
        self.quizzes: dict[UUID, Quiz] = {}
        self.made_attempts: list[Attempt] = []
        self.quiz_views: dict[UUID, QuizView] = {}
        self.history: dict[UUID, HistoryEntry] = {}
        self.attempt_views: dict[tuple[UUID, int], AttemptView] = {}
        self.documents: dict[UUID, KnownDocument] = {}
        self.parts: dict[tuple[UUID, str, int, int], Part] = {}


class FakeQuizzes:
    def __init__(self, database: QuizDatabase) -> None:
        self._database = database

    async def add(self, quiz: Quiz) -> None:
        self._database.quizzes[quiz.quiz_id] = quiz

    async def find(self, quiz_id: UUID) -> Quiz | None:
        return self._database.quizzes.get(quiz_id)

    async def find_unfinished(self, document_id: UUID, owner_id: str) -> list[Quiz]:
        return [
            quiz
            for quiz in self._database.quizzes.values()
            if (quiz.document_id, quiz.owner_id) == (document_id, owner_id) and not quiz.is_final
        ]

    async def save(self, quiz: Quiz) -> None:
        self._database.quizzes[quiz.quiz_id] = quiz

    async def complete(self, quiz: Quiz) -> None:
        self._database.quizzes[quiz.quiz_id] = quiz

    async def add_attempt(self, quiz: Quiz, attempt: Attempt) -> None:
        self._database.quizzes[quiz.quiz_id] = quiz
        self._database.made_attempts.append(attempt)

    async def attempts(self, quiz: Quiz) -> list[Attempt]:
        return [attempt for attempt in self._database.made_attempts if attempt.quiz_id == quiz.quiz_id]

    async def delete(self, quiz_id: UUID) -> None:
        self._database.quizzes.pop(quiz_id, None)
        self._database.made_attempts = [one for one in self._database.made_attempts if one.quiz_id != quiz_id]


class FakeViews:
    def __init__(self, database: QuizDatabase) -> None:
        self._database = database

    async def put_quiz(self, view: QuizView) -> None:
        self._database.quiz_views[view.quiz_id] = view

    async def put_history(self, entry: HistoryEntry) -> None:
        self._database.history[entry.quiz_id] = entry

    async def put_attempt(self, view: AttemptView) -> None:
        self._database.attempt_views[view.quiz_id, view.number] = view

    async def delete(self, quiz_id: UUID) -> None:
        self._database.quiz_views.pop(quiz_id, None)
        self._database.history.pop(quiz_id, None)
        for key in [key for key in self._database.attempt_views if key[0] == quiz_id]:
            del self._database.attempt_views[key]


class FakeDocuments:
    def __init__(self, database: QuizDatabase) -> None:
        self._database = database

    async def find_or_add(self, document_id: UUID, owner_id: str) -> KnownDocument:
        return self._database.documents.setdefault(document_id, KnownDocument(document_id, owner_id))

    async def find(self, document_id: UUID, owner_id: str) -> KnownDocument | None:
        document = self._database.documents.get(document_id)
        return document if document and document.owner_id == owner_id else None

    async def save(self, document: KnownDocument) -> None:
        self._database.documents[document.document_id] = document

    async def add_part(self, part: Part) -> bool:
        self._database.parts.setdefault((part.document_id, part.kind, part.version, part.number), part)
        return len(self._parts(part.document_id, part.kind, part.version)) == part.count

    async def drop_parts_before(self, document_id: UUID, kind: PartKind, version: int) -> None:
        for key in [key for key in self._database.parts if key[:2] == (document_id, kind) and key[2] < version]:
            del self._database.parts[key]

    async def material(self, document: KnownDocument) -> Material:
        version = document.notes_version if document.has_notes_of_its_text else 0
        blocks = [
            block_of(item)
            for part in self._parts(document.document_id, "text", document.text_version)
            for item in part.items
        ]
        notes = [note_of(item) for part in self._parts(document.document_id, "notes", version) for item in part.items]
        return Material(document.title or "", document.language, tuple(blocks), tuple(notes))

    async def delete(self, document_id: UUID) -> None:
        self._database.documents.pop(document_id, None)
        for key in [key for key in self._database.parts if key[0] == document_id]:
            del self._database.parts[key]

    async def delete_of_owner(self, owner_id: str) -> None:
        mine = [document for document in self._database.documents.values() if document.owner_id == owner_id]
        for document in mine:
            await self.delete(document.document_id)

    def _parts(self, document_id: UUID, kind: str, version: int) -> list[Part]:
        found = [
            (key[3], part) for key, part in self._database.parts.items() if key[:3] == (document_id, kind, version)
        ]
        return [part for _, part in sorted(found, key=lambda one: one[0])]


class QuizUnitOfWork(FakeUnitOfWork):
    quizzes: FakeQuizzes
    views: FakeViews
    documents: FakeDocuments

    def bind(self, database: Any) -> None:
        super().bind(database)
        self.quizzes = FakeQuizzes(database)
        self.views = FakeViews(database)
        self.documents = FakeDocuments(database)


class FakeReadModel:
    def __init__(self, database: QuizDatabase) -> None:
        self._database = database

    async def quiz(self, quiz_id: UUID, owner_id: str) -> QuizView | None:
        view = self._database.quiz_views.get(quiz_id)
        return view if view and view.owner_id == owner_id else None

    async def attempts(self, quiz_id: UUID) -> list[AttemptView]:
        mine = [view for view in self._database.attempt_views.values() if view.quiz_id == quiz_id]
        return sorted(mine, key=lambda view: view.number)

    async def history(self, owner_id: str, limit: int, before: UUID | None) -> list[HistoryEntry]:
        mine = [entry for entry in self._database.history.values() if entry.owner_id == owner_id]
        older = [entry for entry in mine if before is None or entry.quiz_id < before]
        return sorted(older, key=lambda entry: entry.quiz_id, reverse=True)[:limit]

    async def stored_quiz(self, quiz_id: UUID) -> Quiz | None:
        return self._database.quizzes.get(quiz_id)

    async def living(self, quiz_ids: Sequence[UUID]) -> frozenset[UUID]:
        return frozenset(quiz_id for quiz_id in quiz_ids if quiz_id in self._database.quizzes)

    async def quiz_ids(self, owner_id: str | None = None) -> AsyncIterator[UUID]:
        for quiz in sorted(self._database.quizzes.values(), key=lambda quiz: quiz.quiz_id):
            if owner_id in (None, quiz.owner_id):
                yield quiz.quiz_id


class InlineGenerator:
    """The real engine in this process. `failure` is raised instead of working; `before` happens while it works."""

    def __init__(self) -> None:
        self.failure: Exception | None = None
        self.before: Callable[[], Awaitable[None]] | None = None

    async def generate(self, material: Material, plan: QuestionPlan) -> GeneratedQuiz:
        if self.before:
            await self.before()
        if self.failure:
            raise self.failure
        return _generated(material, plan)


@cache
def _generated(material: Material, plan: QuestionPlan) -> GeneratedQuiz:
    """Most tests make the same quiz."""
    return generate_questions(material, plan)
