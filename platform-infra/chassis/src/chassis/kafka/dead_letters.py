"""Dead letters: messages a group could not handle, kept whole, with why; listed, shown and sent again from here.

A redriven message keeps its event id, so groups that had handled it recognise it by their inbox.
"""

import asyncio
import hashlib
import traceback
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from confluent_kafka import Consumer, KafkaException, Message, TopicPartition

from chassis.clock import rfc3339, utc_now
from chassis.kafka.client_config import client_config, dead_letter_topic, prefixed
from chassis.kafka.errors import DeadLetterNotWritten
from chassis.kafka.producer import TrackedProducer
from chassis.settings import KafkaSettings

HEADER_PREFIX = "dlq_"
WRITE_SECONDS = 30.0
REQUEST_SECONDS = 10.0
MESSAGE_CHARACTERS = 1_000

Headers = Sequence[tuple[str, bytes]]


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message of a dead-letter topic; `reason` holds the headers the consumer added, without their prefix."""

    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Headers
    reason: Mapping[str, str]

    @property
    def topic(self) -> str:
        """Where the message came from, without the prefix."""
        return self.reason["topic"]


class DeadLetterWriter:
    """Writes the dead letters of one group."""

    def __init__(self, settings: KafkaSettings, group: str, write_seconds: float = WRITE_SECONDS) -> None:
        self._settings = settings
        self._group = group
        self._write_seconds = write_seconds
        self._producer: TrackedProducer | None = None
        self._one_at_a_time = asyncio.Lock()

    async def write(self, message: Message, error: Exception, attempts: int) -> None:
        """Returns when Kafka has acknowledged the copy. Raises DeadLetterNotWritten."""
        headers = [*_original_headers(message), *_reason_headers(self._settings, self._group, message, error, attempts)]
        async with self._one_at_a_time:
            await asyncio.to_thread(self._send, message.key(), message.value(), headers)

    def _send(self, key: Any, value: Any, headers: Headers) -> None:
        if self._producer is None:
            # Here a time-out is right: the consumer that waits for it stops, and handles the message again.
            milliseconds = int(self._write_seconds * 1000)
            self._producer = TrackedProducer(self._settings, **{"message.timeout.ms": milliseconds})
        _send(self._producer, dead_letter_topic(self._group), key, value, headers, self._write_seconds + 1)

    async def close(self) -> None:
        if self._producer is not None:
            await asyncio.to_thread(self._producer.close)


async def list_dead_letters(settings: KafkaSettings, group: str, limit: int = 100) -> Sequence[DeadLetter]:
    """The oldest dead letters of a group."""

    def read() -> list[DeadLetter]:
        with _Reader(settings, group) as reader:
            return [letter for letter, _ in zip(reader.from_the_start(), range(limit), strict=False)]

    return await asyncio.to_thread(read)


async def show_dead_letter(settings: KafkaSettings, group: str, partition: int, offset: int) -> DeadLetter | None:
    """One dead letter, None when there is none at this place."""

    def read() -> DeadLetter | None:
        with _Reader(settings, group) as reader:
            found = next(reader.from_offsets({partition: offset}), None)
            return found if found and (found.partition, found.offset) == (partition, offset) else None

    return await asyncio.to_thread(read)


async def redrive(settings: KafkaSettings, group: str, only: Iterable[tuple[int, int]] | None = None) -> int:
    """Send dead letters to the topics they came from; returns how many.

    `only` names (partition, offset) pairs; without it: all that no redrive without `only` has sent yet.
    Raises DeadLetterNotWritten; what was sent until then stays sent, and is recognised when it is sent again.
    """
    chosen = None if only is None else set(only)
    return await asyncio.to_thread(_redrive, settings, group, chosen)


def _redrive(settings: KafkaSettings, group: str, only: set[tuple[int, int]] | None) -> int:
    producer = TrackedProducer(settings)
    sent = 0
    try:
        with _Reader(settings, group) as reader:
            letters = reader.not_redriven() if only is None else reader.from_the_start()
            for letter in letters:
                if only is not None and (letter.partition, letter.offset) not in only:
                    continue
                _send(producer, letter.topic, letter.key, letter.value, letter.headers, WRITE_SECONDS)
                sent += 1
                if only is None:
                    reader.mark_redriven(letter)
    finally:
        producer.close()
    return sent


def _send(producer: TrackedProducer, topic: str, key: Any, value: Any, headers: Headers, seconds: float) -> None:
    try:
        producer.send_and_wait(topic, key, value, list(headers), seconds)
    except (KafkaException, TimeoutError) as error:
        raise DeadLetterNotWritten(f"{topic}: {error}") from error


def _original_headers(message: Message) -> Headers:
    """Without those of an earlier stay among the dead letters."""
    pairs: Any = message.headers() or []
    return [(name, value) for name, value in pairs if not name.startswith(HEADER_PREFIX)]


def _reason_headers(settings: KafkaSettings, group: str, message: Message, error: Exception, attempts: int) -> Headers:
    stack = "".join(traceback.format_exception(error))
    reason = {
        "error_class": f"{type(error).__module__}.{type(error).__qualname__}",
        "error_message": str(error)[:MESSAGE_CHARACTERS],
        # Equal digests: the same fault, so that a thousand dead letters can be told apart by their causes.
        "stack_digest": hashlib.sha256(stack.encode(errors="replace")).hexdigest()[:16],
        "topic": str(message.topic()).removeprefix(settings.topic_prefix),
        "partition": str(message.partition()),
        "offset": str(message.offset()),
        "attempts": str(attempts),
        "group": group,
        "failed_at": rfc3339(utc_now()),
    }
    return [(HEADER_PREFIX + name, text.encode(errors="replace")) for name, text in reason.items()]


class _Reader:
    """Reads a dead-letter topic up to its end, outside any consumer group's rebalancing."""

    def __init__(self, settings: KafkaSettings, group: str) -> None:
        self._topic = prefixed(settings, dead_letter_topic(group))
        options = {
            "group.id": prefixed(settings, f"{group}.redrive"),
            "enable.auto.commit": False,
            "auto.offset.reset": "earliest",
            "enable.partition.eof": True,
        }
        self._consumer = Consumer(client_config(settings) | options)

    def __enter__(self) -> "_Reader":
        return self

    def __exit__(self, *_: object) -> None:
        self._consumer.close()

    def from_the_start(self) -> Iterator[DeadLetter]:
        return self.from_offsets({})

    def not_redriven(self) -> Iterator[DeadLetter]:
        partitions = [TopicPartition(self._topic, partition) for partition in self._partitions()]
        committed = self._consumer.committed(partitions, timeout=REQUEST_SECONDS)
        return self.from_offsets({place.partition: max(place.offset, 0) for place in committed})

    def from_offsets(self, offsets: Mapping[int, int]) -> Iterator[DeadLetter]:
        """What each partition holds from its offset on (absent: from its start), up to the end as it is now."""
        places = [TopicPartition(self._topic, partition, offsets.get(partition, 0)) for partition in self._partitions()]
        self._consumer.assign(places)
        open_partitions = {place.partition for place in places}
        while open_partitions:
            message = self._consumer.poll(REQUEST_SECONDS)
            if message is None:
                raise TimeoutError(f"{self._topic}: Kafka does not answer")
            if message.error() is None:
                yield _dead_letter(message)
            else:  # the end of a partition
                open_partitions.discard(message.partition() or 0)

    def mark_redriven(self, letter: DeadLetter) -> None:
        place = TopicPartition(self._topic, letter.partition, letter.offset + 1)
        self._consumer.commit(offsets=[place], asynchronous=False)

    def _partitions(self) -> Sequence[int]:
        metadata = self._consumer.list_topics(self._topic, timeout=REQUEST_SECONDS)
        return sorted(metadata.topics[self._topic].partitions)


def _dead_letter(message: Message) -> DeadLetter:
    pairs: Any = message.headers() or []
    reason = {
        name.removeprefix(HEADER_PREFIX): value.decode() for name, value in pairs if name.startswith(HEADER_PREFIX)
    }
    key: Any = message.key()
    value: Any = message.value()
    return DeadLetter(message.partition() or 0, message.offset() or 0, key, value, _original_headers(message), reason)
