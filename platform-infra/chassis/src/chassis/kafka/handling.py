"""What is done with one message: inbox row, handler and commit in one transaction; failures by their class."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from confluent_kafka import Message

from chassis import context, metrics, tracing
from chassis.backoff import Backoff
from chassis.kafka.dead_letters import DeadLetterWriter
from chassis.kafka.errors import classify
from chassis.kafka.failure_streak import FailureStreak
from chassis.kafka.partition import Progress
from chassis.settings import KafkaSettings
from learning_contracts.codec import Envelope, UnknownEventType, decode
from learning_contracts.event import Event

Handlers = Mapping[type[Event], Callable[[Any, Any], Awaitable[None]]]

BACKOFF = Backoff(first_seconds=0.5, most_seconds=30.0)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How a consumer deals with failures; the defaults suit production."""

    attempts: int = 5
    backoff: Backoff = BACKOFF
    failures_in_a_row: int = 20  # of the consumer; with the last it stops instead of emptying the topic
    dead_letter_write_seconds: float = 30.0


@dataclass(frozen=True, slots=True)
class _Known:
    """A message that this group has a handler for."""

    message: Message
    envelope: Envelope


class MessageHandling:
    """Shared by a consumer's partitions: the handlers, the dead letters, and the failures in a row."""

    def __init__(
        self,
        settings: KafkaSettings,
        group: str,
        handlers: Handlers,
        uow_factory: Callable[[], Any],
        policy: RetryPolicy,
    ) -> None:
        self._group = group
        self._prefix = settings.topic_prefix
        self._handlers = handlers
        self._uow_factory = uow_factory
        self._policy = policy
        self._dead_letters = DeadLetterWriter(settings, group, policy.dead_letter_write_seconds)
        self.streak = FailureStreak(policy.failures_in_a_row)

    async def close(self) -> None:
        await self._dead_letters.close()

    async def handle_run(self, messages: Sequence[Message], progress: Progress) -> None:
        """Handle messages of one partition in order; returns when each is handled, skipped or among the dead letters.

        Raises DeadLetterNotWritten or TooManyFailures; `progress` tells what is finished nevertheless.
        """
        known: list[_Known] = []
        for message in messages:
            try:
                envelope = decode(message.headers(), message.value())  # type: ignore[arg-type]
            except UnknownEventType:
                self._count(message, "ignored")
            except Exception as error:  # UnusableMessage, or a fault of decode itself: no retry will read it
                await self._handle_known(known, progress)
                known = []
                await self._bury(message, error, attempts=1)
                progress.finished(message)
            else:
                if type(envelope.data) in self._handlers:
                    known.append(_Known(message, envelope))
                else:
                    self._count(message, "ignored")
        await self._handle_known(known, progress)

    async def _handle_known(self, known: Sequence[_Known], progress: Progress) -> None:
        """All in one transaction if that goes well, which saves most of the commits; else one by one."""
        if len(known) > 1:
            try:
                await self._transact(known)
                return
            except Exception as error:
                log.info("consumer.one_by_one", messages=len(known), error=repr(error))
        for item in known:
            await self._handle_one(item, progress)
            progress.finished(item.message)

    async def _handle_one(self, item: _Known, progress: Progress) -> None:
        failures = attempts = 0
        try:
            while True:
                try:
                    return await self._transact([item])
                except Exception as error:
                    failures += 1
                    kind = classify(error)
                    attempts += kind != "transient"
                    if kind == "unusable" or attempts >= self._policy.attempts:
                        return await self._bury(item.message, error, attempts)
                    progress.retrying = True
                    self._count(item.message, "retried")
                    delay_seconds = self._policy.backoff.seconds(failures)
                    log.warning(
                        "consumer.retrying",
                        event_id=item.envelope.id,
                        event_type=item.envelope.type,
                        failure=kind,
                        attempts=attempts,
                        delay_seconds=round(delay_seconds, 2),
                        error=repr(error),
                        exc_info=error if kind == "failed" else None,  # an outage needs no stack per try
                    )
                    await asyncio.sleep(delay_seconds)
        finally:
            progress.retrying = False

    async def _transact(self, items: Sequence[_Known]) -> None:
        outcomes: list[metrics.ConsumerOutcome] = []
        async with self._uow_factory() as uow:
            new = await uow.inbox.add_all(self._group, [item.envelope.id for item in items])
            for item in items:
                first_time = item.envelope.id in new
                new.discard(item.envelope.id)  # the same event may be among them twice
                if first_time:
                    await self._call_handler(uow, item)
                outcomes.append("handled" if first_time else "duplicate")
        if "handled" in outcomes:
            self.streak.succeeded()
        for item, outcome in zip(items, outcomes, strict=True):
            self._count(item.message, outcome)

    async def _call_handler(self, uow: Any, item: _Known) -> None:
        """Events that the handler publishes name this one as their cause, and belong to its correlation and trace."""
        envelope, topic = item.envelope, self._topic(item.message)
        handler = self._handlers[type(envelope.data)]
        with (
            context.bind(correlation_id=envelope.correlation_id or envelope.id, causation_id=envelope.id),
            tracing.continue_trace(
                envelope.traceparent,
                "consume event",
                attributes={"messaging.destination.name": topic, "messaging.operation.type": "process"},
            ),
            metrics.timed(metrics.CONSUMER_DURATION.labels(self._group, topic)),
        ):
            await handler(uow, envelope.data)

    async def _bury(self, message: Message, error: Exception, attempts: int) -> None:
        self.streak.failed(error)
        await self._dead_letters.write(message, error, attempts)
        self._count(message, "dead_lettered")
        log.error(
            "consumer.dead_letter",
            topic=self._topic(message),
            partition=message.partition(),
            offset=message.offset(),
            attempts=attempts,
            exc_info=error,
        )

    def _topic(self, message: Message) -> str:
        return str(message.topic()).removeprefix(self._prefix)

    def _count(self, message: Message, outcome: metrics.ConsumerOutcome) -> None:
        metrics.CONSUMER_MESSAGES.labels(self._group, self._topic(message), outcome).inc()
