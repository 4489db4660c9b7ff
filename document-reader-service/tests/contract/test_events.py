"""The events of this service: all that are promised, each valid (the fake outbox encodes as strictly as the real)."""

from chassis.clock import utc_now
from chassis.testing.contract import assert_readers_get, promised_events, types_of
from learning_contracts.event import Event
from support.scene import Scene
from support.streams import DAMAGED, OWNER

from document_reader_service.application import commands
from document_reader_service.bootstrap import NAME
from document_reader_service.domain.errors import ProcessingTimeout


async def everything_that_can_happen(scene: Scene) -> list[Event]:
    read = await scene.uploaded()
    await scene.work()
    failed = await scene.uploaded(b"Not to be read.")
    async with scene.unit_of_work() as uow:
        await uow.jobs.cancel(failed)
        await commands.fail_processing(uow, failed, DAMAGED, utc_now())
        await commands.request_notes(uow, read, OWNER, "brief", utc_now())
    scene.engines.failure = ProcessingTimeout("Too slow.")
    await scene.work()
    async with scene.unit_of_work() as uow:
        await commands.delete_document(uow, read, OWNER, utc_now())
    return list(scene.database.events)


async def test_the_service_produces_what_the_contracts_say_it_does_and_nothing_else(scene: Scene) -> None:
    assert types_of(await everything_that_can_happen(scene)) == promised_events(NAME)


async def test_every_event_reaches_its_readers_as_it_was_written(scene: Scene) -> None:
    await everything_that_can_happen(scene)
    assert_readers_get(scene.database.outbox)
