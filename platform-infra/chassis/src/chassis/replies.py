"""A reply kept for replay under its Idempotency-Key, and the store that keeps it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class StoredReply:
    """What was answered: status, the headers worth repeating (lower-case names) and the raw body.

    `fingerprint` tells the request it answered: hex of a SHA-256.
    """

    fingerprint: str
    status: int
    headers: Mapping[str, str]
    body: bytes


class IdempotencyStore(Protocol):
    """`uow.idempotency`: it lives in the unit of work, so a reply is kept if and only if its effect is."""

    async def claim(self, owner_id: str, key: str) -> bool:
        """Lock (owner, key) until the transaction ends; False when another transaction holds it."""
        ...

    async def find(self, owner_id: str, key: str) -> StoredReply | None: ...

    async def store(self, owner_id: str, key: str, reply: StoredReply) -> None: ...
