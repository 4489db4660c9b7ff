"""Every metric of the platform, each name once. Labels come from closed sets: never an id, a path or a message."""

from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import Literal

from prometheus_client import CONTENT_TYPE_LATEST, Counter, Gauge, Histogram, generate_latest

_REQUEST_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
_WORK_BUCKETS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0)

# --- HTTP. `route` is the route's template (`/api/quiz/{quiz_id}`) or `unmatched`.
HTTP_REQUESTS = Counter("learning_http_requests", "Requests answered.", ["method", "route", "status"])
HTTP_REQUEST_DURATION = Histogram(
    "learning_http_request_duration_seconds",
    "From the request line to the end of the reply; streams count as long as they are open.",
    ["method", "route"],
    buckets=_REQUEST_BUCKETS,
)
HTTP_REQUESTS_IN_PROGRESS = Gauge("learning_http_requests_in_progress", "Requests being answered.")
HTTP_STREAMS_OPEN = Gauge("learning_http_streams_open", "Server-sent event streams open.")

CHECK_OK = Gauge("learning_check_ok", "Whether the dependency answered at the last /ready: 1 or 0.", ["check"])

# --- Outbox and relay.
OUTBOX_PENDING = Gauge("learning_outbox_pending_rows", "Events committed and not yet acknowledged by Kafka.")
OUTBOX_LAG = Gauge("learning_outbox_lag_seconds", "Age of the oldest event not yet acknowledged by Kafka.")
OUTBOX_PARKED = Gauge("learning_outbox_parked_rows", "Events that Kafka can never take, set aside for a person.")
RELAY_ACTIVE = Gauge("learning_relay_active", "1 in the process whose relay holds the database's lock, else 0.")
RELAY_PUBLISHED = Counter("learning_relay_published_messages", "Events acknowledged by Kafka.", ["topic"])
RELAY_FAILED = Counter("learning_relay_failed_messages", "Attempts to publish without acknowledgement.", ["topic"])

# --- Consumers.
ConsumerOutcome = Literal["handled", "duplicate", "ignored", "retried", "dead_lettered"]
CONSUMER_MESSAGES = Counter(
    "learning_consumer_messages", "Messages by what became of them.", ["group", "topic", "outcome"]
)
CONSUMER_DURATION = Histogram(
    "learning_consumer_duration_seconds", "Handling of one message.", ["group", "topic"], buckets=_REQUEST_BUCKETS
)
CONSUMER_LAG = Gauge("learning_consumer_lag_messages", "Messages behind the end.", ["group", "topic", "partition"])
CONSUMER_PAUSED = Gauge("learning_consumer_paused_partitions", "Partitions waiting to be retried.", ["group"])

# --- Jobs. `kind` is a JobKind's name.
JobOutcome = Literal["finished", "failed", "retried", "cancelled", "lost"]
JOBS_CLAIMED = Counter("learning_jobs_claimed", "Attempts begun.", ["kind"])
JOBS_ENDED = Counter("learning_jobs_ended", "Attempts by how they ended.", ["kind", "outcome"])
JOB_DURATION = Histogram("learning_job_duration_seconds", "One attempt.", ["kind"], buckets=_WORK_BUCKETS)
JOBS_RUNNING = Gauge("learning_jobs_running", "Attempts under way in this process.", ["kind"])
JOBS_WAITING = Gauge("learning_jobs_waiting_rows", "Jobs due and not claimed.", ["kind"])
JOBS_OLDEST_WAITING = Gauge("learning_jobs_oldest_waiting_seconds", "Age of the oldest job due.", ["kind"])

# --- Process pool.
PoolOutcome = Literal["completed", "failed", "timed_out", "memory_exceeded", "crashed", "cancelled"]
POOL_CALLS = Counter("learning_pool_calls", "Engine calls by how they ended.", ["outcome"])
POOL_CALL_DURATION = Histogram("learning_pool_call_duration_seconds", "One engine call.", buckets=_WORK_BUCKETS)

# --- Sweeper. `task` is the name the sweeper was given.
SWEEPER_REMOVED = Counter("learning_sweeper_removed_rows", "Rows and objects swept away.", ["task"])
SWEEPER_FAILED = Counter("learning_sweeper_failed_runs", "Sweeper tasks that raised.", ["task"])

# --- Storage.
STORAGE_DURATION = Histogram(
    "learning_storage_operation_duration_seconds", "One storage call.", ["operation"], buckets=_REQUEST_BUCKETS
)
STORAGE_FAILED = Counter("learning_storage_failed_operations", "Storage calls that raised.", ["operation"])


@contextmanager
def timed(histogram: Histogram) -> Iterator[None]:
    """Observe the seconds the block took, whether or not it raised."""
    started = perf_counter()
    try:
        yield
    finally:
        histogram.observe(perf_counter() - started)


def exposition() -> tuple[bytes, str]:
    """All metrics of this process in Prometheus's text form, and its content type."""
    return generate_latest(), CONTENT_TYPE_LATEST
