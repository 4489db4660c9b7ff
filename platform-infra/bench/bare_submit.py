"""The baseline of `submit.py`: the same reads and rows by plain FastAPI + psycopg; no token, no promise, no domain."""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import uvicorn
from fastapi import FastAPI, HTTPException, Request
from psycopg import AsyncConnection
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb
from psycopg_pool import AsyncConnectionPool
from pydantic import BaseModel

QUIZ = """
SELECT quizzes.*, (
    SELECT jsonb_agg(to_jsonb(questions) || jsonb_build_object(
        'options', (SELECT jsonb_agg(options) FROM options WHERE options.question_id = questions.question_id),
        'accepted', (SELECT jsonb_agg(a.text ORDER BY position) FROM accepted_answers a
                     WHERE a.question_id = questions.question_id)
    ) ORDER BY number) FROM questions WHERE questions.quiz_id = quizzes.quiz_id
) AS questions FROM quizzes WHERE quiz_id = %s AND owner_id = %s FOR UPDATE OF quizzes
"""


class Answer(BaseModel):
    question_id: uuid.UUID
    answer: str | bool | None = None


class Submission(BaseModel):
    answers: list[Answer]


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    async with AsyncConnectionPool(
        os.environ["BARE_DSN"],
        max_size=10,
        kwargs={"row_factory": dict_row},
        connection_class=AsyncConnection,
    ) as pool:
        app.state.pool = pool
        yield


app = FastAPI(lifespan=lifespan)


@app.post("/api/quiz/{quiz_id}/submit")
async def submit(
    quiz_id: uuid.UUID, body: Submission, request: Request
) -> dict[str, Any]:
    given = {answer.question_id: answer.answer for answer in body.answers}
    async with request.app.state.pool.connection() as connection:
        quiz = await (
            await connection.execute(QUIZ, (quiz_id, os.environ["BARE_OWNER"]))
        ).fetchone()
        if quiz is None:
            raise HTTPException(404)
        results = [
            grade(question, given.get(uuid.UUID(question["question_id"])))
            for question in quiz["questions"]
        ]
        reply = attempt(quiz, results)
        await store(connection, quiz, reply, results)
    return reply


def grade(question: dict[str, Any], answer: str | bool | None) -> dict[str, Any]:
    right: Any
    if question["type"] == "multiple_choice":
        right = next(
            option["option_id"]
            for option in question["options"]
            if option["is_correct"]
        )
    elif question["type"] == "true_false":
        right = question["is_true"]
    else:
        right = question["accepted"][0]
    score = float(question["points"]) if answer == right else 0.0
    return {
        "question_id": question["question_id"],
        "type": question["type"],
        "prompt": question["prompt"],
        "your_answer": answer,
        "correct_answer": right,
        "is_correct": answer == right,
        "score": score,
        "max_score": question["points"],
        "feedback": "Right." if answer == right else "Wrong.",
        "explanation": question["explanation"],
        "source": {"page": question["source_page"], "quote": question["source_quote"]},
    }


def attempt(quiz: dict[str, Any], results: list[dict[str, Any]]) -> dict[str, Any]:
    score, max_score = (
        sum(each["score"] for each in results),
        sum(each["max_score"] for each in results),
    )
    return {
        "attempt_id": str(uuid.uuid4()),
        "quiz_id": str(quiz["quiz_id"]),
        "number": quiz["attempts"] + 1,
        "score": score,
        "max_score": max_score,
        "percentage": round(100 * score / max_score, 1),
        "submitted_at": datetime.now(UTC).isoformat(),
        "results": results,
    }


async def store(
    connection: AsyncConnection[Any],
    quiz: dict[str, Any],
    reply: dict[str, Any],
    results: list[dict[str, Any]],
) -> None:
    best = max(reply["percentage"], quiz["best_percentage"] or 0)
    counted = (reply["number"], best, reply["submitted_at"], quiz["quiz_id"])
    await connection.execute(
        "UPDATE quizzes SET attempts = %s, best_percentage = %s, last_submitted_at = %s WHERE quiz_id = %s",
        counted,
    )
    await connection.execute(
        "INSERT INTO attempts (attempt_id, quiz_id, number, submitted_at) VALUES (%s, %s, %s, %s)",
        (reply["attempt_id"], quiz["quiz_id"], reply["number"], reply["submitted_at"]),
    )
    async with connection.cursor() as cursor:
        await cursor.executemany(
            "INSERT INTO answers (attempt_id, question_id, answer, score, is_correct, feedback) "
            "VALUES (%s, %s, %s, %s, %s, %s)",
            [
                (
                    reply["attempt_id"],
                    each["question_id"],
                    Jsonb(each["your_answer"]),
                    each["score"],
                    each["is_correct"],
                    each["feedback"],
                )
                for each in results
            ],
        )
    await connection.execute(
        "INSERT INTO attempt_views (quiz_id, number, percentage, body) VALUES (%s, %s, %s, %s)",
        (quiz["quiz_id"], reply["number"], reply["percentage"], Jsonb(reply)),
    )
    await connection.execute(
        "UPDATE history_entries SET attempts = %s, best_percentage = %s, last_submitted_at = %s WHERE quiz_id = %s",
        counted,
    )
    event = {
        name: reply[name]
        for name in (
            "attempt_id",
            "quiz_id",
            "number",
            "score",
            "max_score",
            "percentage",
        )
    }
    await connection.execute(
        "INSERT INTO outbox (event_id, topic, key, headers, value) VALUES (%s, 'quiz.generated', %s, '[]', %s)",
        (str(uuid.uuid4()), str(quiz["quiz_id"]), json.dumps(event).encode()),
    )
    await connection.execute("SELECT pg_notify('chassis_outbox', '')")


if __name__ == "__main__":
    uvicorn.run(
        app,
        host="127.0.0.1",
        port=int(os.environ["BARE_PORT"]),
        log_level="warning",
        access_log=False,
    )
