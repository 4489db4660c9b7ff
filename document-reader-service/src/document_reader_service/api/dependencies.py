"""What the routes work with, put into `app.state` by bootstrap."""

from collections.abc import Callable, Mapping
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
from chassis.storage import ObjectStorage
from fastapi import Depends

from document_reader_service.application import ports
from document_reader_service.settings import DocumentsSettings


class UnitOfWork(ports.UnitOfWork, RemembersReplies, Protocol):
    """One that keeps the replies to idempotent requests as well."""


@dataclass(frozen=True, slots=True)
class Service:
    """`media_type_of` tells a type from the first bytes and the name; `supported` names the types that can be read."""

    uow_factory: UnitOfWorkFactory[UnitOfWork]
    reads: ports.ReadModel
    storage: ObjectStorage
    wakeups: Wakeups
    settings: DocumentsSettings
    media_type_of: Callable[[bytes, str], str | None]
    supported: Mapping[str, str]

    def changes(self, document_id: UUID) -> AbstractContextManager[Wakeup]:
        """What wakes whoever follows the document."""
        return self.wakeups.subscribe(CHANGES, str(document_id))


TheService = Annotated[Service, Depends(the_service)]
Reader = Annotated[User, requires("documents:read")]
Writer = Annotated[User, requires("documents:write")]
