"""Reads outside units of work, each on a connection of its own for as long as its one statement takes."""

from collections.abc import AsyncIterator, Sequence
from typing import Any
from uuid import UUID

from chassis.postgres import Pool

from quiz_service.adapters.postgres import rows
from quiz_service.application.projections import AttemptView, HistoryEntry, QuizView
from quiz_service.domain.quiz import Quiz

BATCH = 500

_HISTORY = """
SELECT * FROM history_entries
WHERE owner_id = %(owner_id)s AND (%(before)s::uuid IS NULL OR quiz_id < %(before)s)
ORDER BY quiz_id DESC LIMIT %(limit)s
"""
_IDS = """
SELECT quiz_id FROM quizzes
WHERE quiz_id > %(after)s AND (%(owner_id)s::text IS NULL OR owner_id = %(owner_id)s)
ORDER BY quiz_id LIMIT %(limit)s
"""


class PostgresReadModel:
    """The port `ReadModel`."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def quiz(self, quiz_id: UUID, owner_id: str) -> QuizView | None:
        found = await self._fetch("SELECT * FROM quiz_views WHERE quiz_id = %s AND owner_id = %s", (quiz_id, owner_id))
        return rows.quiz_view(found[0]) if found else None

    async def attempts(self, quiz_id: UUID) -> list[AttemptView]:
        found = await self._fetch("SELECT * FROM attempt_views WHERE quiz_id = %s ORDER BY number", (quiz_id,))
        return [rows.attempt_view(row) for row in found]

    async def history(self, owner_id: str, limit: int, before: UUID | None) -> list[HistoryEntry]:
        found = await self._fetch(_HISTORY, {"owner_id": owner_id, "limit": limit, "before": before})
        return [rows.history_entry(row) for row in found]

    async def stored_quiz(self, quiz_id: UUID) -> Quiz | None:
        found = await self._fetch(f"{rows.QUIZ} WHERE quiz_id = %s", (quiz_id,))
        return rows.quiz(found[0]) if found else None

    async def living(self, quiz_ids: Sequence[UUID]) -> frozenset[UUID]:
        found = await self._fetch("SELECT quiz_id FROM quizzes WHERE quiz_id = ANY(%s)", (list(quiz_ids),))
        return frozenset(row["quiz_id"] for row in found)

    async def quiz_ids(self, owner_id: str | None = None) -> AsyncIterator[UUID]:
        """In batches by key, so that no cursor stays open while the caller works."""
        after = UUID(int=0)
        while batch := await self._fetch(_IDS, {"owner_id": owner_id, "after": after, "limit": BATCH}):
            for row in batch:
                yield row["quiz_id"]
            after = batch[-1]["quiz_id"]

    async def _fetch(self, query: str, parameters: Any) -> list[dict[str, Any]]:
        async with self._pool.connection() as connection:
            cursor = await connection.execute(query, parameters)
            return await cursor.fetchall()
