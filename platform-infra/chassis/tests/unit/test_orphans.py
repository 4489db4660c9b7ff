"""Objects without a row do not stay, and no others go."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from chassis import orphans
from chassis.clock import utc_now
from chassis.ids import uuid7
from chassis.orphans import remove_orphans
from chassis.testing.storage import FakeObjectStorage

LIVING = frozenset({uuid7(), uuid7(), uuid7()})


async def living(subjects: Sequence[UUID]) -> frozenset[UUID]:
    return LIVING.intersection(subjects)


def subject_of(key: str) -> UUID | None:
    try:
        return UUID(key.partition("/")[2])
    except ValueError:
        return None


def in_two_hours() -> datetime:
    return utc_now() + timedelta(hours=2)


@pytest.mark.parametrize("batch", [1, 2, 500])
async def test_what_belongs_to_nobody_goes_however_much_there_is(batch: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(orphans, "BATCH", batch)
    storage = FakeObjectStorage()
    kept = sorted([*(f"things/{subject}" for subject in LIVING), "elsewhere/unknown"])
    for key in (*kept, f"things/{uuid7()}", f"copies/{uuid7()}", "things/no-id"):
        await storage.put(key, b"")
    assert await remove_orphans(storage, ("things/", "copies/"), subject_of, living, 3600, in_two_hours) == 3
    assert list(storage.keys) == kept


async def test_what_is_young_may_still_get_its_row() -> None:
    storage = FakeObjectStorage()
    await storage.put(f"things/{uuid7()}", b"")
    assert await remove_orphans(storage, ("things/",), subject_of, living, 3600) == 0
    assert len(storage.keys) == 1
