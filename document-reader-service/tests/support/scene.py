"""A service without servers, to be driven by commands and jobs."""

import hashlib
from dataclasses import dataclass
from uuid import UUID

from chassis.clock import utc_now
from chassis.errors import Problem
from chassis.ids import uuid7
from chassis.testing.storage import FakeObjectStorage

from document_reader_service.application import commands, object_keys
from document_reader_service.application.commands import UploadResult
from document_reader_service.application.projections import DocumentRow
from document_reader_service.domain.document import Original
from document_reader_service.jobs import DocumentJobs
from support.fakes import DocumentsDatabase, DocumentsUnitOfWork, FakeReadModel, InlineEngines
from support.streams import OWNER

LECTURE = b"""# The cell

A cell is the smallest unit of life. Robert Hooke named it in 1665 in his book Micrographia.

## Mitochondria

The mitochondrion is an organelle that makes energy available to the cell. It has a membrane of its own.
Mitochondria are passed on by the mother alone, and they carry their own small ring of genes.
"""


@dataclass
class Scene:
    database: DocumentsDatabase
    reads: FakeReadModel
    storage: FakeObjectStorage
    engines: InlineEngines

    def unit_of_work(self) -> DocumentsUnitOfWork:
        return DocumentsUnitOfWork(self.database)

    @property
    def jobs(self) -> DocumentJobs:
        return DocumentJobs(self.unit_of_work, self.storage, self.engines)

    def row(self, document_id: UUID) -> DocumentRow:
        return self.database.rows[document_id]

    def event_types(self) -> list[str]:
        return [event.TYPE for event in self.database.events]

    def waiting(self) -> list[str]:
        """The kinds of jobs that wait."""
        return [job.kind for job in self.database.jobs.values() if job.state == "pending"]

    async def upload(
        self, content: bytes = LECTURE, owner_id: str = OWNER, media_type: str = "text/markdown"
    ) -> UploadResult:
        document_id = uuid7()
        stored = await self.storage.put(object_keys.original(owner_id, document_id), content, media_type)
        assert stored.sha256 == hashlib.sha256(content).hexdigest()
        original = Original(
            filename="cell.md", media_type=media_type, size_bytes=stored.size_bytes, sha256=stored.sha256
        )
        async with self.unit_of_work() as uow:
            return await commands.upload_document(uow, document_id, owner_id, original, None, utc_now())

    async def uploaded(self, content: bytes = LECTURE, owner_id: str = OWNER) -> UUID:
        return (await self.upload(content, owner_id)).document.document_id

    async def work(self) -> None:
        """Run every waiting job once, as the runner does: a Problem gives the job up."""
        kinds = {kind.name: kind for kind in self.jobs.kinds()}
        while waiting := self.waiting():
            kind = kinds[waiting[0]]
            job = self.database.claim(kind.name)
            assert job is not None
            try:
                await kind.run(job)
            except Problem as problem:
                async with self.unit_of_work() as uow:
                    await uow.jobs.fail(job, problem.detail)
                    await kind.give_up(uow, job, problem)
            assert self.database.jobs[job.id].state != "processing"
