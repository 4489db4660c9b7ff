"""The context of a piece of work is its own, and gone when it ends."""

import asyncio

import pytest

from chassis import context


def test_a_block_sets_some_variables_and_restores_them() -> None:
    with context.bind(request_id="r", owner_id="o"):
        with context.bind(owner_id=None, causation_id="c"):
            assert context.current() == {"request_id": "r", "causation_id": "c"}
        assert context.current() == {"request_id": "r", "owner_id": "o"}
    assert context.current() == {}


def test_an_error_restores_them_too() -> None:
    with pytest.raises(RuntimeError), context.bind(request_id="r"):
        raise RuntimeError
    assert context.current() == {}


async def test_tasks_started_in_a_block_inherit_it_and_do_not_leak_back() -> None:
    async def child() -> dict[str, str]:
        inherited = context.current()
        context.owner_id.set("child")
        return inherited

    with context.bind(correlation_id="c"):
        assert await asyncio.create_task(child()) == {"correlation_id": "c"}
        assert context.current() == {"correlation_id": "c"}


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(KeyError), context.bind(user="x"):
        pass
