"""The fake and the real repositories keep the same promises; what only a database can promise follows."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from functools import partial
from random import SystemRandom
from typing import Any
from uuid import UUID

import pytest
from chassis.clock import utc_now
from chassis.ids import uuid7
from chassis.postgres import Pool
from chassis.service import event_source
from support import events
from support.fakes import FakeReadModel, QuizDatabase, QuizUnitOfWork
from support.scene import ALICE, LECTURE, MALLORY, PATIENCE, PLAN

from quiz_service import operations
from quiz_service.adapters.extractive import generate_questions
from quiz_service.adapters.postgres import PostgresReadModel, PostgresUnitOfWork
from quiz_service.adapters.similarity import edit_similarity
from quiz_service.application import commands
from quiz_service.application.commands import Order
from quiz_service.application.ports import Part, ReadModel
from quiz_service.application.projections import attempt_view, history_entry, quiz_view
from quiz_service.application.saga import QuizSaga
from quiz_service.bootstrap import NAME
from quiz_service.domain.errors import NotEnoughContent, QuizNotFound
from quiz_service.domain.questions import Answer
from quiz_service.domain.quiz import Attempt, Quiz, SagaState
from quiz_service.messaging import EventHandlers

MADE = generate_questions(LECTURE, replace(PLAN, count=9))
SAGA = QuizSaga(PATIENCE)


@dataclass(frozen=True)
class Store:
    unit_of_work: Callable[[], AbstractAsyncContextManager[Any]]
    reads: ReadModel


def real(pool: Pool) -> Store:
    return Store(partial(PostgresUnitOfWork, pool, event_source(NAME)), PostgresReadModel(pool))


@pytest.fixture(params=["fake", "real"])
def store(request: pytest.FixtureRequest, pool: Pool) -> Store:
    if request.param == "real":
        return real(pool)
    database = QuizDatabase()
    return Store(partial(QuizUnitOfWork, database), FakeReadModel(database))


def new_quiz(owner_id: str = ALICE, document_id: UUID | None = None) -> Quiz:
    return Quiz(uuid7(), owner_id, document_id or uuid7(), None, replace(PLAN, seed=7), utc_now())


async def stored(store: Store, *quizzes: Quiz) -> None:
    async with store.unit_of_work() as uow:
        for quiz in quizzes:
            await uow.quizzes.add(quiz)
            await uow.views.put_quiz(quiz_view(quiz))
            await uow.views.put_history(history_entry(quiz))


async def completed(store: Store, owner_id: str = ALICE) -> Quiz:
    quiz = new_quiz(owner_id)
    await stored(store, quiz)
    async with store.unit_of_work() as uow:
        quiz.complete(replace(MADE, shortfall=None), utc_now(), uuid7, SystemRandom().shuffle)
        await uow.quizzes.complete(quiz)
        await uow.views.put_quiz(quiz_view(quiz))
        await uow.views.put_history(history_entry(quiz))
    return quiz


async def submitted(store: Store, quiz: Quiz, answers: list[tuple[UUID, Answer]]) -> Attempt:
    async with store.unit_of_work() as uow:
        return await commands.submit_quiz(uow, quiz.quiz_id, quiz.owner_id, answers, edit_similarity, utc_now())


def some_answers(quiz: Quiz) -> list[tuple[UUID, Answer]]:
    """Right, wrong and none."""
    right: list[tuple[UUID, Answer]] = [(one.stem.question_id, one.correct_answer) for one in quiz.questions]
    statement = next(one for one in quiz.questions if isinstance(one.correct_answer, bool))
    others = [pair for pair in right if pair[0] != statement.stem.question_id]
    return [*others[:4], (statement.stem.question_id, not statement.correct_answer)]


async def test_a_quiz_comes_back_as_it_was_saved_in_every_state(store: Store) -> None:
    waiting, failed, made = new_quiz(), new_quiz(), await completed(store)
    await stored(store, waiting, failed)
    async with store.unit_of_work() as uow:
        failed.fail(NotEnoughContent("No facts.").reason(), utc_now())
        await uow.quizzes.save(failed)
        waiting.name_after("Cells")
        waiting.waiting_since = utc_now()
        waiting.enter(SagaState.WAITING_FOR_NOTES)
        await uow.quizzes.save(waiting)
    async with store.unit_of_work() as uow:
        for quiz in (waiting, failed, made):
            assert await uow.quizzes.find(quiz.quiz_id) == quiz
            assert await store.reads.stored_quiz(quiz.quiz_id) == quiz
        assert await uow.quizzes.find(uuid7()) is None


async def test_attempts_come_back_in_order_as_they_were_graded(store: Store) -> None:
    quiz = await completed(store)
    made = [await submitted(store, quiz, answers) for answers in ([], some_answers(quiz))]
    async with store.unit_of_work() as uow:
        found = await uow.quizzes.find(quiz.quiz_id)
        assert found is not None
        assert await uow.quizzes.attempts(found) == made
    views = await store.reads.attempts(quiz.quiz_id)
    assert views == [attempt_view(attempt) for attempt in made]
    assert (found.attempts, found.best_percentage) == (2, made[1].percentage)


async def test_unfinished_quizzes_are_found_by_document_and_owner(store: Store) -> None:
    document_id = uuid7()
    mine, second = new_quiz(document_id=document_id), new_quiz(document_id=document_id)
    theirs, other, done = new_quiz(MALLORY, document_id), new_quiz(), new_quiz(document_id=document_id)
    await stored(store, mine, second, theirs, other, done)
    async with store.unit_of_work() as uow:
        done.fail(NotEnoughContent().reason(), utc_now())
        await uow.quizzes.save(done)
        found = await uow.quizzes.find_unfinished(document_id, ALICE)
    assert {quiz.quiz_id for quiz in found} == {mine.quiz_id, second.quiz_id}


async def test_parts_make_a_whole_whatever_their_order_and_number(store: Store) -> None:
    document_id = uuid7()
    parts = [
        Part(document_id, "text", 1, event.part_number, event.part_count, [one.to_data() for one in event.blocks])
        for event in events.processed(document_id, ALICE, LECTURE, parts=3)
    ]
    async with store.unit_of_work() as uow:
        document = await uow.documents.find_or_add(document_id, ALICE)
        assert [await uow.documents.add_part(parts[index]) for index in (2, 0, 0, 2, 1)] == [False] * 4 + [True]
        document.text_is_whole(1, LECTURE.title, "en")
        await uow.documents.save(document)
    async with store.unit_of_work() as uow:
        found = await uow.documents.find(document_id, ALICE)
        assert found == document
        assert await uow.documents.material(found) == LECTURE
        assert await uow.documents.find(document_id, MALLORY) is None
        assert not await uow.documents.add_part(replace(parts[0], version=2))
        await uow.documents.drop_parts_before(document_id, "text", 2)
        assert (await uow.documents.material(found)).blocks == ()
        await uow.documents.delete(document_id)
        assert await uow.documents.find(document_id, ALICE) is None


async def test_an_owner_reads_only_their_own_newest_first(store: Store) -> None:
    mine = [await completed(store) for _ in range(3)]
    await completed(store, MALLORY)
    newest_first = [quiz.quiz_id for quiz in reversed(mine)]
    first = await store.reads.history(ALICE, 2, None)
    assert [entry.quiz_id for entry in first] == newest_first[:2]
    rest = await store.reads.history(ALICE, 2, first[-1].quiz_id)
    assert [entry.quiz_id for entry in rest] == newest_first[2:]
    assert await store.reads.quiz(mine[0].quiz_id, ALICE) == quiz_view(mine[0])
    assert await store.reads.quiz(mine[0].quiz_id, MALLORY) is None
    assert [quiz_id async for quiz_id in store.reads.quiz_ids(ALICE)] == [quiz.quiz_id for quiz in mine]
    assert await store.reads.living([mine[0].quiz_id, uuid7()]) == {mine[0].quiz_id}


async def test_a_deleted_quiz_leaves_nothing_to_read(store: Store) -> None:
    quiz, other = await completed(store), await completed(store)
    for one in (quiz, other):
        await submitted(store, one, [])
    async with store.unit_of_work() as uow:
        await commands.delete_quiz(uow, quiz.quiz_id, ALICE, utc_now())
    assert await store.reads.quiz(quiz.quiz_id, ALICE) is None
    assert await store.reads.attempts(quiz.quiz_id) == []
    assert [entry.quiz_id for entry in await store.reads.history(ALICE, 9, None)] == [other.quiz_id]
    assert len(await store.reads.attempts(other.quiz_id)) == 1


async def rows_of(pool: Pool) -> dict[str, list[Any]]:
    tables = {"quiz_views": "quiz_id", "history_entries": "quiz_id", "attempt_views": "quiz_id, number"}
    async with pool.connection() as connection:
        return {
            table: await (await connection.execute(f"SELECT * FROM {table} ORDER BY {key}")).fetchall()
            for table, key in tables.items()
        }


async def test_a_rebuild_gives_the_same_rows(pool: Pool) -> None:
    store = real(pool)
    quiz = await completed(store)
    for answers in ([], some_answers(quiz)):
        await submitted(store, quiz, answers)
    await completed(store, MALLORY)
    await stored(store, new_quiz())
    before = await rows_of(pool)
    assert [len(rows) for rows in before.values()] == [3, 3, 2]
    async with pool.connection() as connection:
        await connection.execute("DELETE FROM quiz_views")
        await connection.execute("UPDATE history_entries SET attempts = 99")
        await connection.execute("UPDATE attempt_views SET body = '{}'")
    assert await rows_of(pool) != before
    assert await operations.rebuild(store.unit_of_work, store.reads) == 3
    assert await rows_of(pool) == before


async def test_two_submissions_at_once_are_two_attempts(pool: Pool) -> None:
    store = real(pool)
    quiz = await completed(store)
    made = await asyncio.gather(*(submitted(store, quiz, []) for _ in range(4)))
    assert sorted(attempt.number for attempt in made) == [1, 2, 3, 4]
    [line] = await store.reads.history(ALICE, 9, None)
    assert line.attempts == 4


async def test_a_submission_refused_leaves_no_trace(pool: Pool) -> None:
    store = real(pool)
    quiz = await completed(store)
    before = await rows_of(pool)
    with pytest.raises(QuizNotFound):
        async with store.unit_of_work() as uow:
            await commands.submit_quiz(uow, quiz.quiz_id, MALLORY, [], edit_similarity, utc_now())
    assert await rows_of(pool) == before


async def test_text_and_order_that_cross_each_other_still_meet(pool: Pool) -> None:
    """However the two transactions interleave, one of them sees the other."""
    store, handlers = real(pool), EventHandlers(SAGA).by_event

    async def hear(event: Any) -> None:
        async with store.unit_of_work() as uow:
            await handlers[type(event)](uow, event)

    async def order(document_id: UUID) -> UUID:
        async with store.unit_of_work() as uow:
            quiz = await commands.generate_quiz(uow, ALICE, Order(document_id, PLAN, None), utc_now())
        async with store.unit_of_work() as uow:
            await SAGA.advance(uow, quiz.quiz_id, document_id, ALICE, utc_now())
        return quiz.quiz_id

    for _ in range(10):
        document_id = uuid7()
        await hear(events.notes_failed(document_id, ALICE))
        first, second = events.processed(document_id, ALICE, LECTURE, parts=2)
        quiz_id, *_ = await asyncio.gather(order(document_id), hear(first), hear(second))
        quiz = await store.reads.stored_quiz(quiz_id)
        assert quiz is not None
        assert quiz.state is SagaState.GENERATING


async def test_the_database_refuses_a_second_right_option(pool: Pool) -> None:
    await completed(real(pool))
    async with pool.connection() as connection:
        with pytest.raises(Exception, match="options_one_is_correct"):
            await connection.execute("UPDATE options SET is_correct = true")
