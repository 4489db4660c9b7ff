"""Text and notes in parts: whatever the order, the doubles and the gaps, only what is whole is used."""

import asyncio
from typing import Any
from uuid import UUID

from chassis.ids import uuid7
from hypothesis import given, settings
from hypothesis import strategies as st
from learning_contracts.event import Event
from support import events
from support.lectures import lecture
from support.scene import ALICE, Scene

from quiz_service.domain.material import Material
from quiz_service.domain.quiz import SagaState

OLD, NEW = lecture("cells"), lecture("networks")


async def material_of(scene: Scene, document_id: UUID) -> Material:
    async with scene.unit_of_work() as uow:
        document = await uow.documents.find(document_id, ALICE)
        assert document is not None
        return await uow.documents.material(document)


@st.composite
def deliveries(draw: Any) -> tuple[list[int], list[int]]:
    """The order in which parts arrive, each at least once, some twice: of a text and of its notes."""
    return tuple(  # type: ignore[return-value]
        draw(st.permutations([*range(count), *draw(st.lists(st.integers(0, count - 1), max_size=4))]))
        for count in (draw(st.integers(1, 5)), draw(st.integers(1, 3)))
    )


@settings(deadline=None, max_examples=25)
@given(deliveries(), st.booleans())
def test_parts_in_any_order_and_doubled_make_the_same_material(
    order: tuple[list[int], list[int]], notes_first: bool
) -> None:
    async def check() -> None:
        scene, document_id = Scene(), uuid7()
        quiz_id = await scene.order(document_id)
        text = events.processed(document_id, ALICE, OLD, parts=max(order[0]) + 1)
        notes = events.notes_generated(document_id, ALICE, OLD, parts=max(order[1]) + 1)
        arriving: list[list[Event]] = [[text[i] for i in order[0]], [notes[i] for i in order[1]]]
        for heard in reversed(arriving) if notes_first else arriving:
            await scene.hear(*heard)
        assert (await material_of(scene, document_id)).blocks == OLD.blocks
        assert len((await material_of(scene, document_id)).notes) == max(order[1]) + 1
        assert scene.quiz(quiz_id).state is SagaState.GENERATING

    asyncio.run(check())


@settings(deadline=None, max_examples=20)
@given(st.integers(2, 5).flatmap(lambda count: st.tuples(st.just(count), st.integers(0, count - 1))))
def test_a_text_with_a_gap_is_not_used(parts: tuple[int, int]) -> None:
    async def check() -> None:
        scene, document_id = Scene(), uuid7()
        text = events.processed(document_id, ALICE, OLD, parts=parts[0])
        missing = text.pop(parts[1])
        await scene.hear(*text, *text, *events.notes_generated(document_id, ALICE, OLD))
        quiz_id = await scene.order(document_id)
        assert scene.quiz(quiz_id).status == "generating"
        assert (await material_of(scene, document_id)).blocks == ()
        await scene.hear(missing)
        assert (await material_of(scene, document_id)).blocks == OLD.blocks

    asyncio.run(check())


async def test_a_newer_text_replaces_the_older_when_it_is_whole_and_not_before(scene: Scene) -> None:
    document_id = uuid7()
    await scene.learn(document_id)
    first, second = events.processed(document_id, ALICE, NEW, parts=2, version=2)
    await scene.hear(second)
    assert (await material_of(scene, document_id)).blocks == OLD.blocks
    await scene.hear(first)
    assert (await material_of(scene, document_id)).blocks == NEW.blocks
    assert {key[2] for key in scene.database.parts if key[1] == "text"} == {2}


async def test_an_older_text_that_comes_late_changes_nothing(scene: Scene) -> None:
    document_id = uuid7()
    await scene.hear(*events.processed(document_id, ALICE, NEW, version=2))
    await scene.hear(*events.processed(document_id, ALICE, OLD, version=1))
    assert (await material_of(scene, document_id)).blocks == NEW.blocks


async def test_notes_of_another_text_are_not_used_with_this_one(scene: Scene) -> None:
    document_id = uuid7()
    await scene.learn(document_id)
    await scene.hear(*events.processed(document_id, ALICE, NEW, version=2))
    assert (await material_of(scene, document_id)).notes == ()
    quiz_id = await scene.order(document_id)
    assert scene.quiz(quiz_id).state is SagaState.WAITING_FOR_NOTES
    await scene.hear(*events.notes_generated(document_id, ALICE, NEW, version=2, text_version=2))
    assert len((await material_of(scene, document_id)).notes) == 1
    assert scene.quiz(quiz_id).state is SagaState.GENERATING


async def test_an_upload_heard_of_after_its_failure_does_not_make_quizzes_wait_for_ever(scene: Scene) -> None:
    document_id = uuid7()
    await scene.hear(events.processing_failed(document_id, ALICE, at=events.AT))
    await scene.hear(events.uploaded(document_id, ALICE, at=events.AT.replace(hour=1)))
    assert scene.quiz(await scene.order(document_id)).status == "failed"
    await scene.hear(events.uploaded(document_id, ALICE, at=events.AT.replace(hour=20)))  # the owner tries again
    assert scene.quiz(await scene.order(document_id)).status == "generating"
