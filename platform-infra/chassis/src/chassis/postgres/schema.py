"""The chassis tables, as versioned SQL that a service's migrations apply.

A released step is never edited: a change is a new step, and a service adds a migration that installs it.
"""

from typing import Protocol

TABLES = ("outbox", "inbox", "jobs", "tombstones", "idempotency_keys")

_STEP_1 = """
CREATE TABLE outbox (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event_id     text        NOT NULL UNIQUE,
    topic        text        NOT NULL,
    key          text        NOT NULL,
    headers      jsonb       NOT NULL,
    value        bytea       NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    published_at timestamptz,
    parked_at    timestamptz,
    error        text
);
CREATE INDEX outbox_waiting ON outbox (id) WHERE published_at IS NULL AND parked_at IS NULL;
CREATE INDEX outbox_parked ON outbox (key) WHERE parked_at IS NOT NULL;
CREATE INDEX outbox_published ON outbox (published_at) WHERE published_at IS NOT NULL;

CREATE TABLE inbox (
    consumer_group text        NOT NULL,
    event_id       text        NOT NULL,
    received_at    timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (consumer_group, event_id)
);
CREATE INDEX inbox_received ON inbox (received_at);

CREATE TABLE jobs (
    id           uuid        PRIMARY KEY,
    kind         text        NOT NULL,
    subject_id   uuid        NOT NULL,
    owner_id     text        NOT NULL,
    payload      jsonb       NOT NULL DEFAULT '{}',
    state        text        NOT NULL DEFAULT 'pending'
                 CHECK (state IN ('pending', 'processing', 'completed', 'failed', 'cancelled')),
    attempt      integer     NOT NULL DEFAULT 0,
    forgiven     integer     NOT NULL DEFAULT 0,
    claimable_at timestamptz NOT NULL DEFAULT now(),
    error        text,
    created_at   timestamptz NOT NULL DEFAULT now(),
    started_at   timestamptz,
    finished_at  timestamptz,
    correlation_id text,
    causation_id   text,
    traceparent    text
);
COMMENT ON COLUMN jobs.claimable_at IS 'pending: when it is due; processing: when its lease ends';
COMMENT ON COLUMN jobs.attempt IS 'claims so far; the number that fences the final commit';
COMMENT ON COLUMN jobs.forgiven IS 'claims that do not count: given back while draining, or ended by what was away';
CREATE INDEX jobs_claimable ON jobs (kind, claimable_at) WHERE state IN ('pending', 'processing');
CREATE INDEX jobs_subject ON jobs (subject_id);
CREATE INDEX jobs_finished ON jobs (finished_at) WHERE finished_at IS NOT NULL;

CREATE TABLE tombstones (
    subject_id uuid        PRIMARY KEY,
    deleted_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX tombstones_deleted ON tombstones (deleted_at);

CREATE TABLE idempotency_keys (
    owner_id    text        NOT NULL,
    key         text        NOT NULL,
    fingerprint text        NOT NULL,
    status      integer     NOT NULL,
    headers     jsonb       NOT NULL,
    body        bytea       NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (owner_id, key)
);
CREATE INDEX idempotency_keys_created ON idempotency_keys (created_at);
"""

STEPS: dict[int, str] = {1: _STEP_1}
SQL = "\n".join(STEPS.values())


class Operations(Protocol):
    """What is used of `alembic.op`."""

    def execute(self, sqltext: str) -> None: ...


def install(op: Operations, step: int = 1) -> None:
    """Create what a step brings; called by a service's migration with `alembic.op`."""
    op.execute(STEPS[step])


def uninstall(op: Operations) -> None:
    """Drop the chassis tables (the downgrade of a service's first migration)."""
    op.execute(f"DROP TABLE IF EXISTS {', '.join(TABLES)}")
