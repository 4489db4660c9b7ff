"""Wrong input gets an error that names what is wrong, and loses nothing."""

from __future__ import annotations

import uuid
from typing import Any

import materials
import pytest
from stack import Learner


def problem(reply: Any, status: int, name: str) -> dict[str, Any]:
    assert reply.status_code == status, reply.text
    assert reply.headers["Content-Type"] == "application/problem+json"
    body: dict[str, Any] = reply.json()
    assert body["type"] == f"urn:learning-platform:problem:{name}"
    assert body["detail"]
    assert body["request_id"] == reply.headers["X-Request-Id"]
    return body


def test_an_empty_file(learner: Learner) -> None:
    problem(learner.upload("empty.pdf", b""), 422, "empty-file")


def test_no_file(learner: Learner) -> None:
    reply = learner.http.post("/documents/upload", files={"title": (None, "A title alone")})
    problem(reply, 422, "empty-file")


def test_a_file_of_101_megabytes(learner: Learner) -> None:
    reply = learner.upload("large.txt", b"a" * (101 * 1024 * 1024))
    problem(reply, 413, "payload-too-large")
    assert learner.http.get("/documents").json()["items"] == []


def test_a_picture_named_pdf_is_refused_with_the_list_of_supported_types(learner: Learner) -> None:
    body = problem(learner.upload("scan.pdf", materials.png()), 415, "unsupported-media-type")
    assert "PDF" in str(body)


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (materials.pdf(password="secret"), "encrypted-document"),
        (materials.damaged_pdf(), "damaged-document"),
        (materials.scanned_pdf(), "no-text"),
    ],
    ids=["encrypted", "damaged", "scanned"],
)
def test_a_document_that_cannot_be_read_fails_by_name(learner: Learner, content: bytes, name: str) -> None:
    document_id = learner.upload("lecture.pdf", content).json()["document_id"]
    document = learner.document(document_id)
    assert document["status"] == "failed"
    assert document["error"]["type"] == f"urn:learning-platform:problem:{name}"
    assert document["error"]["detail"]
    quiz = learner.quiz(learner.quiz_for(document_id))
    assert quiz["error"]["type"] == "urn:learning-platform:problem:document-failed"


def test_utf_16_text_is_read(learner: Learner) -> None:
    text = "Zellen wurden 1665 von Robert Hooke beschrieben. Größe und Form sind verschieden. " * 10
    document_id = learner.upload("notizen.txt", text.encode("utf-16")).json()["document_id"]
    assert learner.document(document_id)["status"] == "completed"
    content = learner.http.get(f"/documents/{document_id}/content", headers={"Accept": "text/markdown"}).text
    assert "Größe" in content


def test_a_document_of_3000_pages_is_refused_by_name_and_holds_up_nobody(learner: Learner) -> None:
    long = learner.upload("long.pdf", materials.long_pdf(3_000)).json()["document_id"]
    short = learner.upload("short.pdf", materials.pdf()).json()["document_id"]
    assert learner.document(short)["status"] == "completed"
    error = learner.document(long)["error"]
    assert error["type"] == "urn:learning-platform:problem:document-too-large"
    assert "3000" in error["detail"]


def test_a_file_name_with_path_parts_quotes_and_emoji(learner: Learner) -> None:
    name = '../../etc/"my" lecture 🎓.txt'
    document_id = learner.upload(name, materials.SENTENCES.encode()).json()["document_id"]
    document = learner.http.get(f"/documents/{document_id}").json()
    assert "/" not in document["filename"]
    assert "🎓" in document["filename"]
    original = learner.http.get(f"/documents/{document_id}/original")
    assert original.content == materials.SENTENCES.encode()


def test_the_same_bytes_twice_are_one_document(learner: Learner) -> None:
    first = learner.upload("a.txt", materials.SENTENCES.encode())
    again = learner.upload("b.txt", materials.SENTENCES.encode())
    assert (first.status_code, again.status_code) == (202, 200)
    assert first.json()["document_id"] == again.json()["document_id"]


@pytest.mark.parametrize(
    ("asked", "pointer"),
    [
        ({"question_count": 0}, "/question_count"),
        ({"question_count": 51}, "/question_count"),
        ({"question_count": "ten"}, "/question_count"),
        ({"question_types": ["essay"]}, "/question_types/0"),
        ({"difficulty": "impossible"}, "/difficulty"),
        ({"colour": "blue"}, "/colour"),
    ],
)
def test_a_quiz_nobody_can_make_is_refused_with_a_pointer(
    learner: Learner, asked: dict[str, Any], pointer: str
) -> None:
    reply = learner.http.post("/quiz/generate", json={"document_id": str(uuid.uuid4()), **asked})
    body = problem(reply, 422, "validation-failed")
    assert pointer in [error["pointer"] for error in body["errors"]]


def test_a_body_that_is_not_json(learner: Learner) -> None:
    reply = learner.http.post(
        "/quiz/generate", content=b'{"document_id": ', headers={"Content-Type": "application/json"}
    )
    assert reply.status_code in {400, 422}
    problem(reply, reply.status_code, reply.json()["type"].rsplit(":", 1)[-1])


class TestSubmit:
    @pytest.fixture
    def quiz(self, learner: Learner) -> dict[str, Any]:
        document_id = learner.upload("cells.pdf", materials.pdf()).json()["document_id"]
        return learner.quiz(learner.quiz_for(document_id, question_count=3))

    def test_an_answer_for_a_question_that_is_not_in_the_quiz(self, learner: Learner, quiz: dict[str, Any]) -> None:
        answers = [{"question_id": str(uuid.uuid4()), "answer": "cell"}]
        reply = learner.http.post(f"/quiz/{quiz['quiz_id']}/submit", json={"answers": answers})
        assert reply.status_code == 422
        assert answers[0]["question_id"] in reply.text

    def test_the_same_question_answered_twice(self, learner: Learner, quiz: dict[str, Any]) -> None:
        answer = {"question_id": quiz["questions"][0]["question_id"], "answer": "cell"}
        reply = learner.http.post(f"/quiz/{quiz['quiz_id']}/submit", json={"answers": [answer, answer]})
        assert reply.status_code == 422
        assert learner.http.get(f"/quiz/{quiz['quiz_id']}/results").json()["attempts"] == []

    def test_a_repeated_request_with_the_same_key_is_one_attempt(self, learner: Learner, quiz: dict[str, Any]) -> None:
        path, headers = f"/quiz/{quiz['quiz_id']}/submit", {"Idempotency-Key": uuid.uuid4().hex}
        first = learner.http.post(path, json={"answers": []}, headers=headers)
        again = learner.http.post(path, json={"answers": []}, headers=headers)
        assert again.headers["Idempotency-Replayed"] == "true"
        assert first.json() == again.json()
        assert len(learner.http.get(f"/quiz/{quiz['quiz_id']}/results").json()["attempts"]) == 1


def test_the_same_key_with_another_body(learner: Learner) -> None:
    headers, asked = {"Idempotency-Key": uuid.uuid4().hex}, {"document_id": str(uuid.uuid4())}
    assert learner.http.post("/quiz/generate", json=asked, headers=headers).status_code == 202
    reply = learner.http.post("/quiz/generate", json={**asked, "question_count": 7}, headers=headers)
    problem(reply, 422, "idempotency-key-reused")
    assert len(learner.http.get("/quiz/history").json()["items"]) == 1
