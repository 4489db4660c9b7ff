"""What the rest of the platform hears of a quiz: integration events made from its state."""

from datetime import datetime

from learning_contracts import events as contracts
from learning_contracts.events import (
    QuizDeleted,
    QuizGenerated,
    QuizGenerationFailed,
    QuizRequested,
    QuizSubmitted,
)

from quiz_service.domain.quiz import Attempt, Quiz, Shortfall

UNTITLED = "Quiz"


def quiz_requested(quiz: Quiz) -> QuizRequested:
    return QuizRequested(
        quiz_id=quiz.quiz_id,
        owner_id=quiz.owner_id,
        document_id=quiz.document_id,
        title=quiz.title,
        question_count=quiz.plan.count,
        question_types=tuple(kind.value for kind in quiz.plan.types),
        difficulty=quiz.plan.difficulty,
        seed=quiz.plan.seed,
        requested_at=quiz.created_at,
    )


def quiz_generated(quiz: Quiz) -> QuizGenerated:
    """Raises ValueError when the quiz is not completed."""
    if quiz.completed_at is None or quiz.engine is None:
        raise ValueError("the quiz is not completed")
    return QuizGenerated(
        quiz_id=quiz.quiz_id,
        owner_id=quiz.owner_id,
        document_id=quiz.document_id,
        title=quiz.title or UNTITLED,
        question_count=len(quiz.questions),
        question_types=tuple(dict.fromkeys(question.type.value for question in quiz.questions)),
        difficulty=quiz.plan.difficulty,
        shortfall=_shortfall(quiz.shortfall),
        engine=quiz.engine,
        completed_at=quiz.completed_at,
    )


def quiz_generation_failed(quiz: Quiz) -> QuizGenerationFailed:
    """Raises ValueError when the quiz has not failed."""
    if quiz.completed_at is None or quiz.error is None:
        raise ValueError("the quiz has not failed")
    return QuizGenerationFailed(
        quiz_id=quiz.quiz_id,
        owner_id=quiz.owner_id,
        document_id=quiz.document_id,
        error=contracts.Reason(**quiz.error.to_dict()),
        failed_at=quiz.completed_at,
    )


def quiz_submitted(quiz: Quiz, attempt: Attempt) -> QuizSubmitted:
    return QuizSubmitted(
        quiz_id=quiz.quiz_id,
        owner_id=quiz.owner_id,
        document_id=quiz.document_id,
        attempt_id=attempt.attempt_id,
        number=attempt.number,
        score=attempt.score,
        max_score=attempt.max_score,
        percentage=attempt.percentage,
        submitted_at=attempt.submitted_at,
    )


def quiz_deleted(quiz: Quiz, at: datetime) -> QuizDeleted:
    return QuizDeleted(quiz_id=quiz.quiz_id, owner_id=quiz.owner_id, document_id=quiz.document_id, deleted_at=at)


def _shortfall(shortfall: Shortfall | None) -> contracts.Shortfall | None:
    if shortfall is None:
        return None
    return contracts.Shortfall(asked=shortfall.asked, made=shortfall.made, reason=shortfall.reason)
