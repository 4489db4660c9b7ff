"""Every route: no token, somebody else's, bad bodies, and then what it is for."""

import json
from collections.abc import AsyncIterator, Sequence
from typing import Any
from uuid import UUID

import httpx
import pytest
import pytest_asyncio
from chassis.ids import uuid7
from chassis.testing.tokens import JwtIssuer
from support.app import READ_AND_WRITE, client_for
from support.scene import Scene, right_answers

from quiz_service.domain.grading import normalise
from quiz_service.domain.questions import MultipleChoice, ShortAnswer
from quiz_service.domain.quiz import Quiz

QUIZ = "/api/quiz/{quiz_id}"
ROUTES = [
    ("POST", "/api/quiz/generate"),
    ("GET", "/api/quiz/history"),
    ("GET", QUIZ),
    ("DELETE", QUIZ),
    ("GET", f"{QUIZ}/events"),
    ("POST", f"{QUIZ}/submit"),
    ("GET", f"{QUIZ}/results"),
    ("GET", f"{QUIZ}/export?format=gift"),
]
OF_ONE_QUIZ = [route for route in ROUTES if "quiz_id" in route[1]]


@pytest_asyncio.fixture
async def alice(scene: Scene, jwt_issuer: JwtIssuer) -> AsyncIterator[httpx.AsyncClient]:
    async with client_for(scene.app(jwt_issuer.settings), jwt_issuer) as client:
        yield client


def as_other(
    scene: Scene, issuer: JwtIssuer, subject: str | None, scopes: Sequence[str] = READ_AND_WRITE
) -> httpx.AsyncClient:
    return client_for(scene.app(issuer.settings), issuer, subject, scopes=scopes)


def problem(reply: httpx.Response) -> str:
    assert reply.headers["content-type"] == "application/problem+json"
    assert reply.json()["status"] == reply.status_code
    return str(reply.json()["type"]).rpartition(":")[2]


def path(template: str, quiz_id: UUID) -> str:
    return template.format(quiz_id=quiz_id)


async def call(client: httpx.AsyncClient, method: str, template: str, quiz: Quiz) -> httpx.Response:
    body = {"answers": right_answers(quiz)} if template.endswith("submit") else {"document_id": str(quiz.document_id)}
    return await client.request(method, path(template, quiz.quiz_id), json=body if method == "POST" else None)


@pytest.mark.parametrize(("method", "template"), ROUTES)
async def test_without_a_token_nothing_is_said(scene: Scene, jwt_issuer: JwtIssuer, method: str, template: str) -> None:
    quiz = await scene.completed()
    async with as_other(scene, jwt_issuer, None) as nobody:
        reply = await call(nobody, method, template, quiz)
    assert (reply.status_code, problem(reply)) == (401, "unauthenticated")


@pytest.mark.parametrize(("method", "template"), ROUTES)
async def test_without_the_scope_nothing_is_done(
    scene: Scene, jwt_issuer: JwtIssuer, method: str, template: str
) -> None:
    quiz = await scene.completed()
    wrong = ("quiz:write",) if method == "GET" else ("quiz:read",)
    async with as_other(scene, jwt_issuer, "alice", wrong) as client:
        reply = await call(client, method, template, quiz)
    assert (reply.status_code, problem(reply)) == (403, "insufficient-scope")


@pytest.mark.parametrize(("method", "template"), OF_ONE_QUIZ)
async def test_somebody_elses_quiz_does_not_exist(
    scene: Scene, jwt_issuer: JwtIssuer, method: str, template: str
) -> None:
    quiz = await scene.completed()
    async with as_other(scene, jwt_issuer, "mallory") as mallory:
        reply = await call(mallory, method, template, quiz)
        assert (reply.status_code, problem(reply)) == (404, "not-found")
        assert (await mallory.get("/api/quiz/history")).json()["items"] == []
    assert quiz.quiz_id in scene.database.quizzes


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"question_count": 0}, "/question_count"),
        ({"question_count": 51}, "/question_count"),
        ({"question_count": "ten"}, "/question_count"),
        ({"question_count": "10"}, "/question_count"),
        ({"question_types": ["essay"]}, "/question_types/0"),
        ({"question_types": []}, "/question_types"),
        ({"question_types": ["true_false", "true_false"]}, "/question_types"),
        ({"difficulty": "brutal"}, "/difficulty"),
        ({"document_id": "not-an-id"}, "/document_id"),
        ({"document_id": None}, "/document_id"),
        ({"title": ""}, "/title"),
        ({"title": "x" * 201}, "/title"),
        ({"title": "nul\x00"}, "/title"),
        ({"seed": -1}, "/seed"),
        ({"colour": "red"}, "/colour"),
    ],
)
async def test_an_order_that_makes_no_sense_is_refused_by_field(
    scene: Scene, alice: httpx.AsyncClient, change: dict[str, Any], pointer: str
) -> None:
    reply = await alice.post("/api/quiz/generate", json={"document_id": str(uuid7()), **change})
    assert (reply.status_code, problem(reply)) == (422, "validation-failed")
    assert pointer in [error["pointer"] for error in reply.json()["errors"]]
    assert scene.database.quizzes == {}


async def test_a_body_that_is_not_json_is_refused(alice: httpx.AsyncClient) -> None:
    reply = await alice.post("/api/quiz/generate", content=b"{", headers={"Content-Type": "application/json"})
    assert reply.status_code in (400, 422)
    assert problem(reply) == "malformed-body"


async def test_an_order_is_accepted_before_anything_is_known_of_the_document(
    scene: Scene, alice: httpx.AsyncClient
) -> None:
    document_id = str(uuid7())
    reply = await alice.post("/api/quiz/generate", json={"document_id": document_id, "question_count": 10})
    body = reply.json()
    assert reply.status_code == 202
    assert set(body) == {"quiz_id", "status", "document_id", "created_at"}
    assert (body["status"], body["document_id"]) == ("generating", document_id)
    assert reply.headers["Location"] == f"/v1/api/quiz/{body['quiz_id']}"
    quiz = (await alice.get(f"/api/quiz/{body['quiz_id']}")).json()
    assert (quiz["status"], quiz["questions"], quiz["difficulty"]) == ("generating", [], "mixed")
    assert scene.event_types() == ["quiz.requested"]


async def test_the_same_key_orders_once_and_another_body_is_refused(scene: Scene, alice: httpx.AsyncClient) -> None:
    body, headers = {"document_id": str(uuid7())}, {"Idempotency-Key": "k"}
    first = await alice.post("/api/quiz/generate", json=body, headers=headers)
    again = await alice.post("/api/quiz/generate", json=body, headers=headers)
    assert (again.status_code, again.json(), again.headers["Idempotency-Replayed"]) == (202, first.json(), "true")
    other = await alice.post("/api/quiz/generate", json={**body, "question_count": 6}, headers=headers)
    assert (other.status_code, problem(other)) == (422, "idempotency-key-reused")
    assert len(scene.database.quizzes) == 1


async def test_nothing_a_learner_can_read_of_a_quiz_tells_an_answer(scene: Scene, alice: httpx.AsyncClient) -> None:
    quiz = await scene.completed()
    for _ in ("before", "after"):
        for route in (path(QUIZ, quiz.quiz_id), path(f"{QUIZ}/events", quiz.quiz_id), "/api/quiz/history"):
            text = (await alice.get(route)).text
            for question in quiz.questions:
                assert json.dumps(question.stem.explanation, ensure_ascii=False)[1:-1] not in text
                if isinstance(question, MultipleChoice):
                    assert all(not option.note or option.note not in text for option in question.options)
        shown = (await alice.get(path(QUIZ, quiz.quiz_id))).json()
        for question in shown["questions"]:
            assert set(question) == {"question_id", "number", "type", "prompt", "options", "points", "difficulty"}
            assert all(set(option) == {"option_id", "text"} for option in question["options"])
        for question, made in zip(shown["questions"], quiz.questions, strict=True):
            if isinstance(made, ShortAnswer):
                assert not set(normalise(made.accepted[0])) <= set(normalise(question["prompt"]))
        await alice.post(path(f"{QUIZ}/submit", quiz.quiz_id), json={"answers": right_answers(quiz)})


async def test_a_submission_is_scored_explained_and_remembered(scene: Scene, alice: httpx.AsyncClient) -> None:
    quiz = await scene.completed()
    submit = path(f"{QUIZ}/submit", quiz.quiz_id)
    perfect = (await alice.post(submit, json={"answers": right_answers(quiz)})).json()
    assert (perfect["number"], perfect["percentage"]) == (1, 100)
    for result, question in zip(perfect["results"], quiz.questions, strict=True):
        assert result["your_answer"] == result["correct_answer"] == question.correct_answer
        assert (result["is_correct"], result["explanation"]) == (True, question.stem.explanation)
        assert result["source"] == {"page": question.stem.source.page, "quote": question.stem.source.quote}
    empty = (await alice.post(submit, json={"answers": []})).json()
    assert (empty["number"], empty["score"]) == (2, 0)
    assert all(result["your_answer"] is None for result in empty["results"])

    results = (await alice.get(path(f"{QUIZ}/results", quiz.quiz_id))).json()
    assert results == {"quiz_id": str(quiz.quiz_id), "attempts": [perfect, empty], "best_percentage": 100}
    [line] = (await alice.get("/api/quiz/history")).json()["items"]
    assert (line["attempts"], line["best_percentage"], line["question_count"]) == (2, 100, 6)
    assert line["last_submitted_at"] == empty["submitted_at"]
    assert scene.event_types()[-2:] == ["quiz.submitted", "quiz.submitted"]


async def test_answers_that_make_no_sense_are_refused_by_name(scene: Scene, alice: httpx.AsyncClient) -> None:
    quiz = await scene.completed()
    submit, [first, *_] = path(f"{QUIZ}/submit", quiz.quiz_id), right_answers(quiz)
    stranger = {"question_id": str(uuid7()), "answer": True}
    for answers, pointer in (
        ([stranger], "/answers/0/question_id"),
        ([first, first], "/answers/1/question_id"),
        ([{**first, "answer": 7}], "/answers/0/answer"),
        ([{**first, "answer": None}], "/answers/0/answer"),
        ([{"question_id": "x", "answer": True}], "/answers/0/question_id"),
        ([first] * 51, "/answers"),
    ):
        reply = await alice.post(submit, json={"answers": answers})
        assert (reply.status_code, problem(reply)) == (422, "validation-failed")
        assert any(error["pointer"].startswith(pointer) for error in reply.json()["errors"]), reply.json()
    assert scene.database.made_attempts == []


async def test_a_quiz_that_is_not_ready_takes_no_answers_and_is_not_exported(
    scene: Scene, alice: httpx.AsyncClient
) -> None:
    quiz_id = await scene.order(uuid7())
    reply = await alice.post(path(f"{QUIZ}/submit", quiz_id), json={"answers": []})
    assert (reply.status_code, problem(reply), reply.headers["Retry-After"]) == (409, "quiz-not-ready", "1")
    export = await alice.get(path(f"{QUIZ}/export", quiz_id), params={"format": "tsv"})
    assert (export.status_code, problem(export)) == (409, "quiz-not-ready")


async def test_the_history_is_paged_newest_first(scene: Scene, alice: httpx.AsyncClient) -> None:
    ordered = [await scene.order(uuid7()) for _ in range(5)]
    seen: list[str] = []
    page: str | None = "/api/quiz/history?limit=2"
    while page:
        body = (await alice.get(page)).json()
        seen += [item["quiz_id"] for item in body["items"]]
        page = body["next"] and body["next"].removeprefix("/v1")
    assert seen == [str(quiz_id) for quiz_id in reversed(ordered)]
    for query in ("limit=0", "limit=101", "cursor=nonsense"):
        assert (await alice.get(f"/api/quiz/history?{query}")).status_code == 422


async def test_a_deleted_quiz_is_gone_in_every_state(scene: Scene, alice: httpx.AsyncClient) -> None:
    for quiz_id in (await scene.order(uuid7()), (await scene.completed()).quiz_id):
        assert (await alice.delete(path(QUIZ, quiz_id))).status_code == 204
        for method, template in OF_ONE_QUIZ:
            body = {"answers": []} if method == "POST" else None
            assert (await alice.request(method, path(template, quiz_id), json=body)).status_code == 404
    assert (await alice.get("/api/quiz/history")).json()["items"] == []


async def test_an_export_waits_for_the_first_submission_unless_an_author_asks(
    scene: Scene, alice: httpx.AsyncClient, jwt_issuer: JwtIssuer
) -> None:
    quiz = await scene.completed()
    export = path(f"{QUIZ}/export?format=gift", quiz.quiz_id)
    refused = await alice.get(export)
    assert (refused.status_code, problem(refused)) == (409, "not-yet-submitted")
    async with as_other(scene, jwt_issuer, "alice", ("quiz:read", "quiz:author")) as author:
        assert (await author.get(export)).status_code == 200
    await alice.post(path(f"{QUIZ}/submit", quiz.quiz_id), json={"answers": []})
    allowed = await alice.get(export)
    assert allowed.status_code == 200
    assert "attachment" in allowed.headers["Content-Disposition"]
    assert (await alice.get(path(f"{QUIZ}/export?format=pdf", quiz.quiz_id))).status_code == 422
