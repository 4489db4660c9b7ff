"""The events of this service: what it listens to, example by example, and what it says, all that is promised."""

import json
from pathlib import Path
from typing import Any

import pytest
from chassis.clock import utc_now
from chassis.ids import uuid7
from learning_contracts import registry
from learning_contracts.codec import Envelope, decode, encode
from learning_contracts.event import Event
from support import events
from support.contract import CONTRACT
from support.scene import ALICE, Scene

from quiz_service.application import commands
from quiz_service.bootstrap import NAME

EXAMPLES = CONTRACT.parent / "examples"


def consumed() -> list[str]:
    return [f"{event.TYPE}.v{event.VERSION}" for event in Scene().handlers]


def examples(event_types: list[str]) -> list[Path]:
    return sorted(path for name in event_types for path in (EXAMPLES / name.replace(".v1", "/v1")).glob("*.json"))


def test_the_service_listens_to_the_topics_it_is_named_a_consumer_of() -> None:
    named = {topic.name for topic in registry.topics() if NAME in topic.consumers}
    assert {event.TOPIC for event in Scene().handlers} == named


def test_every_event_listened_to_has_examples() -> None:
    for event_type in consumed():
        assert len(examples([event_type])) >= 2


def example(path: Path) -> Event:
    event_class = registry.event_class(f"{path.parent.parent.name}.{path.parent.name}")
    return event_class.from_data(json.loads(path.read_text()))


@pytest.mark.parametrize("path", examples(consumed()), ids=lambda path: f"{path.parent.parent.name}/{path.stem}")
async def test_every_example_goes_through_its_handler_once_and_again(scene: Scene, path: Path) -> None:
    event = example(path)
    await scene.hear(event)
    await scene.hear(sent(event, unheard_of="a field of a later version"))
    known = scene.database.documents
    subject = getattr(event, "document_id", None)
    if event.TYPE == "document.deleted":
        assert subject in scene.database.tombstones
    elif event.TYPE == "quiz.generated":
        assert scene.waiting() == ["archive", "archive"]
    elif event.TYPE != "quiz.requested":
        assert [document.owner_id for document in known.values()] == [event.owner_id]  # type: ignore[attr-defined]


def sent(event: Event, **more: Any) -> Event:
    """As it arrives, with fields that only a newer producer knows."""
    envelope = Envelope(
        id=str(uuid7()),
        type=f"{event.TYPE}.v{event.VERSION}",
        source="urn:learning-platform:test",
        subject=event.key,
        time=utc_now(),
        data=event,
        correlation_id=None,
        causation_id=None,
        traceparent=None,
    )
    message = encode(envelope)
    return decode(message.headers, json.dumps(json.loads(message.value) | more).encode()).data


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
    promised = {
        event_type for topic in registry.topics() if NAME in topic.producers for event_type in topic.event_types
    }
    produced = {f"{event.TYPE}.v{event.VERSION}" for event in await everything_that_can_happen(scene)}
    assert produced == promised


async def test_every_event_reaches_its_readers_as_it_was_written(scene: Scene) -> None:
    await everything_that_can_happen(scene)
    for envelope in scene.database.outbox:
        message = encode(envelope)
        assert message.topic == envelope.data.TOPIC
        assert message.key == envelope.subject
        assert decode(message.headers, message.value).data == envelope.data
