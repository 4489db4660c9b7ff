"""Waiting for a notification that may have come already, or may never come."""

import asyncio

from chassis.postgres.notify import JOBS, Wakeup, Wakeups


async def test_a_notification_before_the_wait_is_not_lost_and_counts_once() -> None:
    wakeup = Wakeup()
    wakeup.wake()
    wakeup.wake()
    assert await wakeup.wait(0)
    assert not await wakeup.wait(0)


async def test_stopping_wakes_who_waits() -> None:
    stop = asyncio.Event()
    with Wakeups.silent().subscribe(JOBS, stop=stop) as wakeup:
        assert not await wakeup.wait(0.01)
        stop.set()
        assert await wakeup.wait(5)


async def test_nothing_is_kept_of_those_who_left() -> None:
    wakeups = Wakeups.silent()
    with wakeups.subscribe(JOBS, "kind"), wakeups.subscribe(JOBS, "kind"), wakeups.subscribe(JOBS):
        assert len(wakeups._waiting) == 2
    assert wakeups._waiting == {}
