"""Reading and note-making in the process pool; what the pool complains of becomes a reason a person understands."""

from collections.abc import Callable
from typing import TypeVar

from chassis.process_pool import EngineMemoryExceeded, EnginePool, EngineTimeout

from document_reader_service.adapters.extractive import make_notes
from document_reader_service.adapters.readers import read_document
from document_reader_service.domain.errors import ProcessingTimeout
from document_reader_service.domain.notes import Detail, Notes
from document_reader_service.domain.processing_errors import DocumentTooLarge
from document_reader_service.domain.text import DocumentText
from document_reader_service.settings import DocumentsSettings

T = TypeVar("T")


class PooledEngines:
    """The port `Engines`; EngineCrashed passes through, since only the job knows whether it may try again."""

    def __init__(self, pool: EnginePool, settings: DocumentsSettings) -> None:
        self._pool = pool
        self._settings = settings

    async def read(self, path: str, media_type: str) -> DocumentText:
        limits = self._settings.max_pages, self._settings.max_characters
        return await self._run(self._settings.read_timeout_seconds, read_document, path, media_type, *limits)

    async def make_notes(self, text: DocumentText, detail: Detail) -> Notes:
        return await self._run(self._settings.notes_timeout_seconds, make_notes, text, detail)

    async def _run(self, timeout_seconds: float, engine: Callable[..., T], *arguments: object) -> T:
        try:
            return await self._pool.run(engine, *arguments, timeout_seconds=timeout_seconds)
        except EngineTimeout as error:
            raise ProcessingTimeout(f"It took longer than {timeout_seconds:g} seconds.") from error
        except EngineMemoryExceeded as error:
            mebibytes = self._settings.engine_memory_bytes // 2**20
            raise DocumentTooLarge(f"It needs more than {mebibytes} MiB of memory.") from error
