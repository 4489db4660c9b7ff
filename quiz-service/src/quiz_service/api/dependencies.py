"""What the routes work with, put into `app.state` by bootstrap."""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Annotated, Protocol
from uuid import UUID

from chassis.http.auth import User, requires
from chassis.http.dependencies import the_service
from chassis.http.idempotency import RemembersReplies
from chassis.ports import UnitOfWorkFactory
from chassis.postgres import Wakeup, Wakeups
from chassis.postgres.notify import CHANGES
from fastapi import Depends

from quiz_service.application import ports
from quiz_service.domain.grading import Similarity


class UnitOfWork(ports.UnitOfWork, RemembersReplies, Protocol):
    """One that keeps the replies to idempotent requests as well."""


@dataclass(frozen=True, slots=True)
class Service:
    uow_factory: UnitOfWorkFactory[UnitOfWork]
    reads: ports.ReadModel
    wakeups: Wakeups
    similarity: Similarity

    def changes(self, quiz_id: UUID) -> AbstractContextManager[Wakeup]:
        """What wakes whoever follows the quiz."""
        return self.wakeups.subscribe(CHANGES, str(quiz_id))


TheService = Annotated[Service, Depends(the_service)]
Reader = Annotated[User, requires("quiz:read")]
Writer = Annotated[User, requires("quiz:write")]
AUTHOR_SCOPE = "quiz:author"
