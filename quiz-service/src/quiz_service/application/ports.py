"""What the use cases need from outside, as protocols; `adapters` and the chassis fulfil them."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol
from uuid import UUID

from chassis import ports

from quiz_service.application.projections import AttemptView, HistoryEntry, QuizView
from quiz_service.domain.document import KnownDocument
from quiz_service.domain.material import Material
from quiz_service.domain.quiz import Attempt, GeneratedQuiz, QuestionPlan, Quiz

PartKind = Literal["text", "notes"]


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a document's text or notes; `items` are JSON-ready, in the order of the document."""

    document_id: UUID
    kind: PartKind
    version: int
    number: int
    count: int
    items: Sequence[Mapping[str, Any]]


class Quizzes(Protocol):
    """The write model. What `find…` gives is locked against other writers until the unit of work ends."""

    async def add(self, quiz: Quiz) -> None: ...

    async def find(self, quiz_id: UUID) -> Quiz | None: ...

    async def find_unfinished(self, document_id: UUID, owner_id: str) -> list[Quiz]:
        """The owner's quizzes of a document that are neither completed nor failed."""
        ...

    async def save(self, quiz: Quiz) -> None:
        """Everything but the questions, which are written by `complete`."""
        ...

    async def complete(self, quiz: Quiz) -> None:
        """Save the quiz together with its questions."""
        ...

    async def add_attempt(self, quiz: Quiz, attempt: Attempt) -> None:
        """Keep an attempt with its answers, and what it changed of the quiz."""
        ...

    async def attempts(self, quiz: Quiz) -> list[Attempt]:
        """All attempts at the quiz, in order."""
        ...

    async def delete(self, quiz_id: UUID) -> None:
        """With questions and attempts."""
        ...


class Views(Protocol):
    """The read tables, written in the transaction of the change."""

    async def put_quiz(self, view: QuizView) -> None: ...

    async def put_history(self, entry: HistoryEntry) -> None: ...

    async def put_attempt(self, view: AttemptView) -> None: ...

    async def delete(self, quiz_id: UUID) -> None: ...


class Documents(Protocol):
    """What was heard of documents."""

    async def find_or_add(self, document_id: UUID, owner_id: str) -> KnownDocument:
        """Locked against other writers until the unit of work ends."""
        ...

    async def find(self, document_id: UUID, owner_id: str) -> KnownDocument | None:
        """A document of this owner; one of another owner is None."""
        ...

    async def save(self, document: KnownDocument) -> None: ...

    async def add_part(self, part: Part) -> bool:
        """Keep a part, once; True when its version is whole now."""
        ...

    async def drop_parts_before(self, document_id: UUID, kind: PartKind, version: int) -> None: ...

    async def material(self, document: KnownDocument) -> Material:
        """The whole text, with the notes where they speak of it."""
        ...

    async def delete(self, document_id: UUID) -> None: ...

    async def delete_of_owner(self, owner_id: str) -> None: ...


class UnitOfWork(ports.UnitOfWork, Protocol):
    """One transaction, opened and ended by the edge.

    Locks are taken in this order, so that no two can deadlock: job, tombstone of the document, document, quiz.
    """

    @property
    def quizzes(self) -> Quizzes: ...

    @property
    def views(self) -> Views: ...

    @property
    def documents(self) -> Documents: ...


class ReadModel(Protocol):
    """Reads outside any unit of work; an owner sees only what is theirs."""

    async def quiz(self, quiz_id: UUID, owner_id: str) -> QuizView | None: ...

    async def attempts(self, quiz_id: UUID) -> list[AttemptView]:
        """In the order they were made."""
        ...

    async def history(self, owner_id: str, limit: int, before: UUID | None) -> list[HistoryEntry]:
        """Newest quiz first, those older than `before`."""
        ...

    async def stored_quiz(self, quiz_id: UUID) -> Quiz | None:
        """The write model's quiz, without a lock."""
        ...

    def quiz_ids(self, owner_id: str | None = None) -> AsyncIterator[UUID]:
        """Ids of all quizzes, oldest first."""
        ...

    async def living(self, quiz_ids: Sequence[UUID]) -> frozenset[UUID]:
        """Those of the ids whose quiz is there."""
        ...


class QuestionGenerator(Protocol):
    """Makes the questions of a quiz, away from this process."""

    async def generate(self, material: Material, plan: QuestionPlan) -> GeneratedQuiz:
        """Raises NotEnoughContent where the material carries no question."""
        ...
