"""The write model of quizzes, in normalised tables."""

from uuid import UUID

from chassis.postgres import Connection
from psycopg.types.json import Jsonb

from quiz_service.adapters.postgres import rows
from quiz_service.domain.questions import MultipleChoice, ShortAnswer
from quiz_service.domain.quiz import Attempt, GradedAnswer, Quiz

_INSERT = """
INSERT INTO quizzes (
    quiz_id, owner_id, document_id, title, question_count, question_types, difficulty, seed, created_at, state,
    waiting_since, revision, engine, completed_at, shortfall, error, attempts, best_percentage, last_submitted_at
) VALUES (
    %(quiz_id)s, %(owner_id)s, %(document_id)s, %(title)s, %(question_count)s, %(question_types)s, %(difficulty)s,
    %(seed)s, %(created_at)s, %(state)s, %(waiting_since)s, %(revision)s, %(engine)s, %(completed_at)s,
    %(shortfall)s, %(error)s, %(attempts)s, %(best_percentage)s, %(last_submitted_at)s
)
"""
_UPDATE = """
UPDATE quizzes SET
    title = %(title)s, state = %(state)s, waiting_since = %(waiting_since)s, revision = %(revision)s,
    engine = %(engine)s, completed_at = %(completed_at)s, shortfall = %(shortfall)s, error = %(error)s,
    attempts = %(attempts)s, best_percentage = %(best_percentage)s, last_submitted_at = %(last_submitted_at)s
WHERE quiz_id = %(quiz_id)s
"""
_ONE = f"{rows.QUIZ} WHERE quiz_id = %s FOR UPDATE OF quizzes"
# By id, so that two transactions that take several lock them in the same order.
_UNFINISHED = f"""{rows.QUIZ}
WHERE document_id = %s AND owner_id = %s AND state NOT IN ('completed', 'failed')
ORDER BY quiz_id FOR UPDATE OF quizzes
"""
_ADD_QUESTION = """
INSERT INTO questions (
    question_id, quiz_id, number, type, prompt, points, difficulty, explanation, source_page, source_block,
    source_quote, is_true
) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""
_ADD_OPTION = """
INSERT INTO options (option_id, question_id, position, text, is_correct, note) VALUES (%s, %s, %s, %s, %s, %s)
"""
_ADD_ACCEPTED = "INSERT INTO accepted_answers (question_id, position, text) VALUES (%s, %s, %s)"
# One statement: a submission is what learners wait for, and round trips are most of it.
_ADD_ATTEMPT = """
WITH counted AS (
    UPDATE quizzes SET attempts = %(attempts)s, best_percentage = %(best_percentage)s, last_submitted_at = %(at)s
    WHERE quiz_id = %(quiz_id)s
), added AS (
    INSERT INTO attempts (attempt_id, quiz_id, number, submitted_at)
    VALUES (%(attempt_id)s, %(quiz_id)s, %(number)s, %(at)s)
)
INSERT INTO answers (attempt_id, question_id, answer, score, is_correct, feedback)
SELECT %(attempt_id)s, * FROM unnest(
    %(questions)s::uuid[], %(answers)s::jsonb[], %(scores)s::float8[], %(are_correct)s::boolean[], %(feedback)s::text[]
)
"""
_ATTEMPTS = """
SELECT attempts.attempt_id, attempts.number, attempts.submitted_at,
       jsonb_object_agg(answers.question_id, to_jsonb(answers)) AS answers
FROM attempts JOIN answers USING (attempt_id)
WHERE quiz_id = %s GROUP BY attempts.attempt_id ORDER BY attempts.number
"""


class PostgresQuizzes:
    """The port `Quizzes`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def add(self, quiz: Quiz) -> None:
        await self._connection.execute(_INSERT, rows.quiz_parameters(quiz))

    async def find(self, quiz_id: UUID) -> Quiz | None:
        cursor = await self._connection.execute(_ONE, (quiz_id,))
        row = await cursor.fetchone()
        return rows.quiz(row) if row else None

    async def find_unfinished(self, document_id: UUID, owner_id: str) -> list[Quiz]:
        cursor = await self._connection.execute(_UNFINISHED, (document_id, owner_id))
        return [rows.quiz(row) for row in await cursor.fetchall()]

    async def save(self, quiz: Quiz) -> None:
        await self._connection.execute(_UPDATE, rows.quiz_parameters(quiz))

    async def complete(self, quiz: Quiz) -> None:
        await self.save(quiz)
        questions = [rows.question_parameters(quiz.quiz_id, question) for question in quiz.questions]
        options = [
            (option.option_id, question.stem.question_id, position, option.text, option.is_correct, option.note)
            for question in quiz.questions
            if isinstance(question, MultipleChoice)
            for position, option in enumerate(question.options)
        ]
        accepted = [
            (question.stem.question_id, position, text)
            for question in quiz.questions
            if isinstance(question, ShortAnswer)
            for position, text in enumerate(question.accepted)
        ]
        async with self._connection.cursor() as cursor:
            await cursor.executemany(_ADD_QUESTION, questions)
            await cursor.executemany(_ADD_OPTION, options)
            await cursor.executemany(_ADD_ACCEPTED, accepted)

    async def add_attempt(self, quiz: Quiz, attempt: Attempt) -> None:
        given = attempt.answers
        parameters = {
            "quiz_id": quiz.quiz_id,
            "attempts": quiz.attempts,
            "best_percentage": quiz.best_percentage,
            "at": attempt.submitted_at,
            "attempt_id": attempt.attempt_id,
            "number": attempt.number,
            "questions": [answer.question.stem.question_id for answer in given],
            "answers": [None if answer.answer is None else Jsonb(answer.answer) for answer in given],
            "scores": [answer.score for answer in given],
            "are_correct": [answer.is_correct for answer in given],
            "feedback": [answer.feedback for answer in given],
        }
        await self._connection.execute(_ADD_ATTEMPT, parameters)

    async def attempts(self, quiz: Quiz) -> list[Attempt]:
        cursor = await self._connection.execute(_ATTEMPTS, (quiz.quiz_id,))
        return [_attempt(quiz, row) for row in await cursor.fetchall()]

    async def delete(self, quiz_id: UUID) -> None:
        await self._connection.execute("DELETE FROM quizzes WHERE quiz_id = %s", (quiz_id,))


def _attempt(quiz: Quiz, row: rows.Row) -> Attempt:
    answers = []
    for question in quiz.questions:
        found = row["answers"][str(question.stem.question_id)]
        answers.append(GradedAnswer(question, found["answer"], found["score"], found["is_correct"], found["feedback"]))
    return Attempt(row["attempt_id"], quiz.quiz_id, row["number"], row["submitted_at"], tuple(answers))
