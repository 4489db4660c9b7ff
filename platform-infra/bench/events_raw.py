"""Without guarantees: confluent-kafka and psycopg in batches, nothing written that a crash could be mended with."""

from __future__ import annotations

import json
import time
from datetime import datetime
from multiprocessing.connection import Connection

import psycopg
from confluent_kafka import Consumer, Producer, TopicPartition
from events_place import EFFECT, FACT, GROUP, Place, uploaded

BATCH = 500
FACTS_IN_TRANSACTION = 100


def produce(at: Place, count: int) -> None:
    """So many facts, FACTS_IN_TRANSACTION a transaction, and an event of each, sent after the commit."""
    producer = Producer(
        {
            "bootstrap.servers": at.bootstrap_servers,
            "linger.ms": 5,
            "compression.type": "lz4",
        }
    )
    with psycopg.connect(at.dsn, autocommit=True) as connection:
        for _ in range(count // FACTS_IN_TRANSACTION):
            events = [uploaded() for _ in range(FACTS_IN_TRANSACTION)]
            with connection.transaction(), connection.cursor() as cursor:
                cursor.executemany(FACT, [(event.document_id,) for event in events])
            for event in events:
                producer.produce(
                    at.topic, key=event.key, value=json.dumps(event.to_data())
                )
            producer.poll(0)
    producer.flush(30)


def consume(at: Place, share: int, reports: Connection) -> None:
    """Batches of effects; offsets are committed by the client whenever it likes."""
    consumer = Consumer(
        {
            "bootstrap.servers": at.bootstrap_servers,
            "group.id": at.prefix + GROUP,
            "auto.offset.reset": "earliest",
        }
    )

    def assigned(_consumer: Consumer, partitions: list[TopicPartition]) -> None:
        if len(partitions) == share:
            reports.send("ready")

    consumer.subscribe([at.topic], on_assign=assigned)
    with psycopg.connect(at.dsn, autocommit=True) as connection:
        while True:
            found = [
                message
                for message in consumer.consume(BATCH, timeout=0.1)
                if message.error() is None
            ]
            events = [json.loads(message.value() or b"") for message in found]
            if events:
                with connection.transaction(), connection.cursor() as cursor:
                    cursor.executemany(
                        EFFECT, [(event["document_id"],) for event in events]
                    )
                now = time.time()
                reports.send(
                    [
                        (datetime.fromisoformat(event["uploaded_at"]).timestamp(), now)
                        for event in events
                    ]
                )
