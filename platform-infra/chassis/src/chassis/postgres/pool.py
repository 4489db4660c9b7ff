"""Connections to PostgreSQL: pooled, with time-outs, so that no query, lock or forgotten transaction waits for ever.

Connections are in autocommit: a lone SELECT opens no transaction; `UnitOfWork` opens one explicitly.
"""

import sys
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo
from psycopg.rows import DictRow, dict_row
from psycopg_pool import AsyncConnectionPool

from chassis.settings import PostgresSettings

Connection = psycopg.AsyncConnection[DictRow]
Pool = AsyncConnectionPool[Connection]

STATEMENT_TIMEOUT_SECONDS = 30
LOCK_TIMEOUT_SECONDS = 10
IDLE_IN_TRANSACTION_TIMEOUT_SECONDS = 60
CONNECT_TIMEOUT_SECONDS = 5
POOL_WAIT_SECONDS = 10


def conninfo(dsn: str, application_name: str | None = None) -> str:
    """The DSN with time-outs and keep-alives: the server and we both notice within a minute that the other is gone."""
    timeouts = {
        "statement_timeout": STATEMENT_TIMEOUT_SECONDS,
        "lock_timeout": LOCK_TIMEOUT_SECONDS,
        "idle_in_transaction_session_timeout": IDLE_IN_TRANSACTION_TIMEOUT_SECONDS,
        "tcp_keepalives_idle": 15,
        "tcp_keepalives_interval": 5,
    }
    options = " ".join(
        f"-c {name}={seconds}{'' if 'keepalives' in name else 's'}" for name, seconds in timeouts.items()
    )
    return make_conninfo(
        dsn,
        application_name=application_name or Path(sys.argv[0]).name or "chassis",
        connect_timeout=CONNECT_TIMEOUT_SECONDS,
        keepalives_idle=15,
        keepalives_interval=5,
        keepalives_count=3,
        options=f"{options} -c timezone=UTC",
    )


async def connect(dsn: str, application_name: str | None = None) -> Connection:
    """One connection outside the pool, for what must own its session: advisory locks and LISTEN."""
    return await psycopg.AsyncConnection.connect(conninfo(dsn, application_name), autocommit=True, row_factory=dict_row)


async def open_pool(settings: PostgresSettings, application_name: str | None = None) -> Pool:
    """An open pool, also while the server is still away: the first use then waits up to POOL_WAIT_SECONDS."""
    return await open_pool_for(
        settings.dsn,
        application_name=application_name,
        min_size=settings.pool_min_size,
        max_size=settings.pool_max_size,
    )


async def open_pool_for(
    dsn: str, *, application_name: str | None = None, min_size: int = 1, max_size: int = 10
) -> Pool:
    """As `open_pool`, for a DSN."""
    keywords: dict[str, Any] = {"autocommit": True, "row_factory": dict_row}
    pool: Pool = AsyncConnectionPool(
        conninfo(dsn, application_name),
        connection_class=psycopg.AsyncConnection[DictRow],
        kwargs=keywords,
        min_size=min_size,
        max_size=max_size,
        timeout=POOL_WAIT_SECONDS,
        # A server that restarted leaves dead connections behind: they are found here, not by the first request.
        check=AsyncConnectionPool.check_connection,
        open=False,
    )
    await pool.open()
    return pool


def dsn_of(pool: Pool) -> str:
    """The connection string of a pool made here, for `connect`."""
    assert isinstance(pool.conninfo, str), "open_pool gives a string"
    return pool.conninfo


async def check(pool: Pool) -> None:
    """For /ready: raises when the database does not answer."""
    async with pool.connection(timeout=2) as connection:
        await connection.execute("SELECT 1")
