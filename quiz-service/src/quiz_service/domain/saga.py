"""The making of one quiz, as a rule: from what is known of its document to the next step. No effects, no clock.

A document that is unknown, or another owner's, looks the same from here: `document` is None.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from chassis.errors import Problem, Reason

from quiz_service.domain.errors import DocumentFailed, DocumentNotFound
from quiz_service.domain.quiz import Quiz, SagaState


@dataclass(frozen=True, slots=True)
class DocumentProgress:
    """What this service has heard of a document of the quiz's owner."""

    has_text: bool = False
    notes_settled: bool = False
    error: Reason | None = None


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a quiz waits: to hear of its document at all, and for its text and notes."""

    unheard: timedelta
    reading: timedelta


@dataclass(frozen=True, slots=True)
class Enter:
    state: SagaState


@dataclass(frozen=True, slots=True)
class Fail:
    problem: Problem


Step = Enter | Fail
UNHEARD = "No document of yours has this id."


def next_step(quiz: Quiz, document: DocumentProgress | None, now: datetime, patience: Patience) -> Step | None:
    """What the quiz does now, or None when it goes on waiting (or is past waiting)."""
    if not quiz.is_waiting:
        return None
    waited = now - (quiz.waiting_since or now)
    if document is None:
        return Fail(DocumentNotFound(UNHEARD)) if waited >= patience.unheard else None
    if document.has_text:
        # Failed or overdue notes do not fail a quiz: its questions come from the text.
        if document.notes_settled or waited >= patience.reading:
            return Enter(SagaState.GENERATING)
        return None if quiz.state is SagaState.WAITING_FOR_NOTES else Enter(SagaState.WAITING_FOR_NOTES)
    if document.error is not None:
        return Fail(DocumentFailed(document.error.detail or document.error.title))
    if waited >= patience.reading:
        return Fail(DocumentFailed("The document was not read in time."))
    return None
