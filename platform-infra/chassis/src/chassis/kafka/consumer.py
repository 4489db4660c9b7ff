"""The consumer runtime: one thread speaks to librdkafka and never stops polling; one task per partition handles.

Only that thread: the client holds the GIL in calls such as `assignment`, and from another thread they deadlock with a
rebalance callback that waits for it.

An offset is stored only after the commit of the message's effects, so a crash between the two repeats the message,
and the inbox makes the repetition harmless.
"""

import asyncio
import contextlib
import logging
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import structlog
from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from chassis import metrics
from chassis.kafka.client_config import client_config, prefixed
from chassis.kafka.handling import Handlers, MessageHandling, RetryPolicy
from chassis.kafka.partition import PartitionWorker, Place
from chassis.settings import KafkaSettings

POLL_SECONDS = 0.1
POLL_MESSAGES = 500
FINISH_SECONDS = 5.0
CHECK_SECONDS = 2.0
MEASURE_SECONDS = 5.0

log = structlog.get_logger(__name__)


class EventConsumer:
    """A component: consumes the topics of its handlers' events as one member of its group."""

    name = "consumer"

    def __init__(
        self,
        settings: KafkaSettings,
        group: str,
        handlers: Handlers,
        uow_factory: Callable[[], Any],
        *,
        policy: RetryPolicy | None = None,
    ) -> None:
        """`handlers`: by event class, `async def on_…(uow, event)`. Other events of the same topics are skipped."""
        self._settings = settings
        self._group = group
        self._topics = sorted({prefixed(settings, event.TOPIC) for event in handlers})
        self._handling = MessageHandling(settings, group, handlers, uow_factory, policy or RetryPolicy())
        self._workers: dict[Place, PartitionWorker] = {}
        self._assigned: frozenset[Place] = frozenset()
        self._paused: set[Place] = set()
        self._started = False
        self._trouble: str | None = None
        self._measured_at = 0.0

    @property
    def assigned(self) -> frozenset[Place]:
        """The partitions that are this member's."""
        return self._assigned

    async def run(self, stop: asyncio.Event) -> None:
        """Until stopped: then finish the messages under way, commit and leave the group.

        Raises DeadLetterNotWritten or TooManyFailures when going on would lose messages, KafkaException when librdkafka
        cannot go on.
        """
        self._loop = asyncio.get_running_loop()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="kafka-consumer")
        self._consumer = await self._in_thread(self._open)
        self._started = True
        try:
            while not stop.is_set():
                messages = await self._in_thread(self._poll, self._take_offsets(), *self._changes_of_pause())
                self._dispatch(messages)
                self._raise_failure()
        finally:
            offsets = await self._stop_workers(set(self._workers), FINISH_SECONDS)
            await self._in_thread(self._close, offsets)
            await self._handling.close()
            # Without waiting: a cancelled close may still need this loop for its revocation.
            self._thread.shutdown(wait=False)

    async def check(self) -> None:
        """For /ready: raises unless the brokers answer, the topics exist and the group lets us in."""
        if not self._started:
            raise ConnectionError("the consumer has not started")
        try:
            metadata = await asyncio.to_thread(self._consumer.list_topics, timeout=CHECK_SECONDS)
        except KafkaException as error:
            raise ConnectionError(self._trouble or error.args[0].str()) from error
        if missing := [topic for topic in self._topics if topic not in metadata.topics]:
            raise ConnectionError(f"no topic {', '.join(missing)}")
        if self._trouble:
            raise ConnectionError(self._trouble)

    async def _in_thread(self, function: Callable[..., Any], *arguments: Any) -> Any:
        return await self._loop.run_in_executor(self._thread, function, *arguments)

    # On the event loop.

    def _dispatch(self, messages: Sequence[Message]) -> None:
        by_place: dict[Place, list[Message]] = defaultdict(list)
        for message in messages:
            by_place[str(message.topic()), message.partition() or 0].append(message)
        for place, run in by_place.items():
            if place not in self._workers:
                self._workers[place] = PartitionWorker(self._handling.handle_run)
            self._workers[place].add(run)

    def _take_offsets(self, places: Collection[Place] | None = None) -> list[TopicPartition]:
        """What to store of these partitions (all, if none are given), each with the note of the failures in a row."""
        offsets = {place: self._workers[place].take_offset() for place in (self._workers if places is None else places)}
        note = self._handling.streak.note
        return [TopicPartition(*place, offset, note) for place, offset in offsets.items() if offset is not None]

    def _changes_of_pause(self) -> tuple[set[Place], set[Place]]:
        """The places to pause and the places to resume."""
        pause = {place for place, worker in self._workers.items() if worker.wants_pause} - self._paused
        resume = {place for place in self._paused if place in self._workers and self._workers[place].wants_more}
        self._paused = (self._paused | pause) - resume
        metrics.CONSUMER_PAUSED.labels(self._group).set(sum(worker.is_retrying for worker in self._workers.values()))
        return pause, resume

    def _raise_failure(self) -> None:
        for worker in self._workers.values():
            if worker.failure is not None:
                raise worker.failure

    async def _stop_workers(self, places: Collection[Place], seconds: float) -> list[TopicPartition]:
        """End the work on these partitions; returns the offsets up to which it was finished."""
        working = [place for place in places if place in self._workers]
        await asyncio.gather(*(self._workers[place].stop(seconds) for place in working))
        offsets = self._take_offsets(working)
        for place in working:
            del self._workers[place]
            self._paused.discard(place)
        return offsets

    # In the consumer's thread.

    def _open(self) -> Consumer:
        options = {
            "group.id": prefixed(self._settings, self._group),
            "auto.offset.reset": "earliest",
            "enable.auto.offset.store": False,
            "auto.commit.interval.ms": 500,
            "partition.assignment.strategy": "cooperative-sticky",
            "session.timeout.ms": 10_000,
            "queued.max.messages.kbytes": 16 * 1024,
            "error_cb": self._on_error,
            "logger": logging.getLogger("librdkafka"),
        }
        if self._settings.group_instance_id:
            options["group.instance.id"] = self._settings.group_instance_id
        consumer = Consumer(client_config(self._settings) | options)
        consumer.subscribe(self._topics, on_assign=self._on_assign, on_revoke=self._on_revoke, on_lost=self._on_lost)
        return consumer

    def _poll(self, offsets: Sequence[TopicPartition], pause: set[Place], resume: set[Place]) -> Sequence[Message]:
        self._store(offsets)
        # A partition revoked meanwhile is no longer ours to pause.
        with contextlib.suppress(KafkaException):
            self._consumer.pause([TopicPartition(*place) for place in pause])
        with contextlib.suppress(KafkaException):
            self._consumer.resume([TopicPartition(*place) for place in resume])
        # `consume` waits for the whole batch or the time-out: a lone message would wait for others that do not come.
        messages = self._consumer.consume(1, timeout=POLL_SECONDS)
        if messages:
            messages += self._consumer.consume(POLL_MESSAGES, timeout=0)
        self._measure()
        return [message for message in messages if self._is_message(message)]

    def _close(self, offsets: Sequence[TopicPartition]) -> None:
        self._store(offsets)
        self._consumer.close()  # commits what is stored and leaves the group

    def _store(self, offsets: Sequence[TopicPartition]) -> None:
        for offset in offsets:
            with contextlib.suppress(KafkaException):  # revoked meanwhile: its next owner repeats, the inbox knows
                self._consumer.store_offsets(offsets=[offset])

    def _is_message(self, message: Message) -> bool:
        error = message.error()
        if error is None:
            self._trouble = None
            return True
        if error.fatal():
            raise KafkaException(error)
        self._on_error(error)
        return False

    def _on_error(self, error: KafkaError) -> None:
        self._trouble = error.str()
        log.warning("kafka.consumer_error", group=self._group, error=error.str(), code=error.name())

    def _on_assign(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        self._trouble = None
        self._resume_streak(consumer, partitions)
        self._assigned |= {_place(each) for each in partitions}
        log.info("consumer.assigned", group=self._group, partitions=[str(_place(each)) for each in partitions])

    def _resume_streak(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        try:
            committed = consumer.committed(partitions, timeout=CHECK_SECONDS) if partitions else []
        except KafkaException as error:  # the coordinator is away for a moment: no reason to end the process
            log.warning("consumer.streak_unknown", group=self._group, error=error.args[0].str())
            return
        self._loop.call_soon_threadsafe(self._handling.streak.resume, [each.metadata for each in committed])

    def _on_revoke(self, _consumer: Consumer, partitions: list[TopicPartition]) -> None:
        self._store(self._give_up_partitions(partitions, FINISH_SECONDS))
        log.info("consumer.revoked", group=self._group, partitions=[str(_place(each)) for each in partitions])

    def _on_lost(self, _consumer: Consumer, partitions: list[TopicPartition]) -> None:
        # Somebody else has them already: cancel, and store nothing.
        self._give_up_partitions(partitions, 0)
        log.warning("consumer.lost", group=self._group, partitions=[str(_place(each)) for each in partitions])

    def _give_up_partitions(self, partitions: list[TopicPartition], seconds: float) -> list[TopicPartition]:
        places = {_place(each) for each in partitions}
        self._assigned -= places
        # The event loop is free meanwhile: it awaits this thread's poll.
        return asyncio.run_coroutine_threadsafe(self._stop_workers(places, seconds), self._loop).result()

    def _measure(self) -> None:
        if time.monotonic() - self._measured_at < MEASURE_SECONDS:
            return
        self._measured_at = time.monotonic()
        for place in self._consumer.position([TopicPartition(*place) for place in self._assigned]):
            watermarks = self._consumer.get_watermark_offsets(place, cached=True)
            if place.offset >= 0 and watermarks and watermarks[1] >= 0:
                topic = place.topic.removeprefix(self._settings.topic_prefix)
                lag = metrics.CONSUMER_LAG.labels(self._group, topic, str(place.partition))
                lag.set(max(0, watermarks[1] - place.offset))


def _place(partition: TopicPartition) -> Place:
    return partition.topic, partition.partition
