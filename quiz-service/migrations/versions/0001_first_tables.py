"""The chassis tables; what is known of documents, the quizzes with their attempts, and the read tables."""

from alembic import op
from chassis.postgres import schema

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE documents (
    document_id          uuid        PRIMARY KEY,
    owner_id             text        NOT NULL,
    title                text,
    language             text,
    uploaded_at          timestamptz,
    text_version         integer     NOT NULL DEFAULT 0,
    notes_version        integer     NOT NULL DEFAULT 0,
    notes_text_version   integer     NOT NULL DEFAULT 0,
    notes_failed_version integer     NOT NULL DEFAULT 0,
    error                jsonb,
    failed_at            timestamptz
);
COMMENT ON TABLE documents IS 'what was heard of documents; a version is 0 until one is whole';

CREATE TABLE document_parts (
    document_id uuid    NOT NULL REFERENCES documents ON DELETE CASCADE,
    kind        text    NOT NULL CHECK (kind IN ('text', 'notes')),
    version     integer NOT NULL CHECK (version > 0),
    number      integer NOT NULL CHECK (number > 0),
    count       integer NOT NULL CHECK (count > 0),
    items       jsonb   NOT NULL,
    PRIMARY KEY (document_id, kind, version, number)
);

CREATE TABLE quizzes (
    quiz_id           uuid        PRIMARY KEY,
    owner_id          text        NOT NULL,
    document_id       uuid        NOT NULL,
    title             text,
    question_count    integer     NOT NULL CHECK (question_count BETWEEN 1 AND 50),
    question_types    text[]      NOT NULL,
    difficulty        text        NOT NULL CHECK (difficulty IN ('easy', 'medium', 'hard', 'mixed')),
    seed              integer,
    created_at        timestamptz NOT NULL,
    state             text        NOT NULL
                      CHECK (state IN ('waiting_for_document', 'waiting_for_notes', 'generating', 'completed',
                                       'failed')),
    waiting_since     timestamptz,
    revision          integer     NOT NULL,
    engine            text,
    completed_at      timestamptz,
    shortfall         jsonb,
    error             jsonb,
    attempts          integer     NOT NULL DEFAULT 0,
    best_percentage   double precision,
    last_submitted_at timestamptz
);
COMMENT ON COLUMN quizzes.waiting_since IS 'when the worker took it up; its patience counts from there';
COMMENT ON COLUMN quizzes.state IS 'of the saga; quizzes.document_id refers to a document that may not be known yet';
CREATE INDEX quizzes_unfinished ON quizzes (document_id) WHERE state NOT IN ('completed', 'failed');
CREATE INDEX quizzes_owner ON quizzes (owner_id, quiz_id);

CREATE TABLE questions (
    question_id  uuid    PRIMARY KEY,
    quiz_id      uuid    NOT NULL REFERENCES quizzes ON DELETE CASCADE,
    number       integer NOT NULL CHECK (number > 0),
    type         text    NOT NULL CHECK (type IN ('multiple_choice', 'true_false', 'short_answer')),
    prompt       text    NOT NULL,
    points       integer NOT NULL CHECK (points > 0),
    difficulty   text    NOT NULL CHECK (difficulty IN ('easy', 'medium', 'hard')),
    explanation  text    NOT NULL,
    source_page  integer,
    source_block integer NOT NULL,
    source_quote text    NOT NULL,
    is_true      boolean CHECK ((is_true IS NOT NULL) = (type = 'true_false')),
    UNIQUE (quiz_id, number)
);

CREATE TABLE options (
    option_id   uuid    PRIMARY KEY,
    question_id uuid    NOT NULL REFERENCES questions ON DELETE CASCADE,
    position    integer NOT NULL,
    text        text    NOT NULL,
    is_correct  boolean NOT NULL,
    note        text    NOT NULL,
    UNIQUE (question_id, position)
);
CREATE UNIQUE INDEX options_one_is_correct ON options (question_id) WHERE is_correct;

CREATE TABLE accepted_answers (
    question_id uuid    NOT NULL REFERENCES questions ON DELETE CASCADE,
    position    integer NOT NULL,
    text        text    NOT NULL,
    PRIMARY KEY (question_id, position)
);
COMMENT ON TABLE accepted_answers IS 'of short_answer; the first is the one shown';

CREATE TABLE attempts (
    attempt_id   uuid        PRIMARY KEY,
    quiz_id      uuid        NOT NULL REFERENCES quizzes ON DELETE CASCADE,
    number       integer     NOT NULL CHECK (number > 0),
    submitted_at timestamptz NOT NULL,
    UNIQUE (quiz_id, number)
);

CREATE TABLE answers (
    attempt_id  uuid             NOT NULL REFERENCES attempts ON DELETE CASCADE,
    question_id uuid             NOT NULL REFERENCES questions ON DELETE CASCADE,
    answer      jsonb,
    score       double precision NOT NULL,
    is_correct  boolean          NOT NULL,
    feedback    text             NOT NULL,
    PRIMARY KEY (attempt_id, question_id)
);
CREATE INDEX answers_question ON answers (question_id);

CREATE TABLE quiz_views (
    quiz_id  uuid    PRIMARY KEY,
    owner_id text    NOT NULL,
    revision integer NOT NULL,
    is_final boolean NOT NULL,
    body     json    NOT NULL
);
COMMENT ON TABLE quiz_views IS 'read model: the status document of a quiz, without any answer';
COMMENT ON COLUMN quiz_views.body IS 'json, not jsonb: fields are shown in the order of the contract';

CREATE TABLE attempt_views (
    quiz_id    uuid             NOT NULL,
    number     integer          NOT NULL,
    percentage double precision NOT NULL,
    body       json             NOT NULL,
    PRIMARY KEY (quiz_id, number)
);
COMMENT ON TABLE attempt_views IS 'read model: graded attempts as they are shown';

CREATE TABLE history_entries (
    quiz_id           uuid    PRIMARY KEY,
    owner_id          text    NOT NULL,
    title             text,
    document_id       uuid    NOT NULL,
    status            text    NOT NULL,
    question_count    integer NOT NULL,
    attempts          integer NOT NULL,
    best_percentage   double precision,
    last_submitted_at timestamptz
);
COMMENT ON TABLE history_entries IS 'read model: one line of the history per quiz';
CREATE INDEX history_newest_first ON history_entries (owner_id, quiz_id DESC);
"""


def upgrade() -> None:
    schema.install(op)
    op.execute(TABLES)


def downgrade() -> None:
    op.execute("DROP TABLE history_entries, attempt_views, quiz_views, answers, attempts")
    op.execute("DROP TABLE accepted_answers, options, questions, quizzes, document_parts, documents")
    schema.uninstall(op)
