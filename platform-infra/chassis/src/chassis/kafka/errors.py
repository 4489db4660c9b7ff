"""What a failure means for a message, decided by its type alone."""

from typing import Literal

from chassis.transient import is_transient
from learning_contracts.codec import UnusableMessage

FailureClass = Literal["unusable", "transient", "failed"]


class DeadLetterNotWritten(Exception):
    """The dead-letter topic did not take a message, so its offset must not be committed: the consumer stops."""


class TooManyFailures(Exception):
    """So many messages failed in a row that the fault is more likely here than in them: the consumer stops."""


def classify(error: Exception) -> FailureClass:
    """unusable: never readable. transient: will pass. failed: anything else, worth a few attempts."""
    if isinstance(error, UnusableMessage):
        return "unusable"
    return "transient" if is_transient(error) or isinstance(error, TimeoutError) else "failed"
