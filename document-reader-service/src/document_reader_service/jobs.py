"""The slow work: reading a document, making its notes, erasing its objects. An edge, as the routes are.

Engines run outside transactions; the last transaction of a job finishes it together with its effects. Work whose
document is gone, or that newer work replaced, ends without any.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

from chassis.clock import utc_now
from chassis.errors import Problem
from chassis.finishing import FinishesJobs
from chassis.jobs import Job, JobKind
from chassis.ports import UnitOfWorkFactory
from chassis.process_pool import EngineCrashed
from chassis.storage import ObjectStorage

from document_reader_service.application import commands, object_keys, ports, queries
from document_reader_service.application.ports import StoredNotes
from document_reader_service.domain.errors import Superseded
from document_reader_service.domain.processing_errors import DamagedDocument


class UnitOfWork(FinishesJobs, ports.UnitOfWork, Protocol):
    """One that finishes jobs as well."""


class DocumentJobs:
    """The kinds of jobs of this service; `attempt_timeout_seconds` must leave room for the engines' own limits."""

    def __init__(
        self,
        uow_factory: UnitOfWorkFactory[UnitOfWork],
        storage: ObjectStorage,
        engines: ports.Engines,
        *,
        folder: Path | None = None,
        attempt_timeout_seconds: float = 600.0,
        concurrency: int = 2,
    ) -> None:
        """`folder`: where originals lie while they are read; the system's place for temporary files by default."""
        self._unit_of_work = uow_factory
        self._storage = storage
        self._engines = engines
        self._folder = folder
        self._attempt_timeout_seconds = attempt_timeout_seconds
        self._concurrency = concurrency

    def kinds(self) -> tuple[JobKind, ...]:
        timeout, concurrency = self._attempt_timeout_seconds, self._concurrency
        return (
            JobKind(
                commands.PROCESS,
                self.process,
                self.give_up_process,
                attempt_timeout_seconds=timeout,
                concurrency=concurrency,
            ),
            JobKind(
                commands.NOTES,
                self.make_notes,
                self.give_up_notes,
                attempt_timeout_seconds=timeout,
                concurrency=concurrency,
            ),
            JobKind(commands.ERASE, self.erase, self.give_up_erase, max_attempts=5, attempt_timeout_seconds=timeout),
        )

    async def process(self, job: Job) -> None:
        """Read the original and keep its text."""
        async with self._unless_superseded(job):
            async with self._unit_of_work() as uow:
                document = await commands.start_processing(uow, job.subject_id, utc_now())
            with TemporaryDirectory(prefix="document-", dir=self._folder) as folder:
                path = Path(folder) / "original"
                await self._storage.download(object_keys.original(job.owner_id, job.subject_id), path)
                await self._advance(job)
                with _crash_blames_the_document(job):
                    text = await self._engines.read(str(path), document.original.media_type)
            await self._advance(job)
            async with self._unit_of_work() as uow:
                await uow.jobs.finish(job)
                await commands.complete_processing(uow, job.subject_id, text, utc_now())

    async def give_up_process(self, uow: UnitOfWork, job: Job, problem: Problem) -> None:
        with suppress(Superseded):
            await commands.fail_processing(uow, job.subject_id, problem.reason(), utc_now())

    async def make_notes(self, job: Job) -> None:
        """Make one version of the notes and keep it, with a copy in the bucket."""
        version, detail = job.payload["notes_version"], job.payload["detail"]
        async with self._unless_superseded(job):
            async with self._unit_of_work() as uow:
                document, text = await commands.start_notes(uow, job.subject_id, version, utc_now())
            notes = await self._engines.make_notes(text, detail)
            stored = StoredNotes(
                document_id=job.subject_id,
                version=version,
                text_version=document.state.text_version,
                detail=detail,
                notes=notes,
                created_at=utc_now(),
            )
            # Before the commit: a copy without a row is swept, a row without its copy would stay so.
            key = object_keys.notes(job.owner_id, job.subject_id, version)
            await self._storage.put(key, queries.notes_copy(stored), "application/json")
            async with self._unit_of_work() as uow:
                await uow.jobs.finish(job)
                await commands.complete_notes(uow, stored)

    async def give_up_notes(self, uow: UnitOfWork, job: Job, problem: Problem) -> None:
        with suppress(Superseded):
            version = job.payload["notes_version"]
            await commands.fail_notes(uow, job.subject_id, version, problem.reason(), utc_now())

    async def erase(self, job: Job) -> None:
        """Delete every object of a deleted document."""
        await self._storage.delete(object_keys.original(job.owner_id, job.subject_id))
        await self._storage.delete_prefix(object_keys.notes_of(job.owner_id, job.subject_id))
        async with self._unit_of_work() as uow:
            await uow.jobs.finish(job)

    async def give_up_erase(self, uow: UnitOfWork, job: Job, problem: Problem) -> None:
        """Nothing to record: the objects have no row any more, so the sweeper takes them."""

    async def _advance(self, job: Job) -> None:
        async with self._unit_of_work() as uow:
            await commands.advance_processing(uow, job.subject_id, utc_now())

    @asynccontextmanager
    async def _unless_superseded(self, job: Job) -> AsyncIterator[None]:
        try:
            yield
        except Superseded:
            async with self._unit_of_work() as uow:
                await uow.jobs.finish(job)


@contextmanager
def _crash_blames_the_document(job: Job) -> Iterator[None]:
    """A crash may be the machine's fault once; a document that kills the engine every time is damaged."""
    try:
        yield
    except EngineCrashed as error:
        if job.attempt < job.max_attempts:
            raise
        raise DamagedDocument("The program that reads it crashed on it every time.") from error
