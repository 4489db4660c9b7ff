"""The events of this service: what it listens to, example by example, and what it says, all that is promised."""

from pathlib import Path

import pytest
from chassis.clock import utc_now
from chassis.ids import uuid7
from chassis.testing.contract import (
    assert_readers_get,
    example,
    examples,
    of_a_later_version,
    promised_events,
    types_of,
)
from learning_contracts import registry
from learning_contracts.event import Event
from support import events
from support.contract import CONTRACTS
from support.scene import ALICE, Scene

from quiz_service.application import commands
from quiz_service.bootstrap import NAME


def consumed() -> list[str]:
    return [f"{event.TYPE}.v{event.VERSION}" for event in Scene().handlers]


def test_the_service_listens_to_the_topics_it_is_named_a_consumer_of() -> None:
    named = {topic.name for topic in registry.topics() if NAME in topic.consumers}
    assert {event.TOPIC for event in Scene().handlers} == named


def test_every_event_listened_to_has_examples() -> None:
    for event_type in consumed():
        assert len(examples(CONTRACTS, [event_type])) >= 2


@pytest.mark.parametrize(
    "path", examples(CONTRACTS, consumed()), ids=lambda path: f"{path.parent.parent.name}/{path.stem}"
)
async def test_every_example_goes_through_its_handler_once_and_again(scene: Scene, path: Path) -> None:
    event = example(path)
    await scene.hear(event)
    await scene.hear(of_a_later_version(event))
    known = scene.database.documents
    subject = getattr(event, "document_id", None)
    if event.TYPE == "document.deleted":
        assert subject in scene.database.tombstones
    elif event.TYPE == "quiz.generated":
        assert scene.waiting() == ["archive", "archive"]
    elif event.TYPE != "quiz.requested":
        assert [document.owner_id for document in known.values()] == [event.owner_id]  # type: ignore[attr-defined]


async def everything_that_can_happen(scene: Scene) -> list[Event]:
    quiz = await scene.completed()
    failing = uuid7()
    await scene.hear(events.processing_failed(failing, ALICE))
    await scene.order(failing)
    async with scene.unit_of_work() as uow:
        answers = [(one.stem.question_id, one.correct_answer) for one in quiz.questions]
        await commands.submit_quiz(uow, quiz.quiz_id, ALICE, answers, lambda a, b: float(a == b), utc_now())
        await commands.delete_quiz(uow, quiz.quiz_id, ALICE, utc_now())
    return list(scene.database.events)


async def test_the_service_produces_what_the_contracts_say_it_does_and_nothing_else(scene: Scene) -> None:
    assert types_of(await everything_that_can_happen(scene)) == promised_events(NAME)


async def test_every_event_reaches_its_readers_as_it_was_written(scene: Scene) -> None:
    await everything_that_can_happen(scene)
    assert_readers_get(scene.database.outbox)
