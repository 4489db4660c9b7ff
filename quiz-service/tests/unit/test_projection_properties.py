"""Whatever is done to quizzes, what clients are shown is what a rebuild from the write model shows."""

import asyncio
import copy
from collections.abc import Sequence
from contextlib import suppress
from uuid import UUID

from chassis.clock import utc_now
from chassis.errors import Problem
from chassis.ids import uuid7
from hypothesis import given, settings
from hypothesis import strategies as st
from support import events
from support.fakes import QuizDatabase
from support.scene import ALICE, LECTURE, Scene

from quiz_service import operations
from quiz_service.adapters.similarity import edit_similarity
from quiz_service.application import commands
from quiz_service.domain.quiz import Quiz

COMMANDS = ("order", "order", "read", "note", "fail", "drop", "work", "work", "submit", "submit", "wait", "delete")
Given = tuple[str, int]  # a command, and which of the documents or quizzes there are it is about
given_commands = st.lists(st.tuples(st.sampled_from(COMMANDS), st.integers(0, 2)), min_size=1, max_size=25)


class Owner:
    """Somebody with three documents, who orders, submits and deletes quizzes of them."""

    def __init__(self) -> None:
        self.scene = Scene()
        self.documents = [uuid7() for _ in range(3)]

    async def give(self, command: str, number: int) -> None:
        document_id = self.documents[number]
        match command:
            case "order":
                await self.scene.order(document_id)
            case "read":
                await self.scene.hear(*events.processed(document_id, ALICE, LECTURE))
            case "note":
                await self.scene.hear(*events.notes_generated(document_id, ALICE, LECTURE))
            case "fail":
                await self.scene.hear(events.processing_failed(document_id, ALICE))
            case "drop":
                await self.scene.hear(events.document_deleted(document_id, ALICE))
            case "work":
                await self.scene.work()
            case "wait":
                await self.scene.work("deadline")
            case _:
                await self._give_to_a_quiz(command, number)

    async def _give_to_a_quiz(self, command: str, number: int) -> None:
        if not (quizzes := sorted(self.scene.database.quizzes)):
            return
        quiz = self.scene.quiz(quizzes[number % len(quizzes)])
        with suppress(Problem):  # one that is not ready takes no submission
            async with self.scene.unit_of_work() as uow:
                if command == "delete":
                    await commands.delete_quiz(uow, quiz.quiz_id, ALICE, utc_now())
                else:
                    answers = right_answers(quiz, number)
                    await commands.submit_quiz(uow, quiz.quiz_id, ALICE, answers, edit_similarity, utc_now())


def right_answers(quiz: Quiz, count: int) -> list[tuple[UUID, bool | str]]:
    """The right answer to some of the questions."""
    return [(question.stem.question_id, question.correct_answer) for question in quiz.questions[:count]]


def shown(database: QuizDatabase) -> tuple[object, ...]:
    return copy.deepcopy((database.quiz_views, database.history, database.attempt_views))


@settings(deadline=None, max_examples=30)
@given(given_commands)
def test_after_any_commands_a_rebuild_shows_what_was_shown(given_to: Sequence[Given]) -> None:
    async def check() -> None:
        owner = Owner()
        # So that there is something to submit to, whatever else comes.
        for command, number in [("read", 0), ("note", 0), ("order", 0), ("work", 0), ("submit", 1), *given_to]:
            await owner.give(command, number)
        database = owner.scene.database
        before = shown(database)
        for table in (database.quiz_views, database.history, database.attempt_views):
            table.clear()
        await operations.rebuild(owner.scene.unit_of_work, owner.scene.reads)
        assert shown(database) == before
        assert set(database.quiz_views) == set(database.quizzes)

    asyncio.run(check())
