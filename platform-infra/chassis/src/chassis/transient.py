"""Which failures pass by themselves, decided by their type alone: waiting for them is never the work's own fault."""

import psycopg
from psycopg_pool import PoolTimeout

from chassis.errors import ServiceUnavailable
from chassis.storage.port import StorageUnavailable


class Transient(Exception):
    """Raised by a handler or a job for what will pass: it is tried again without using up its attempts."""


_TYPES = (
    Transient,
    ServiceUnavailable,
    StorageUnavailable,
    ConnectionError,
    psycopg.OperationalError,  # connection lost, deadlock, lock and statement time-outs, server stopping
    psycopg.InterfaceError,  # the connection was closed under us
    PoolTimeout,
)


def is_transient(error: BaseException) -> bool:
    """Whether the same work may succeed later without any change."""
    return isinstance(error, _TYPES)
