"""The engines in their processes: what goes wrong there gets a name."""

from pathlib import Path

import pytest
from chassis.process_pool import EnginePool
from support import files

from document_reader_service.adapters.engines import PooledEngines
from document_reader_service.adapters.readers.detection import PDF
from document_reader_service.domain.errors import ProcessingTimeout
from document_reader_service.domain.processing_errors import DocumentTooLarge, EncryptedDocument
from document_reader_service.settings import DocumentsSettings

MIB = 1024 * 1024


@pytest.fixture
def lecture(tmp_path: Path) -> str:
    path = tmp_path / "original"
    path.write_bytes(files.pdf_lecture())
    return str(path)


async def test_text_and_notes_come_out_of_another_process(engine_pool: EnginePool, lecture: str) -> None:
    engines = PooledEngines(engine_pool, DocumentsSettings())
    text = await engines.read(lecture, PDF)
    notes = await engines.make_notes(text, "brief")
    assert text.page_count == 3
    assert notes.key_points
    assert text.blocks[notes.key_points[0].sources[0].block].page


async def test_the_reason_of_a_refusal_crosses_the_processes(engine_pool: EnginePool, tmp_path: Path) -> None:
    path = tmp_path / "original"
    path.write_bytes(files.encrypted_pdf())
    with pytest.raises(EncryptedDocument) as refusal:
        await PooledEngines(engine_pool, DocumentsSettings()).read(str(path), PDF)
    assert refusal.value.reason().detail


async def test_a_document_that_takes_too_long_is_a_time_out_a_person_understands(
    engine_pool: EnginePool, tmp_path: Path
) -> None:
    path = tmp_path / "original"
    path.write_bytes(files.pdf_lecture(500))
    engines = PooledEngines(engine_pool, DocumentsSettings(read_timeout_seconds=0.05))
    with pytest.raises(ProcessingTimeout, match="longer than"):
        await engines.read(str(path), PDF)


async def test_a_document_that_needs_too_much_memory_is_too_large(lecture: str) -> None:
    # Less than an idle worker has, so the first look at it is one too many.
    pool = EnginePool(workers=1, memory_limit_bytes=8 * MIB)
    try:
        with pytest.raises(DocumentTooLarge, match="memory"):
            await PooledEngines(pool, DocumentsSettings()).read(lecture, PDF)
    finally:
        pool.close()
