"""What may be asked about quizzes. Somebody else's quiz does not exist."""

import json
from typing import Any
from uuid import UUID

from quiz_service.application.ports import ReadModel
from quiz_service.application.projections import QuizView, quiz_view
from quiz_service.domain.errors import NotYetSubmitted, QuizNotFound
from quiz_service.domain.questions import MultipleChoice, Question, ShortAnswer
from quiz_service.domain.quiz import Quiz


async def find_quiz(reads: ReadModel, quiz_id: UUID, owner_id: str) -> QuizView:
    """Raises QuizNotFound."""
    view = await reads.quiz(quiz_id, owner_id)
    if view is None:
        raise QuizNotFound
    return view


async def results(reads: ReadModel, quiz_id: UUID, owner_id: str) -> dict[str, Any]:
    """All attempts at the quiz. Raises QuizNotFound."""
    await find_quiz(reads, quiz_id, owner_id)
    attempts = await reads.attempts(quiz_id)
    return {
        "quiz_id": str(quiz_id),
        "attempts": [attempt.body for attempt in attempts],
        "best_percentage": max((attempt.percentage for attempt in attempts), default=None),
    }


async def quiz_with_answers(reads: ReadModel, quiz_id: UUID, owner_id: str, *, is_author: bool) -> Quiz:
    """For an export. Raises QuizNotFound, QuizNotReady, and NotYetSubmitted unless the caller is the quiz's author."""
    await find_quiz(reads, quiz_id, owner_id)
    quiz = await reads.stored_quiz(quiz_id)
    if quiz is None:
        raise QuizNotFound
    quiz.require_ready()
    if not quiz.attempts and not is_author:
        raise NotYetSubmitted("The file has the answers; submit the quiz once first.")
    return quiz


def object_key(owner_id: str, quiz_id: UUID) -> str:
    """Where the copy of a quiz lies in the bucket."""
    return f"{OBJECTS}{owner_id}/{quiz_id}.json"


OBJECTS = "quizzes/"


def quiz_of(key: str) -> UUID | None:
    """The quiz that an object belongs to; None for one that is not ours."""
    name = key.rpartition("/")[2].removesuffix(".json")
    try:
        return UUID(name)
    except ValueError:
        return None


def quiz_copy(quiz: Quiz) -> bytes:
    """The whole quiz as JSON, answers included: for the bucket, never for a reply."""
    body = dict(quiz_view(quiz).body)
    body["questions"] = [
        {**shown, **_answer(question)} for shown, question in zip(body["questions"], quiz.questions, strict=True)
    ]
    return json.dumps({**body, "owner_id": quiz.owner_id, "engine": quiz.engine}, ensure_ascii=False).encode()


def _answer(question: Question) -> dict[str, Any]:
    source = question.stem.source
    answer: dict[str, Any] = {
        "correct_answer": question.correct_answer,
        "explanation": question.stem.explanation,
        "source": {"page": source.page, "block": source.block, "quote": source.quote},
    }
    if isinstance(question, ShortAnswer):
        answer["accepted"] = list(question.accepted)
    if isinstance(question, MultipleChoice):
        answer["notes"] = {str(option.option_id): option.note for option in question.options if option.note}
    return answer
