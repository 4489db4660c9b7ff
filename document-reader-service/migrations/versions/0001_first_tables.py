"""The chassis tables; the streams of documents, their read model, their texts and notes."""

from alembic import op
from chassis.postgres import schema

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE document_events (
    stream_id    uuid        NOT NULL,
    version      integer     NOT NULL CHECK (version > 0),
    type         text        NOT NULL,
    form_version integer     NOT NULL,
    data         jsonb       NOT NULL,
    recorded_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (stream_id, version)
);
COMMENT ON TABLE document_events IS 'append-only; the primary key lets one writer have each version';
COMMENT ON COLUMN document_events.form_version IS 'version of the form of data, for upcasting';

CREATE TABLE documents (
    document_id     uuid        PRIMARY KEY,
    owner_id        text        NOT NULL,
    status          text        NOT NULL CHECK (status IN ('pending', 'processing', 'completed', 'failed')),
    filename        text        NOT NULL,
    media_type      text        NOT NULL,
    size_bytes      bigint      NOT NULL CHECK (size_bytes > 0),
    sha256          text        NOT NULL,
    title           text        NOT NULL,
    created_at      timestamptz NOT NULL,
    language        text,
    page_count      integer,
    word_count      integer,
    character_count integer,
    outline         jsonb       NOT NULL,
    text_version    integer     NOT NULL,
    notes_status    text        NOT NULL
                    CHECK (notes_status IN ('pending', 'processing', 'completed', 'failed', 'cancelled')),
    notes_version   integer     NOT NULL,
    notes_error     jsonb,
    processed_at    timestamptz,
    error           jsonb,
    steps_done      integer     NOT NULL,
    revision        integer     NOT NULL,
    UNIQUE (owner_id, sha256)
);
COMMENT ON TABLE documents IS 'read model: living documents, each row a function of its stream';
CREATE INDEX documents_newest_first ON documents (owner_id, document_id DESC);

CREATE TABLE blocks (
    document_id uuid    NOT NULL,
    index       integer NOT NULL CHECK (index >= 0),
    page        integer,
    kind        text    NOT NULL,
    level       integer,
    text        text    NOT NULL,
    box         double precision[],
    PRIMARY KEY (document_id, index)
);

CREATE TABLE notes (
    document_id  uuid        NOT NULL,
    version      integer     NOT NULL CHECK (version > 0),
    text_version integer     NOT NULL,
    detail       text        NOT NULL,
    body         jsonb       NOT NULL,
    created_at   timestamptz NOT NULL,
    PRIMARY KEY (document_id, version)
);
"""


def upgrade() -> None:
    schema.install(op)
    op.execute(TABLES)


def downgrade() -> None:
    op.execute("DROP TABLE notes, blocks, documents, document_events")
    schema.uninstall(op)
