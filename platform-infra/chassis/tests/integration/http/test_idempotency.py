"""`Idempotency-Key` on a real database: one effect, however the requests interleave and whatever fails between."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from chassis.errors import IdempotencyKeyReused, RequestInProgress
from chassis.http.auth import User
from chassis.http.idempotency import body_fingerprint, once
from chassis.postgres import Pool, UnitOfWork

ALICE = User("a" * 32, "alice", "https://issuer.test", frozenset())


def request(key: str = "k") -> Request:
    headers = [(b"idempotency-key", key.encode())]
    return Request({"type": "http", "method": "POST", "path": "/api/things", "headers": headers})


@pytest.fixture
async def effects(pool: Pool) -> Callable[[], Awaitable[int]]:
    """Counts the rows that committed requests have left."""
    async with pool.connection() as connection:
        await connection.execute("CREATE TABLE effects (number int)")

    async def count() -> int:
        async with pool.connection() as connection:
            cursor = await connection.execute("SELECT count(*) AS n FROM effects")
            row = await cursor.fetchone()
            return row["n"] if row else 0

    return count


class Gate:
    """Holds a request in the middle of its transaction."""

    def __init__(self) -> None:
        self.reached = asyncio.Event()
        self.open = asyncio.Event()

    async def pass_through(self) -> None:
        self.reached.set()
        await self.open.wait()


async def post(uow_factory, number: int = 1, *, fails: bool = False, gate: Gate | None = None) -> Response:
    async def action(uow: UnitOfWork) -> Response:
        await uow.connection.execute("INSERT INTO effects VALUES (%s)", (number,))
        if gate is not None:
            await gate.pass_through()
        if fails:
            raise RuntimeError("after the effect")
        return JSONResponse({"number": number, "name": "Übung"}, 202, {"Location": f"/v1/api/things/{number}"})

    asked = request()
    return await once(asked, ALICE, uow_factory, body_fingerprint(asked, {"number": number}), action)


async def test_the_stored_reply_comes_back_byte_for_byte(uow_factory, effects) -> None:
    first, second = await post(uow_factory), await post(uow_factory)
    assert await effects() == 1
    assert (second.status_code, second.body) == (first.status_code, first.body)
    assert second.headers["location"] == "/v1/api/things/1"
    assert second.headers["content-type"] == "application/json"
    assert second.headers["idempotency-replayed"] == "true"


async def test_of_many_at_once_one_has_its_effect_and_the_others_are_told_to_wait(uow_factory, effects) -> None:
    gate = Gate()
    first = asyncio.create_task(post(uow_factory, gate=gate))
    await gate.reached.wait()
    others = await asyncio.gather(*(post(uow_factory) for _ in range(5)), return_exceptions=True)
    gate.open.set()
    assert (await first).status_code == 202
    assert {type(other) for other in others} == {RequestInProgress}
    assert await effects() == 1
    assert (await post(uow_factory)).headers["idempotency-replayed"] == "true"


async def test_a_request_that_failed_leaves_neither_effect_nor_reply_and_may_be_repeated(uow_factory, effects) -> None:
    with pytest.raises(RuntimeError):
        await post(uow_factory, fails=True)
    assert await effects() == 0
    assert (await post(uow_factory)).status_code == 202
    assert await effects() == 1


async def test_a_request_that_was_cut_off_releases_its_key(uow_factory, effects) -> None:
    gate = Gate()
    first = asyncio.create_task(post(uow_factory, gate=gate))
    await gate.reached.wait()
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    assert (await post(uow_factory)).status_code == 202
    assert await effects() == 1


async def test_the_key_of_another_request_is_refused(uow_factory, effects) -> None:
    await post(uow_factory, number=1)
    with pytest.raises(IdempotencyKeyReused):
        await post(uow_factory, number=2)
    assert await effects() == 1
