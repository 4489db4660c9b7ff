"""Where Alembic begins; `chassis.migrations` gives the address of the database and the time-outs."""

from chassis.migrations import run_pending

run_pending()
