"""The tables: the suite the fakes pass, and what only a real database can show."""

import asyncio
from typing import Any
from uuid import UUID

import psycopg
import pytest
from alembic import command
from alembic.config import Config
from chassis.clock import utc_now
from chassis.ids import uuid7
from chassis.migrations import migrate as run_migrations
from chassis.postgres import Pool
from chassis.settings import PostgresSettings
from psycopg.types.json import Jsonb
from support.service import ALEMBIC_INI, UowFactory
from support.streams import NOW, ORIGINAL, OWNER, TEXT, uploaded, with_notes
from support.suites import StorageSuite, another

from document_reader_service import operations
from document_reader_service.adapters.postgres import PostgresReadModel
from document_reader_service.application import commands
from document_reader_service.domain.errors import ConcurrentChange


class TestPostgres(StorageSuite):
    """`uow_factory` and `reads` come from the conftest."""


async def table(pool: Pool, query: str) -> list[dict[str, Any]]:
    async with pool.connection() as connection:
        return await (await connection.execute(query)).fetchall()


async def upload(uow_factory: UowFactory) -> tuple[UUID, str]:
    async with uow_factory() as uow:
        result = await commands.upload_document(uow, uuid7(), OWNER, ORIGINAL, None, utc_now())
    return result.document.document_id, result.outcome


async def test_of_many_uploads_of_the_same_bytes_at_once_one_makes_the_document(
    uow_factory: UowFactory, pool: Pool
) -> None:
    uploads = await asyncio.gather(*(upload(uow_factory) for _ in range(6)))
    assert len({document_id for document_id, _ in uploads}) == 1
    assert sorted(outcome for _, outcome in uploads) == ["known"] * 5 + ["new"]
    assert len(await table(pool, "SELECT 1 FROM jobs")) == 1
    assert len(await table(pool, "SELECT 1 FROM outbox")) == 1


async def test_the_database_itself_refuses_a_second_living_document_with_the_same_bytes(
    uow_factory: UowFactory,
) -> None:
    async with uow_factory() as uow:
        await uow.documents.save(uploaded())
    with pytest.raises(psycopg.errors.UniqueViolation):
        async with uow_factory() as uow:
            await uow.documents.save(uploaded())


async def test_the_primary_key_lets_one_writer_have_a_version_even_when_nobody_locked(
    uow_factory: UowFactory, pool: Pool
) -> None:
    document = uploaded()
    async with uow_factory() as uow:
        await uow.documents.save(document)
    async with pool.connection() as connection:
        await connection.execute(
            "INSERT INTO document_events (stream_id, version, type, form_version, data) VALUES (%s, 2, %s, 1, %s)",
            (document.document_id, "processing_started", Jsonb({"at": "2026-01-31T09:30:00.000Z"})),
        )
    document.start_processing(NOW)
    with pytest.raises(ConcurrentChange):
        async with uow_factory() as uow:
            await uow.documents.save(document)


async def test_a_deletion_and_a_workers_last_commit_at_once_end_deleted(
    uow_factory: UowFactory, reads: PostgresReadModel, pool: Pool
) -> None:
    async def finish(document_id: UUID) -> None:
        async with uow_factory() as uow:
            await commands.complete_processing(uow, document_id, TEXT, utc_now())

    async def delete(document_id: UUID) -> None:
        async with uow_factory() as uow:
            await commands.delete_document(uow, document_id, OWNER, utc_now())

    for _ in range(5):
        document_id, _ = await upload(uow_factory)
        await asyncio.gather(finish(document_id), delete(document_id), return_exceptions=True)
        assert await reads.document(document_id, OWNER) is None
        assert await reads.blocks(document_id) == ()
    assert await table(pool, "SELECT 1 FROM blocks") == []


async def test_deleting_keeps_of_the_stream_only_that_it_ended(uow_factory: UowFactory, pool: Pool) -> None:
    document_id, _ = await upload(uow_factory)
    async with uow_factory() as uow:
        await commands.delete_document(uow, document_id, OWNER, utc_now())
    [row] = await table(pool, "SELECT version, type, data FROM document_events")
    assert (row["version"], row["type"]) == (2, "deleted")
    assert ORIGINAL.filename not in str(row["data"])


async def test_a_rebuild_gives_the_same_rows_byte_for_byte(
    uow_factory: UowFactory, reads: PostgresReadModel, pool: Pool
) -> None:
    deleted = another("9")
    async with uow_factory() as uow:
        for document in (with_notes(), another("1"), another("2"), deleted):
            await uow.documents.save(document)
        deleted.delete(NOW)
        await uow.documents.save(deleted)
    everything = "SELECT documents::text AS line FROM documents ORDER BY document_id"
    before = await table(pool, everything)
    async with pool.connection() as connection:
        await connection.execute("UPDATE documents SET title = 'wrong', status = 'failed', outline = '[]'")
        await connection.execute("DELETE FROM documents WHERE sha256 LIKE '1%'")
        await connection.execute(
            "INSERT INTO documents SELECT (jsonb_populate_record(documents, jsonb_build_object("
            "'document_id', gen_random_uuid(), 'owner_id', 'nobody'))).* FROM documents LIMIT 1"
        )
    assert await table(pool, everything) != before
    assert await operations.rebuild(uow_factory, reads) == 5
    assert await table(pool, everything) == before
    assert len(before) == 3


async def test_the_migrations_go_down_and_up_again(
    postgres_settings: PostgresSettings, pool: Pool, uow_factory: UowFactory
) -> None:
    config = Config(str(ALEMBIC_INI))
    url = postgres_settings.dsn.replace("postgresql://", "postgresql+psycopg://", 1).replace("%", "%%")
    config.set_main_option("sqlalchemy.url", url)
    await asyncio.to_thread(command.downgrade, config, "base")
    tables = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
    assert [row["table_name"] for row in await table(pool, tables)] == ["alembic_version"]
    await asyncio.to_thread(run_migrations, postgres_settings, ALEMBIC_INI)
    assert (await upload(uow_factory))[1] == "new"
