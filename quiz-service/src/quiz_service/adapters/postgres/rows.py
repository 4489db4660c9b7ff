"""From rows to domain objects and back."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from chassis.errors import Reason
from psycopg.types.json import Jsonb

from quiz_service.application.projections import AttemptView, HistoryEntry, QuizView
from quiz_service.domain.document import KnownDocument
from quiz_service.domain.questions import (
    Difficulty,
    MultipleChoice,
    Option,
    Question,
    QuestionType,
    ShortAnswer,
    Source,
    Stem,
    TrueFalse,
)
from quiz_service.domain.quiz import QuestionPlan, Quiz, SagaState, Shortfall

Row = Mapping[str, Any]

# One statement for the whole aggregate: a quiz is small, and three round trips are slower than one.
QUIZ = """
SELECT quizzes.*, (
    SELECT jsonb_agg(to_jsonb(questions) || jsonb_build_object(
        'options', (SELECT jsonb_agg(to_jsonb(options) ORDER BY position) FROM options
                    WHERE options.question_id = questions.question_id),
        'accepted', (SELECT jsonb_agg(accepted_answers.text ORDER BY position) FROM accepted_answers
                     WHERE accepted_answers.question_id = questions.question_id)
    ) ORDER BY number)
    FROM questions WHERE questions.quiz_id = quizzes.quiz_id
) AS questions
FROM quizzes
"""


def quiz(row: Row) -> Quiz:
    types = tuple(QuestionType(name) for name in row["question_types"])
    return Quiz(
        quiz_id=row["quiz_id"],
        owner_id=row["owner_id"],
        document_id=row["document_id"],
        title=row["title"],
        plan=QuestionPlan(row["question_count"], types, row["difficulty"], row["seed"]),
        created_at=row["created_at"],
        state=SagaState(row["state"]),
        waiting_since=row["waiting_since"],
        revision=row["revision"],
        engine=row["engine"],
        completed_at=row["completed_at"],
        shortfall=Shortfall(**row["shortfall"]) if row["shortfall"] else None,
        error=Reason(**row["error"]) if row["error"] else None,
        questions=tuple(question(found) for found in row["questions"] or ()),
        attempts=row["attempts"],
        best_percentage=row["best_percentage"],
        last_submitted_at=row["last_submitted_at"],
    )


def question(row: Row) -> Question:
    stem = Stem(
        question_id=UUID(row["question_id"]),
        number=row["number"],
        prompt=row["prompt"],
        points=row["points"],
        difficulty=Difficulty(row["difficulty"]),
        explanation=row["explanation"],
        source=Source(row["source_page"], row["source_block"], row["source_quote"]),
    )
    match QuestionType(row["type"]):
        case QuestionType.MULTIPLE_CHOICE:
            return MultipleChoice(stem, tuple(_option(found) for found in row["options"]))
        case QuestionType.TRUE_FALSE:
            return TrueFalse(stem, row["is_true"])
        case QuestionType.SHORT_ANSWER:
            return ShortAnswer(stem, tuple(row["accepted"]))


def _option(row: Row) -> Option:
    return Option(UUID(row["option_id"]), row["text"], row["is_correct"], row["note"])


def quiz_parameters(quiz: Quiz) -> dict[str, Any]:
    shortfall = quiz.shortfall
    return {
        "quiz_id": quiz.quiz_id,
        "owner_id": quiz.owner_id,
        "document_id": quiz.document_id,
        "title": quiz.title,
        "question_count": quiz.plan.count,
        "question_types": [kind.value for kind in quiz.plan.types],
        "difficulty": quiz.plan.difficulty,
        "seed": quiz.plan.seed,
        "created_at": quiz.created_at,
        "state": quiz.state.value,
        "waiting_since": quiz.waiting_since,
        "revision": quiz.revision,
        "engine": quiz.engine,
        "completed_at": quiz.completed_at,
        "shortfall": Jsonb({"asked": shortfall.asked, "made": shortfall.made, "reason": shortfall.reason})
        if shortfall
        else None,
        "error": Jsonb(quiz.error.to_dict()) if quiz.error else None,
        "attempts": quiz.attempts,
        "best_percentage": quiz.best_percentage,
        "last_submitted_at": quiz.last_submitted_at,
    }


def question_parameters(quiz_id: UUID, question: Question) -> tuple[Any, ...]:
    stem = question.stem
    return (
        stem.question_id,
        quiz_id,
        stem.number,
        question.type.value,
        stem.prompt,
        stem.points,
        stem.difficulty.value,
        stem.explanation,
        stem.source.page,
        stem.source.block,
        stem.source.quote,
        question.is_true if isinstance(question, TrueFalse) else None,
    )


def document(row: Row) -> KnownDocument:
    return KnownDocument(**{**row, "error": Reason(**row["error"]) if row["error"] else None})


def quiz_view(row: Row) -> QuizView:
    return QuizView(**row)


def attempt_view(row: Row) -> AttemptView:
    return AttemptView(**row)


def history_entry(row: Row) -> HistoryEntry:
    return HistoryEntry(**row)
