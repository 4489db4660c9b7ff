"""The read tables, written with the change they show."""

from uuid import UUID

from chassis.postgres import Connection
from psycopg.types.json import Json

from quiz_service.application.projections import AttemptView, HistoryEntry, QuizView

_PUT_QUIZ = """
INSERT INTO quiz_views (quiz_id, owner_id, revision, is_final, body) VALUES (%s, %s, %s, %s, %s)
ON CONFLICT (quiz_id) DO UPDATE
SET revision = excluded.revision, is_final = excluded.is_final, body = excluded.body
"""
_PUT_HISTORY = """
INSERT INTO history_entries (
    quiz_id, owner_id, title, document_id, status, question_count, attempts, best_percentage, last_submitted_at
) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (quiz_id) DO UPDATE
SET title = excluded.title, status = excluded.status, question_count = excluded.question_count,
    attempts = excluded.attempts, best_percentage = excluded.best_percentage,
    last_submitted_at = excluded.last_submitted_at
"""
_PUT_ATTEMPT = "INSERT INTO attempt_views (quiz_id, number, percentage, body) VALUES (%s, %s, %s, %s)"


class PostgresViews:
    """The port `Views`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def put_quiz(self, view: QuizView) -> None:
        parameters = (view.quiz_id, view.owner_id, view.revision, view.is_final, Json(view.body))
        await self._connection.execute(_PUT_QUIZ, parameters)

    async def put_history(self, entry: HistoryEntry) -> None:
        parameters = (
            entry.quiz_id,
            entry.owner_id,
            entry.title,
            entry.document_id,
            entry.status,
            entry.question_count,
            entry.attempts,
            entry.best_percentage,
            entry.last_submitted_at,
        )
        await self._connection.execute(_PUT_HISTORY, parameters)

    async def put_attempt(self, view: AttemptView) -> None:
        await self._connection.execute(_PUT_ATTEMPT, (view.quiz_id, view.number, view.percentage, Json(view.body)))

    async def delete(self, quiz_id: UUID) -> None:
        for table in ("quiz_views", "history_entries", "attempt_views"):
            await self._connection.execute(f"DELETE FROM {table} WHERE quiz_id = %s", (quiz_id,))  # noqa: S608 - constants
