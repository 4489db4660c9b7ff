"""Quiz submissions a second through quiz-service's API process, against bare FastAPI + psycopg doing the same rows.

Both run one process on a database of their own in the same server, take turns, and are asked by the same client. The
server does not wait for its disk (test servers never do), so the ratio shows our overhead and not the disk's.
"""

from __future__ import annotations

import asyncio
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import aiohttp
import psycopg
from chassis.http.auth import derive_owner_id
from chassis.testing.tokens import JwtIssuer
from psycopg.conninfo import conninfo_to_dict
from report import Figure, publish

QUIZZES, QUESTIONS = 16, 10
ROUNDS, ROUND_SECONDS, CLIENTS = 5, 4.0, 8
QUIZ_SERVICE = Path(__file__).resolve().parents[2] / "quiz-service"
SUBJECT = "bench"

SEED = """
INSERT INTO quizzes (quiz_id, owner_id, document_id, title, question_count, question_types, difficulty, created_at,
                     state, revision, engine, completed_at)
SELECT ('00000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, %(owner)s, gen_random_uuid(), 'Cells',
       %(questions)s, '{multiple_choice,true_false,short_answer}', 'mixed', now(), 'completed', 1, 'extractive', now()
FROM generate_series(1, %(quizzes)s) AS n;
INSERT INTO questions (question_id, quiz_id, number, type, prompt, points, difficulty, explanation, source_page,
                       source_block, source_quote, is_true)
SELECT gen_random_uuid(), quiz_id, number, (ARRAY['multiple_choice', 'true_false', 'short_answer'])[number %% 3 + 1],
       'Which organelle captures light in the cells of a leaf, number ' || number || '?', 1, 'easy',
       'The lecture says that the chloroplast captures light.', 1, 1, 'A chloroplast captures light.',
       CASE WHEN number %% 3 = 1 THEN true END
FROM quizzes, generate_series(1, %(questions)s) AS number;
INSERT INTO options (option_id, question_id, position, text, is_correct, note)
SELECT gen_random_uuid(), question_id, position, 'organelle ' || position, position = 2, ''
FROM questions, generate_series(0, 3) AS position WHERE type = 'multiple_choice';
INSERT INTO accepted_answers (question_id, position, text)
SELECT question_id, 0, 'chloroplast' FROM questions WHERE type = 'short_answer';
INSERT INTO history_entries (quiz_id, owner_id, title, document_id, status, question_count, attempts)
SELECT quiz_id, owner_id, title, document_id, 'completed', question_count, 0 FROM quizzes;
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def database(server: str) -> Iterator[str]:
    """The DSN of a fresh database."""
    name = f"bench_{uuid.uuid4().hex[:8]}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")  # type: ignore[call-overload]
        try:
            yield psycopg.conninfo.make_conninfo(server, dbname=name)
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")  # type: ignore[call-overload]


def service_environment(dsn: str, port: int, issuer: JwtIssuer) -> dict[str, str]:
    parts = conninfo_to_dict(dsn)
    return {
        **os.environ,
        "HTTP_PORT": str(port),
        "POSTGRES_HOST": str(parts["host"]),
        "POSTGRES_PORT": str(parts["port"]),
        "POSTGRES_USER": str(parts["user"]),
        "POSTGRES_DB": str(parts["dbname"]),
        "POSTGRES_PASSWORD": str(parts.get("password") or "postgres"),
        "KAFKA_BOOTSTRAP_SERVERS": os.environ["TEST_KAFKA_BOOTSTRAP_SERVERS"],
        "S3_BUCKET": "unused",
        "S3_ENDPOINT_URL": "http://127.0.0.1:9",
        "JWT_JWKS_FILE": str(issuer.jwks_file),
        "JWT_ISSUERS": issuer.issuer,
        "LOG_LEVEL": "WARNING",
    }


def prepare(environment: dict[str, str], dsn: str, owner_id: str) -> None:
    subprocess.run(
        [sys.executable, "-m", "quiz_service", "migrate"],
        env=environment,
        cwd=QUIZ_SERVICE,
        check=True,
    )
    values = {"owner": owner_id, "quizzes": QUIZZES, "questions": QUESTIONS}
    with psycopg.ClientCursor(psycopg.connect(dsn, autocommit=True)) as cursor:
        cursor.execute(SEED, values)
        cursor.connection.close()


@contextmanager
def process(
    command: list[str], environment: dict[str, str], port: int
) -> Iterator[None]:
    child = subprocess.Popen(command, env=environment, cwd=QUIZ_SERVICE)
    try:
        deadline = time.monotonic() + 30
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                if time.monotonic() > deadline or child.poll() is not None:
                    raise
                time.sleep(0.1)
        yield
    finally:
        child.terminate()
        child.wait(30)


async def submissions_per_second(port: int, token: str) -> float:
    """CLIENTS learners submit one after the other, each to quizzes of its own."""
    answered = 0
    end = time.monotonic() + ROUND_SECONDS

    async def learner(session: aiohttp.ClientSession, number: int) -> None:
        nonlocal answered
        quiz_id = uuid.UUID(f"00000000-0000-7000-8000-{number + 1:012d}")
        while time.monotonic() < end:
            async with session.post(
                f"/api/quiz/{quiz_id}/submit", json={"answers": []}
            ) as reply:
                body = await reply.json()
                assert reply.status == 200, body
                assert len(body["results"]) == QUESTIONS
            answered += 1

    headers = {"Authorization": f"Bearer {token}"}
    async with aiohttp.ClientSession(
        f"http://127.0.0.1:{port}", headers=headers
    ) as session:
        await asyncio.gather(*(learner(session, number) for number in range(CLIENTS)))
    return answered / ROUND_SECONDS


def main() -> None:
    if "TEST_POSTGRES_URL" not in os.environ:  # come back with servers around us
        command = [
            sys.executable,
            "-m",
            "learning_local",
            "servers",
            "--",
            sys.executable,
            __file__,
        ]
        os.execv(sys.executable, command)
    with tempfile.TemporaryDirectory() as folder:
        measure(os.environ["TEST_POSTGRES_URL"], JwtIssuer(Path(folder)))


def measure(server: str, issuer: JwtIssuer) -> None:
    token, owner_id = (
        issuer.token(SUBJECT, ["quiz:write"]),
        derive_owner_id(issuer.issuer, SUBJECT),
    )
    our_port, bare_port = free_port(), free_port()
    with database(server) as our_dsn, database(server) as bare_dsn:
        ours, bare = (
            service_environment(our_dsn, our_port, issuer),
            service_environment(bare_dsn, bare_port, issuer),
        )
        prepare(ours, our_dsn, owner_id)
        prepare(bare, bare_dsn, owner_id)
        bare |= {
            "BARE_DSN": bare_dsn,
            "BARE_PORT": str(bare_port),
            "BARE_OWNER": owner_id,
        }
        bare_program = str(Path(__file__).with_name("bare_submit.py"))
        with (
            process([sys.executable, "-m", "quiz_service", "api"], ours, our_port),
            process([sys.executable, bare_program], bare, bare_port),
        ):
            asyncio.run(submissions_per_second(our_port, token))  # warm up
            asyncio.run(submissions_per_second(bare_port, token))
            rounds = [
                (
                    asyncio.run(submissions_per_second(our_port, token)),
                    asyncio.run(submissions_per_second(bare_port, token)),
                )
                for _ in range(ROUNDS)
            ]
    ratio = statistics.median(our / their for our, their in rounds)
    our_rate, bare_rate = (
        statistics.median(column) for column in zip(*rounds, strict=True)
    )
    name = f"quiz submissions of {QUESTIONS} questions, {CLIENTS} clients, one process"
    figure = Figure(
        name,
        our_rate,
        "1/s",
        ">= 0.85",
        "bare FastAPI + psycopg, same rows",
        bare_rate,
        ratio,
    )
    publish("submit", [figure])


if __name__ == "__main__":
    main()
