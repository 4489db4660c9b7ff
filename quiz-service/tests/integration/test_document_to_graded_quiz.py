"""The service whole, as one process runs it: real PostgreSQL, Kafka and S3, the routes spoken to in this process."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any
from uuid import UUID

import httpx
import pytest
import pytest_asyncio
from chassis.http.auth import derive_owner_id
from chassis.ids import uuid7
from chassis.runtime import Application
from chassis.settings import PostgresSettings, S3Settings
from chassis.storage import S3Storage
from chassis.testing.kafka import KafkaSandbox
from chassis.testing.services import at_work, settings_of
from chassis.testing.tokens import JwtIssuer
from chassis.testing.waiting import eventually
from learning_contracts.codec import decode
from support import events
from support.app import client_for
from support.lectures import lecture

from quiz_service.bootstrap import NAME, build
from quiz_service.settings import QuizSettings, Settings

TOPICS = ("document.uploaded", "document.processed", "notes.generated", "quiz.requested", "quiz.generated")
LECTURE = lecture("cells")


@pytest.fixture
def owner_id(jwt_issuer: JwtIssuer) -> str:
    return derive_owner_id(jwt_issuer.issuer, "alice")


@pytest_asyncio.fixture
async def service_settings(
    jwt_issuer: JwtIssuer,
    kafka: KafkaSandbox,
    postgres_settings: PostgresSettings,
    storage: S3Storage,
    s3_settings: S3Settings,
) -> Settings:
    await kafka.create_topics(*TOPICS, f"{NAME}.dlq")
    return settings_of(
        Settings,
        jwt_issuer.settings,
        kafka=kafka.settings,
        postgres=postgres_settings,
        s3=s3_settings,
        quiz=QuizSettings(document_wait_seconds=3.0),
    )


@pytest_asyncio.fixture
async def application(service_settings: Settings) -> AsyncIterator[Application]:
    async with build(service_settings, "all") as application, at_work(application):
        yield application


@pytest_asyncio.fixture
async def alice(application: Application, jwt_issuer: JwtIssuer) -> AsyncIterator[httpx.AsyncClient]:
    async with client_for(application.app, jwt_issuer) as client:
        yield client


async def ordered(client: httpx.AsyncClient, document_id: UUID, **wishes: Any) -> str:
    reply = await client.post("/api/quiz/generate", json={"document_id": str(document_id), **wishes})
    assert reply.status_code == 202, reply.text
    return str(reply.json()["quiz_id"])


async def ended(client: httpx.AsyncClient, quiz_id: str, timeout_seconds: float = 30) -> dict[str, Any]:
    async def look() -> dict[str, Any] | None:
        quiz: dict[str, Any] = (await client.get(f"/api/quiz/{quiz_id}")).json()
        return quiz if quiz["status"] != "generating" else None

    found = await eventually(look, timeout_seconds)
    assert found is not None
    return found


async def test_a_quiz_ordered_before_its_document_is_heard_of_is_made_taken_and_kept(
    alice: httpx.AsyncClient, kafka: KafkaSandbox, storage: S3Storage, owner_id: str
) -> None:
    document_id = uuid7()
    quiz_id = await ordered(alice, document_id, question_count=9, seed=1)

    notes = events.notes_generated(document_id, owner_id, LECTURE)
    text = events.processed(document_id, owner_id, LECTURE, parts=3)
    await kafka.publish(*notes, text[2], text[0], text[0], text[1], events.uploaded(document_id, owner_id))
    quiz = await ended(alice, quiz_id)

    assert (quiz["status"], len(quiz["questions"]), quiz["title"]) == ("completed", 9, LECTURE.title)
    answers = [
        {"question_id": one["question_id"], "answer": True if one["type"] == "true_false" else "no idea"}
        for one in quiz["questions"]
        if one["type"] != "multiple_choice"
    ]
    reply = await alice.post(f"/api/quiz/{quiz_id}/submit", json={"answers": answers})
    assert reply.status_code == 200, reply.text
    attempt = reply.json()
    right = {one["question_id"]: one["correct_answer"] for one in attempt["results"]}
    again = [{"question_id": question_id, "answer": answer} for question_id, answer in right.items()]
    perfect = (await alice.post(f"/api/quiz/{quiz_id}/submit", json={"answers": again})).json()
    assert (perfect["number"], perfect["percentage"]) == (2, 100)

    results = (await alice.get(f"/api/quiz/{quiz_id}/results")).json()
    assert results["attempts"] == [attempt, perfect]
    [line] = (await alice.get("/api/quiz/history")).json()["items"]
    assert (line["attempts"], line["best_percentage"]) == (2, 100)
    key = f"quizzes/{owner_id}/{quiz_id}.json"
    await eventually(lambda: storage.head(key))
    sent = await kafka.read("quiz.generated", 3)
    types = [decode(message.headers() or [], message.value() or b"").data.TYPE for message in sent]
    assert types == ["quiz.generated", "quiz.submitted", "quiz.submitted"]

    assert (await alice.delete(f"/api/quiz/{quiz_id}")).status_code == 204
    assert (await alice.get(f"/api/quiz/{quiz_id}")).status_code == 404

    async def is_erased() -> bool:
        return await storage.head(key) is None

    await eventually(is_erased)


async def test_a_document_never_heard_of_ends_the_quiz_in_time(alice: httpx.AsyncClient) -> None:
    quiz_id = await ordered(alice, uuid7())
    quiz = await ended(alice, quiz_id)
    assert quiz["error"]["type"].endswith(":document-not-found")


async def test_deleting_the_document_ends_the_quiz_that_waits_for_it(
    alice: httpx.AsyncClient, kafka: KafkaSandbox, owner_id: str
) -> None:
    document_id = uuid7()
    await kafka.publish(events.uploaded(document_id, owner_id))
    quiz_id = await ordered(alice, document_id)
    await kafka.publish(events.document_deleted(document_id, owner_id))
    quiz = await ended(alice, quiz_id)
    assert quiz["error"]["type"].endswith(":document-not-found")


async def test_a_waiting_client_gets_the_finished_quiz_and_a_follower_its_states(
    alice: httpx.AsyncClient, kafka: KafkaSandbox, owner_id: str
) -> None:
    document_id = uuid7()
    [text] = events.processed(document_id, owner_id, LECTURE)
    await kafka.publish(text, events.notes_failed(document_id, owner_id))
    body = {"document_id": str(document_id), "question_types": ["true_false"], "title": "Mine"}
    reply = await alice.post("/api/quiz/generate", json=body, headers={"Prefer": "wait=30"})
    assert (reply.status_code, reply.headers["Preference-Applied"]) == (200, "wait=30")
    quiz = reply.json()
    assert (quiz["status"], quiz["title"]) == ("completed", "Mine")
    stream = await alice.get(f"/api/quiz/{quiz['quiz_id']}/events")
    assert "event: status" in stream.text
    assert '"status":"completed"' in stream.text


async def test_a_document_without_facts_ends_the_quiz_with_a_reason(
    alice: httpx.AsyncClient, kafka: KafkaSandbox, owner_id: str
) -> None:
    document_id = uuid7()
    poem = replace(LECTURE, blocks=(replace(LECTURE.blocks[0], text="O wind!", kind="paragraph"),))
    await kafka.publish(*events.processed(document_id, owner_id, poem), events.notes_failed(document_id, owner_id))
    quiz = await ended(alice, await ordered(alice, document_id))
    assert quiz["error"]["type"].endswith(":not-enough-content")
