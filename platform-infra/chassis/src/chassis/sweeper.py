"""Periodic tidying, done by one process per database at a time: expired chassis rows, and what a service adds."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import psycopg
import structlog
from psycopg_pool import PoolTimeout

from chassis import metrics
from chassis.postgres.pool import Pool

INTERVAL_SECONDS = 300.0
BATCH_ROWS = 5_000

SweepTask = Callable[[], Awaitable[int]]

# Tombstones outlive every message: the longest retention (30 days) after 30 days among the dead letters, and the
# inbox outlives a redrive of a message that was handled meanwhile.
_KEPT = {
    "outbox": ("published_at", "1 day"),
    "inbox": ("received_at", "45 days"),
    "idempotency_keys": ("created_at", "24 hours"),
    "tombstones": ("deleted_at", "60 days"),
    "jobs": ("finished_at", "7 days"),
}

log = structlog.get_logger(__name__)


class Sweeper:
    """A component; every task returns how many things it removed."""

    name = "sweeper"

    def __init__(
        self, pool: Pool, tasks: Mapping[str, SweepTask] | None = None, *, interval_seconds: float = INTERVAL_SECONDS
    ) -> None:
        self._pool = pool
        self._interval_seconds = interval_seconds
        self._tasks: dict[str, SweepTask] = {f"prune_{table}": self._pruning(table) for table in _KEPT}
        self._tasks |= tasks or {}

    async def run(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            try:
                await self.sweep()
            except (psycopg.Error, PoolTimeout) as error:
                log.warning("sweeper.no_database", error=str(error))
            try:
                async with asyncio.timeout(self._interval_seconds):
                    await stop.wait()
            except TimeoutError:
                continue

    async def sweep(self) -> dict[str, int] | None:
        """Run every task once, unless another process is at it (then None); one that raises stops no other."""
        async with self._pool.connection() as connection:
            cursor = await connection.execute("SELECT pg_try_advisory_lock(hashtextextended('sweeper', 0)) AS locked")
            row = await cursor.fetchone()
            if not (row and row["locked"]):
                return None
            try:
                return {name: await self._run_task(name, task) for name, task in self._tasks.items()}
            finally:
                await connection.execute("SELECT pg_advisory_unlock(hashtextextended('sweeper', 0))")

    async def _run_task(self, name: str, task: SweepTask) -> int:
        try:
            removed = await task()
        except Exception:
            metrics.SWEEPER_FAILED.labels(name).inc()
            log.exception("sweeper.task_failed", task=name)
            return 0
        if removed:
            metrics.SWEEPER_REMOVED.labels(name).inc(removed)
            log.info("sweeper.removed", task=name, count=removed)
        return removed

    def _pruning(self, table: str) -> SweepTask:
        column, kept = _KEPT[table]
        # In batches: one long DELETE would hold its locks, and the oldest snapshot, for minutes. Ordered: each batch
        # reads the index, and does not step over the rows again that those before it removed.
        statement = f"""
            DELETE FROM {table} WHERE ctid = ANY (ARRAY(
                SELECT ctid FROM {table} WHERE {column} < now() - interval '{kept}' ORDER BY {column} LIMIT %s
            ))
        """  # noqa: S608 - names of our own

        async def prune() -> int:
            removed = 0
            while True:
                async with self._pool.connection() as connection:
                    cursor = await connection.execute(statement.encode(), (BATCH_ROWS,))
                removed += cursor.rowcount
                if cursor.rowcount < BATCH_ROWS:
                    return removed

        return prune
