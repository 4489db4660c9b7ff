"""Only the owner: what somebody else made does not exist for you, whatever you ask."""

from __future__ import annotations

import time
from typing import Any

import httpx
import pytest
from stack import Learner, Stack

TEXT = b"The mitochondrion is an organelle. It was described by Albert von Koelliker in 1857. " * 20


@pytest.fixture(scope="module")
def owned(stack: Stack) -> dict[str, str]:
    """A document and a quiz that belong to somebody."""
    with stack.learner() as owner:
        document_id = owner.upload("cell.txt", TEXT).json()["document_id"]
        owner.document(document_id)
        return {"document_id": document_id, "quiz_id": owner.quiz_for(document_id)}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/documents/{document_id}"),
        ("GET", "/documents/{document_id}/content"),
        ("GET", "/documents/{document_id}/original"),
        ("GET", "/documents/{document_id}/notes"),
        ("GET", "/documents/{document_id}/events"),
        ("POST", "/documents/{document_id}/regenerate-notes"),
        ("DELETE", "/documents/{document_id}"),
        ("GET", "/quiz/{quiz_id}"),
        ("GET", "/quiz/{quiz_id}/events"),
        ("GET", "/quiz/{quiz_id}/results"),
        ("GET", "/quiz/{quiz_id}/export?format=gift"),
        ("POST", "/quiz/{quiz_id}/submit"),
        ("DELETE", "/quiz/{quiz_id}"),
    ],
)
def test_somebody_elses_object_is_not_found(stranger: Learner, owned: dict[str, str], method: str, path: str) -> None:
    bodies: dict[str, Any] = {"submit": {"answers": []}, "regenerate-notes": {"detail": "brief"}}
    reply = stranger.http.request(method, path.format(**owned), json=bodies.get(path.rsplit("/", 1)[-1]))
    assert reply.status_code == 404
    assert reply.headers["Content-Type"] == "application/problem+json"


def test_lists_hold_only_what_is_mine(stranger: Learner, owned: dict[str, str]) -> None:
    assert stranger.http.get("/documents").json()["items"] == []
    assert stranger.http.get("/quiz/history").json()["items"] == []


def test_a_quiz_from_somebody_elses_document_ends_as_document_not_found(
    stranger: Learner, owned: dict[str, str]
) -> None:
    quiz = stranger.quiz(stranger.quiz_for(owned["document_id"]))
    assert quiz["error"]["type"].endswith(":document-not-found")


def test_no_token_is_refused(stack: Stack) -> None:
    reply = httpx.get(f"{stack.url}/v1/api/documents")
    assert reply.status_code == 401
    assert reply.headers["WWW-Authenticate"].startswith("Bearer")


def test_an_expired_token_is_refused(stack: Stack) -> None:
    with stack.learner(TTL="1") as learner:
        time.sleep(2.1)
        assert learner.http.get("/documents").status_code == 401


def test_a_token_without_the_scope_is_refused_by_name(stack: Stack) -> None:
    with stack.learner(SCOPE="documents:read") as reader:
        assert reader.http.get("/documents").status_code == 200
        reply = reader.upload("cell.txt", TEXT)
    assert reply.status_code == 403
    assert reply.json()["type"].endswith(":insufficient-scope")


def test_an_unknown_path_is_a_problem_of_the_gateway(learner: Learner) -> None:
    reply = learner.http.get("/nothing-here")
    assert reply.status_code == 404
    assert reply.headers["Content-Type"] == "application/problem+json"
    assert reply.json()["request_id"] == reply.headers["X-Request-Id"]
