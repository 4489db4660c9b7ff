"""What every service lets an operator choose and order."""

import argparse
from collections.abc import AsyncIterator
from uuid import UUID

import pytest

from chassis import operations
from chassis.ids import uuid7
from chassis.testing.fakes import FakeDatabase, FakeUnitOfWork, uow_factory

OWNER = "0123456789abcdef" * 2
SUBJECT = UUID("019aae3e-4c00-7a10-8c55-2f6d1b7e9a01")


def parsed(*arguments: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser(exit_on_error=False)
    operations.one_or_many("thing")(parser)
    return parser.parse_args(arguments)


async def ids_of(owner_id: str | None) -> AsyncIterator[UUID | str]:
    yield f"those of {owner_id}"


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        (["--thing", str(SUBJECT)], SUBJECT),
        (["--owner", OWNER], f"those of {OWNER}"),
        (["--all"], "those of None"),
    ],
)
async def test_one_subject_one_owners_or_all_can_be_chosen(arguments: list[str], found: object) -> None:
    assert [one async for one in operations.chosen(parsed(*arguments), ids_of)] == [found]


@pytest.mark.parametrize(
    "arguments", [[], ["--all", "--owner", OWNER], ["--thing", "lecture.pdf"], ["--owner", "alice"]]
)
def test_what_is_not_clear_is_refused(arguments: list[str]) -> None:
    with pytest.raises((SystemExit, argparse.ArgumentError)):
        parsed(*arguments)


@pytest.mark.parametrize("text", ["", "alice", "A" * 32, "g" * 32, "a" * 33])
def test_only_an_owner_id_is_taken_for_one(text: str) -> None:
    with pytest.raises(ValueError, match="32 hex"):
        operations.owner_id(text)


async def test_each_subject_has_a_unit_of_work_of_its_own_and_one_that_fails_undoes_no_other() -> None:
    database = FakeDatabase()
    first, failing = uuid7(), uuid7()

    async def subjects() -> AsyncIterator[UUID]:
        yield first
        yield failing

    async def bury(uow: FakeUnitOfWork, subject_id: UUID) -> None:
        await uow.tombstones.add(subject_id)
        if subject_id == failing:
            raise LookupError

    with pytest.raises(LookupError):
        await operations.one_by_one(uow_factory(database), subjects(), bury)
    assert database.tombstones == {first}


async def test_what_was_done_is_counted_by_results_or_by_subjects() -> None:
    async def twice(_: FakeUnitOfWork, __: UUID) -> int:
        return 2

    async def silent(_: FakeUnitOfWork, __: UUID) -> None: ...

    units = uow_factory(FakeDatabase())
    assert await operations.one_by_one(units, operations.only(SUBJECT), twice) == 2
    assert await operations.one_by_one(units, operations.only(SUBJECT), silent) == 1
