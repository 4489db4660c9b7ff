"""What operators may order of every service: walking over ids in units of work, and the arguments that choose them."""

import argparse
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TypeVar
from uuid import UUID

from chassis.ports import UnitOfWorkFactory
from chassis.postgres import Pool

U = TypeVar("U")


def owner_id(text: str) -> str:
    """Raises ValueError for anything but 32 hex digits."""
    if not re.fullmatch("[0-9a-f]{32}", text):
        raise ValueError("an owner is 32 hex digits")
    return text


def one_owner(parser: argparse.ArgumentParser) -> None:
    """`--owner ID`, required."""
    parser.add_argument("--owner", type=owner_id, metavar="ID", required=True, help="32 hex digits")


def one_or_many(noun: str) -> Callable[[argparse.ArgumentParser], None]:
    """Exactly one of `--<noun> ID`, `--owner ID` and `--all`; `chosen` gives the ids."""

    def arguments(parser: argparse.ArgumentParser) -> None:
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument(f"--{noun}", type=UUID, metavar="ID", dest="subject", help=f"one {noun}")
        which.add_argument("--owner", type=owner_id, metavar="ID", help=f"every {noun} of one owner")
        which.add_argument("--all", action="store_true", help=f"every {noun}")

    return arguments


def chosen(options: argparse.Namespace, ids_of: Callable[[str | None], AsyncIterator[UUID]]) -> AsyncIterator[UUID]:
    """The ids that the arguments of `one_or_many` mean; `ids_of` lists an owner's, or everybody's for None."""
    return only(options.subject) if options.subject else ids_of(options.owner)


async def only(subject_id: UUID) -> AsyncIterator[UUID]:
    yield subject_id


async def one_by_one(
    units: UnitOfWorkFactory[U], ids: AsyncIterator[UUID], act: Callable[[U, UUID], Awaitable[int | None]]
) -> int:
    """Act on each id in a unit of work of its own, so that the service goes on; the sum of results, None counting 1."""
    total = 0
    async for subject_id in ids:
        async with units() as uow:
            done = await act(uow, subject_id)
        total += 1 if done is None else done
    return total


async def forget_replies(pool: Pool, owner_id: str) -> None:
    """Remove what was kept to answer the owner's repeated requests: it quotes what they sent and got."""
    async with pool.connection() as connection:
        await connection.execute("DELETE FROM idempotency_keys WHERE owner_id = %s", (owner_id,))
