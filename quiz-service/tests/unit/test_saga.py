"""How a quiz comes to be, or not: what it waits for, for how long, and what ends it."""

from datetime import timedelta

import pytest
from chassis.clock import utc_now
from chassis.ids import uuid7
from chassis.process_pool import EngineCrashed
from support import events
from support.scene import ALICE, LECTURE, MALLORY, PLAN, Scene

from quiz_service.application import commands
from quiz_service.application.commands import Order
from quiz_service.domain.errors import GenerationFailed
from quiz_service.domain.quiz import SagaState


def error_of(scene: Scene, quiz_id: object) -> str:
    quiz = next(quiz for quiz in scene.database.quizzes.values() if quiz.quiz_id == quiz_id)
    assert quiz.error is not None
    return quiz.error.type.rpartition(":")[2]


async def test_a_document_that_is_read_and_noted_is_used_at_once(scene: Scene) -> None:
    document_id = uuid7()
    await scene.learn(document_id)
    quiz_id = await scene.order(document_id)
    assert scene.quiz(quiz_id).state is SagaState.GENERATING
    await scene.work()
    quiz = scene.quiz(quiz_id)
    assert (quiz.status, len(quiz.questions), quiz.title) == ("completed", 6, LECTURE.title)
    assert scene.event_types() == ["quiz.requested", "quiz.generated"]


async def test_a_quiz_waits_for_a_document_that_is_being_read(scene: Scene) -> None:
    document_id = uuid7()
    quiz_id = await scene.order(document_id, age=3600)
    assert scene.quiz(quiz_id).status == "failed"  # never heard of, and long past its patience

    await scene.hear(events.uploaded(document_id, ALICE))
    quiz_id = await scene.order(document_id, age=3600)
    assert scene.quiz(quiz_id).state is SagaState.WAITING_FOR_DOCUMENT
    await scene.hear(*events.processed(document_id, ALICE, LECTURE))
    assert scene.quiz(quiz_id).state is SagaState.WAITING_FOR_NOTES
    await scene.hear(*events.notes_generated(document_id, ALICE, LECTURE))
    assert scene.quiz(quiz_id).state is SagaState.GENERATING


async def test_failed_notes_do_not_fail_a_quiz(scene: Scene) -> None:
    document_id = uuid7()
    await scene.hear(*events.processed(document_id, ALICE, LECTURE))
    quiz_id = await scene.order(document_id)
    await scene.hear(events.notes_failed(document_id, ALICE))
    await scene.work()
    assert scene.quiz(quiz_id).status == "completed"


async def test_a_document_not_heard_of_ends_the_quiz_when_its_patience_ends(scene: Scene) -> None:
    quiz_id = await scene.order(uuid7(), age=119)
    assert scene.quiz(quiz_id).status == "generating"
    scene.make_wait(quiz_id, 1)
    await scene.work("deadline")
    assert error_of(scene, quiz_id) == "document-not-found"
    assert scene.event_types()[-1] == "quiz.generation_failed"


async def test_no_quiz_fails_because_the_worker_was_away(scene: Scene) -> None:
    document_id = uuid7()
    async with scene.unit_of_work() as uow:
        ordered = utc_now() - timedelta(hours=3)
        quiz = await commands.generate_quiz(uow, ALICE, Order(document_id, PLAN, None), ordered)
    await scene.hear(scene.database.events[-1])  # only now
    assert scene.quiz(quiz.quiz_id).status == "generating"
    await scene.learn(document_id)
    assert scene.quiz(quiz.quiz_id).state is SagaState.GENERATING


async def test_another_owners_document_looks_like_none(scene: Scene) -> None:
    document_id = uuid7()
    await scene.learn(document_id, ALICE)
    quiz_id = await scene.order(document_id, MALLORY)
    assert scene.quiz(quiz_id).state is SagaState.WAITING_FOR_DOCUMENT
    assert scene.quiz(quiz_id).title is None
    scene.make_wait(quiz_id, 120)
    await scene.work("deadline")
    assert error_of(scene, quiz_id) == "document-not-found"


async def test_a_deadline_that_comes_while_the_document_is_read_is_followed_by_the_next(scene: Scene) -> None:
    document_id = uuid7()
    await scene.hear(events.uploaded(document_id, ALICE))
    quiz_id = await scene.order(document_id)
    scene.make_wait(quiz_id, 120)
    await scene.work("deadline")
    assert scene.quiz(quiz_id).status == "generating"
    assert scene.waiting(due_only=False) == ["deadline"]
    scene.make_wait(quiz_id, 24 * 3600)
    await scene.work("deadline")
    assert error_of(scene, quiz_id) == "document-failed"


async def test_notes_that_never_come_are_done_without(scene: Scene) -> None:
    document_id = uuid7()
    await scene.hear(*events.processed(document_id, ALICE, LECTURE))
    quiz_id = await scene.order(document_id)
    scene.make_wait(quiz_id, 24 * 3600)
    await scene.work("deadline")
    assert scene.quiz(quiz_id).state is SagaState.GENERATING


async def test_a_document_that_cannot_be_read_ends_the_quiz_and_says_why(scene: Scene) -> None:
    document_id = uuid7()
    waiting = await scene.order(document_id)
    await scene.hear(events.processing_failed(document_id, ALICE))
    later = await scene.order(document_id)
    for quiz_id in (waiting, later):
        assert error_of(scene, quiz_id) == "document-failed"
        quiz = scene.quiz(quiz_id)
        assert quiz.error is not None
        assert quiz.error.detail == events.REASON.detail


async def test_a_deleted_document_ends_what_waits_for_it_and_stays_deleted(scene: Scene) -> None:
    document_id = uuid7()
    await scene.hear(*events.processed(document_id, ALICE, LECTURE))
    waiting = await scene.order(document_id)
    await scene.hear(events.document_deleted(document_id, ALICE))
    await scene.learn(document_id)  # what was still on its way
    later = await scene.order(document_id)
    assert [error_of(scene, quiz_id) for quiz_id in (waiting, later)] == ["document-not-found"] * 2
    assert scene.database.documents == {}
    assert scene.database.parts == {}


async def test_a_document_deleted_while_questions_are_made_fails_the_quiz(scene: Scene) -> None:
    document_id = uuid7()
    await scene.learn(document_id)
    quiz_id = await scene.order(document_id)
    scene.generator.before = lambda: scene.hear(events.document_deleted(document_id, ALICE))
    await scene.work()
    assert error_of(scene, quiz_id) == "document-not-found"
    assert scene.event_types() == ["quiz.requested", "quiz.generation_failed"]


async def test_a_finished_quiz_outlives_its_document(scene: Scene) -> None:
    quiz = await scene.completed()
    await scene.hear(events.document_deleted(quiz.document_id, ALICE))
    assert scene.quiz(quiz.quiz_id).status == "completed"


async def test_the_same_events_again_change_nothing(scene: Scene) -> None:
    quiz = await scene.completed()
    before = scene.quiz(quiz.quiz_id)
    await scene.learn(quiz.document_id)
    await scene.hear(events.uploaded(quiz.document_id, ALICE), *scene.database.events[:1])
    await scene.work()
    assert scene.quiz(quiz.quiz_id) == before
    assert scene.event_types() == ["quiz.requested", "quiz.generated"]


@pytest.mark.parametrize("failure", [GenerationFailed("It took longer than 60 seconds.")])
async def test_an_engine_that_gives_up_fails_the_quiz_with_a_reason(scene: Scene, failure: Exception) -> None:
    document_id = uuid7()
    await scene.learn(document_id)
    scene.generator.failure = failure
    quiz_id = await scene.order(document_id)
    await scene.work()
    assert error_of(scene, quiz_id) == "generation-failed"


async def test_a_crash_of_the_engine_is_tried_again(scene: Scene) -> None:
    document_id = uuid7()
    await scene.learn(document_id)
    scene.generator.failure = EngineCrashed("exit code 139")
    quiz_id = await scene.order(document_id)
    job = scene.database.claim("generate")
    assert job is not None
    with pytest.raises(EngineCrashed):
        await scene.jobs.generate(job)
    assert scene.quiz(quiz_id).status == "generating"
