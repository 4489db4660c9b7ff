"""What a failure means for a message, decided by its type alone."""

from typing import Literal

import psycopg
from psycopg_pool import PoolTimeout

from chassis.errors import ServiceUnavailable
from chassis.storage.port import StorageUnavailable
from learning_contracts.codec import UnusableMessage

FailureClass = Literal["unusable", "transient", "failed"]


class Transient(Exception):
    """Raised by a handler for what will pass: the partition pauses and the message is tried again, without limit."""


class DeadLetterNotWritten(Exception):
    """The dead-letter topic did not take a message, so its offset must not be committed: the consumer stops."""


class TooManyFailures(Exception):
    """So many messages failed in a row that the fault is more likely here than in them: the consumer stops."""


_TRANSIENT = (
    Transient,
    ServiceUnavailable,
    StorageUnavailable,
    ConnectionError,
    TimeoutError,
    psycopg.OperationalError,  # connection lost, deadlock, lock and statement time-outs, server stopping
    psycopg.InterfaceError,  # the connection was closed under us
    PoolTimeout,
)


def classify(error: Exception) -> FailureClass:
    """unusable: never readable. transient: will pass. failed: anything else, worth a few attempts."""
    if isinstance(error, UnusableMessage):
        return "unusable"
    return "transient" if isinstance(error, _TRANSIENT) else "failed"
