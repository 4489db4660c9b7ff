"""Copies in the bucket and the work around them."""

import json
from datetime import timedelta

import pytest
from chassis.clock import utc_now
from chassis.postgres.jobs import LostLease
from support.scene import ALICE, MALLORY, Scene

from quiz_service import operations
from quiz_service.application import commands, queries
from quiz_service.sweeping import sweep_orphans


async def test_a_generated_quiz_is_copied_into_the_bucket_with_its_answers(scene: Scene) -> None:
    quiz = await scene.completed()
    for _ in range(2):  # the event may come twice under two ids
        await scene.hear(scene.database.events[-1])
        await scene.work()
    key = f"quizzes/{ALICE}/{quiz.quiz_id}.json"
    assert scene.storage.keys == (key,)
    copy = json.loads(await scene.storage.get(key))
    assert [one["correct_answer"] for one in copy["questions"]] == [one.correct_answer for one in quiz.questions]
    assert copy["quiz_id"] == str(quiz.quiz_id)


async def test_deleting_a_quiz_removes_its_copy(scene: Scene) -> None:
    quiz = await scene.completed()
    await scene.hear(scene.database.events[-1])
    await scene.work()
    async with scene.unit_of_work() as uow:
        await commands.delete_quiz(uow, quiz.quiz_id, ALICE, utc_now())
    await scene.work()
    assert scene.storage.keys == ()
    assert scene.event_types()[-1] == "quiz.deleted"


async def test_a_quiz_deleted_before_its_copy_is_written_gets_none(scene: Scene) -> None:
    quiz = await scene.completed()
    generated = scene.database.events[-1]
    async with scene.unit_of_work() as uow:
        await commands.delete_quiz(uow, quiz.quiz_id, ALICE, utc_now())
    await scene.hear(generated)
    await scene.work()
    assert scene.storage.keys == ()


async def test_deleting_a_quiz_stops_the_making_of_its_questions(scene: Scene) -> None:
    document = await scene.completed()
    quiz_id = await scene.order(document.document_id)
    job = scene.database.claim("generate")
    assert job is not None
    async with scene.unit_of_work() as uow:
        await commands.delete_quiz(uow, quiz_id, ALICE, utc_now())
    with pytest.raises(LostLease):
        await scene.jobs.generate(job)
    assert scene.event_types()[-1] == "quiz.deleted"


async def test_a_second_run_of_the_same_job_makes_no_second_set_of_questions(scene: Scene) -> None:
    document = await scene.completed()
    quiz_id = await scene.order(document.document_id)
    await scene.work()
    made = scene.quiz(quiz_id).questions
    async with scene.unit_of_work() as uow:
        await uow.jobs.add("generate", quiz_id, ALICE, {"document_id": str(document.document_id)})
    await scene.work()
    assert scene.quiz(quiz_id).questions == made


async def test_the_sweeper_removes_old_objects_without_a_quiz_and_nothing_else(scene: Scene) -> None:
    quiz = await scene.completed()
    kept = queries.object_key(ALICE, quiz.quiz_id)
    for key in (kept, f"quizzes/{ALICE}/gone.json", "quizzes/x/019aae41-9d20-7b3f-9a44-6d0c5e8f2b17.json"):
        await scene.storage.put(key, b"{}")
    assert await sweep_orphans(scene.storage, scene.reads, 3600) == 0  # still young
    later = utc_now() + timedelta(hours=2)
    assert await sweep_orphans(scene.storage, scene.reads, 3600, now=lambda: later) == 2
    assert scene.storage.keys == (kept,)


async def test_a_rebuild_gives_the_same_rows(scene: Scene) -> None:
    quiz = await scene.completed()
    await scene.order(quiz.document_id)
    async with scene.unit_of_work() as uow:
        answers = [(one.stem.question_id, one.correct_answer) for one in quiz.questions[:2]]
        await commands.submit_quiz(uow, quiz.quiz_id, ALICE, answers, lambda a, b: float(a == b), utc_now())
    database = scene.database
    before = (dict(database.quiz_views), dict(database.history), dict(database.attempt_views))
    database.quiz_views.clear()
    database.history.clear()
    database.attempt_views.clear()
    assert await operations.rebuild(scene.unit_of_work, scene.reads) == 2
    assert (database.quiz_views, database.history, database.attempt_views) == before


async def test_republishing_sends_the_outcome_of_finished_quizzes_again(scene: Scene) -> None:
    quiz = await scene.completed()
    await scene.order(quiz.document_id)
    assert await operations.republish(scene.unit_of_work, scene.reads.quiz_ids(ALICE)) == 1
    assert scene.event_types()[-1] == "quiz.generated"
    assert scene.database.events[-1] == scene.database.events[1]


async def test_erasing_an_owner_leaves_nothing_of_theirs_and_all_of_others(scene: Scene) -> None:
    await scene.completed(ALICE)
    theirs = await scene.completed(MALLORY)
    assert await operations.erase_owner(scene.unit_of_work, scene.reads, ALICE) == 1
    assert list(scene.database.quizzes) == [theirs.quiz_id]
    assert {document.owner_id for document in scene.database.documents.values()} == {MALLORY}
