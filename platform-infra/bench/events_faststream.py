"""FastStream with an inbox written by hand: one transaction a message, acknowledged after its commit.

FastStream is no dependency of ours; without it the comparison is left out, and events.py says so.
"""

from __future__ import annotations

import asyncio
import logging
import time
from datetime import datetime
from importlib.util import find_spec
from multiprocessing.connection import Connection
from typing import Any

import psycopg
from events_place import EFFECT, GROUP, Place

INSTALL = "uv pip install 'faststream[confluent]>=0.7'"
_INBOX = "INSERT INTO inbox (consumer_group, event_id) VALUES (%s, %s) ON CONFLICT DO NOTHING"


def is_installed() -> bool:
    return find_spec("faststream") is not None


def consume(at: Place, share: int, reports: Connection) -> None:
    asyncio.run(_consume(at, share, reports))


async def _consume(at: Place, share: int, reports: Connection) -> None:
    from faststream import AckPolicy
    from faststream.confluent import KafkaBroker, KafkaMessage

    connection = await psycopg.AsyncConnection.connect(at.dsn, autocommit=True)
    broker = KafkaBroker(at.bootstrap_servers, logger=None, log_level=logging.WARNING)

    def assigned(_consumer: Any, partitions: list[Any]) -> None:
        if len(partitions) == share:
            reports.send("ready")

    # Its offset is committed after the handler, so that a crash repeats the message instead of losing it.
    @broker.subscriber(
        at.topic,
        group_id=at.prefix + GROUP,
        auto_offset_reset="earliest",
        ack_policy=AckPolicy.NACK_ON_ERROR,
        on_assign=assigned,
    )
    async def on_document_uploaded(body: dict[str, Any], message: KafkaMessage) -> None:
        async with connection.transaction():
            new = await connection.execute(_INBOX, (GROUP, message.headers["ce_id"]))
            if new.rowcount:
                await connection.execute(EFFECT, (body["document_id"],))
        reports.send(
            [(datetime.fromisoformat(body["uploaded_at"]).timestamp(), time.time())]
        )

    await broker.start()
    await asyncio.Event().wait()
