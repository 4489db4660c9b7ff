"""The read model: what clients are shown, each row a function of the write model alone, so a rebuild gives the same.

A quiz's view never holds an answer, not even after a submission.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.clock import rfc3339

from quiz_service.domain.questions import MultipleChoice, Question
from quiz_service.domain.quiz import Attempt, GradedAnswer, Quiz, Status


@dataclass(frozen=True, slots=True)
class QuizView:
    """`body` is the status document; `is_final` when it will not change any more."""

    quiz_id: UUID
    owner_id: str
    revision: int
    is_final: bool
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class AttemptView:
    quiz_id: UUID
    number: int
    percentage: float
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryEntry:
    quiz_id: UUID
    owner_id: str
    title: str | None
    document_id: UUID
    status: Status
    question_count: int
    attempts: int
    best_percentage: float | None
    last_submitted_at: datetime | None


def quiz_view(quiz: Quiz) -> QuizView:
    body = {
        "quiz_id": str(quiz.quiz_id),
        "document_id": str(quiz.document_id),
        "title": quiz.title,
        "status": quiz.status,
        "difficulty": quiz.plan.difficulty,
        "created_at": rfc3339(quiz.created_at),
        "completed_at": rfc3339(quiz.completed_at) if quiz.completed_at else None,
        "shortfall": (
            {"asked": quiz.shortfall.asked, "made": quiz.shortfall.made, "reason": quiz.shortfall.reason}
            if quiz.shortfall
            else None
        ),
        "error": quiz.error.to_dict() if quiz.error else None,
        "questions": [_question(question) for question in quiz.questions],
    }
    return QuizView(quiz.quiz_id, quiz.owner_id, quiz.revision, quiz.is_final, body)


def _question(question: Question) -> dict[str, Any]:
    options = question.options if isinstance(question, MultipleChoice) else ()
    return {
        "question_id": str(question.stem.question_id),
        "number": question.stem.number,
        "type": question.type.value,
        "prompt": question.stem.prompt,
        "options": [{"option_id": str(option.option_id), "text": option.text} for option in options],
        "points": question.stem.points,
        "difficulty": question.stem.difficulty.value,
    }


def history_entry(quiz: Quiz) -> HistoryEntry:
    return HistoryEntry(
        quiz_id=quiz.quiz_id,
        owner_id=quiz.owner_id,
        title=quiz.title,
        document_id=quiz.document_id,
        status=quiz.status,
        question_count=len(quiz.questions),
        attempts=quiz.attempts,
        best_percentage=quiz.best_percentage,
        last_submitted_at=quiz.last_submitted_at,
    )


def attempt_view(attempt: Attempt) -> AttemptView:
    body = {
        "attempt_id": str(attempt.attempt_id),
        "quiz_id": str(attempt.quiz_id),
        "number": attempt.number,
        "score": attempt.score,
        "max_score": attempt.max_score,
        "percentage": attempt.percentage,
        "submitted_at": rfc3339(attempt.submitted_at),
        "results": [_result(answer) for answer in attempt.answers],
    }
    return AttemptView(attempt.quiz_id, attempt.number, attempt.percentage, body)


def _result(graded: GradedAnswer) -> dict[str, Any]:
    stem = graded.question.stem
    return {
        "question_id": str(stem.question_id),
        "type": graded.question.type.value,
        "prompt": stem.prompt,
        "your_answer": graded.answer,
        "correct_answer": graded.question.correct_answer,
        "is_correct": graded.is_correct,
        "score": graded.score,
        "max_score": stem.points,
        "feedback": graded.feedback,
        "explanation": stem.explanation,
        "source": {"page": stem.source.page, "quote": stem.source.quote},
    }
