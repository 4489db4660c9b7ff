"""PostgreSQL: the pool, the unit of work and the tables that carry the chassis' guarantees."""

from chassis.postgres.notify import Wakeup, Wakeups
from chassis.postgres.pool import Connection, Pool, open_pool
from chassis.postgres.unit_of_work import UnitOfWork

__all__ = ["Connection", "Pool", "UnitOfWork", "Wakeup", "Wakeups", "open_pool"]
