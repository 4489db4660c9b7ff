"""What a service declares about one kind of job."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from chassis.errors import Problem
from chassis.postgres.jobs import Job


class AttemptsExhausted(Problem):
    """The reason of a job whose every attempt failed."""

    status = 500
    type = "processing-failed"
    title = "The work failed repeatedly and was given up"


class AttemptTimedOut(Problem):
    """The reason of a job whose last attempt ran out of time."""

    status = 500
    type = "processing-timeout"
    title = "The work took longer than allowed"


@dataclass(frozen=True, slots=True)
class JobKind:
    """`run` does the engine work outside any transaction; its last transaction calls `uow.jobs.finish(job)`.

    A Problem out of `run` is permanent: the job is given up at once. What is transient (a server that is away) is
    tried again without using up an attempt; any other exception, or a time-out, uses one up. `give_up` runs in the
    transaction that marks the job failed and records why, for the owner to read.
    """

    name: str
    run: Callable[[Job], Awaitable[None]]
    give_up: Callable[[Any, Job, Problem], Awaitable[None]]
    max_attempts: int = 3
    attempt_timeout_seconds: float = 600.0
    concurrency: int = 1
