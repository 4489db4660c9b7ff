"""Ids are UUIDv7 and sort by the time of their making."""

import time
from uuid import UUID

from chassis import ids
from chassis.ids import new_event_id, uuid7


def test_an_id_is_a_uuid_of_version_7_that_carries_its_time() -> None:
    before = time.time_ns() // 1_000_000
    made = uuid7()
    after = time.time_ns() // 1_000_000
    assert (made.version, made.variant) == (7, UUID(int=0x8 << 60).variant)
    assert before <= made.int >> 80 <= after


def test_ids_made_one_after_the_other_are_ascending_and_distinct() -> None:
    made = [uuid7() for _ in range(5000)]
    assert made == sorted(made)
    assert len(set(made)) == len(made)


def test_ids_ascend_also_when_the_clock_is_set_back(monkeypatch) -> None:
    before = uuid7()
    monkeypatch.setattr(ids.time, "time_ns", lambda: 0)
    after = uuid7()
    assert after > before
    assert after.version == 7


def test_event_ids_are_uuid_text() -> None:
    assert str(UUID(new_event_id())) != str(UUID(new_event_id()))
