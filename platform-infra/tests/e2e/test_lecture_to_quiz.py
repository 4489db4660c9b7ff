"""The platform's main job on real input: a lecture goes in, cited notes and a graded quiz come out."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from stack import LECTURE, Learner, Stack

LECTURES = sorted(LECTURE.glob("*.pdf")) + sorted(LECTURE.glob("*.docx"))


def test_there_is_a_lecture_of_each_kind() -> None:
    assert {path.suffix for path in LECTURES} == {".pdf", ".docx"}


def test_the_guides_integration_test_runs_as_written(learner: Learner) -> None:
    """Upload, generate and get, one straight after the other, waiting for nothing."""
    uploaded = learner.http.post("/documents/upload", files={"file": ("lecture.pdf", LECTURES[0].read_bytes())})
    document_id = uploaded.json()["document_id"]
    generated = learner.http.post("/quiz/generate", json={"document_id": document_id, "question_count": 10})
    quiz_id = generated.json()["quiz_id"]
    assert learner.http.get(f"/quiz/{quiz_id}").status_code == 200


@pytest.mark.parametrize("lecture", LECTURES, ids=lambda path: path.suffix)
def test_a_lecture_becomes_cited_notes_and_a_graded_quiz(learner: Learner, lecture: Path) -> None:
    uploaded = learner.upload(lecture.name, lecture.read_bytes())
    assert uploaded.status_code == 202
    document_id = uploaded.json()["document_id"]
    assert uploaded.headers["Location"] == f"/v1/api/documents/{document_id}"

    document = learner.document(document_id)
    assert document["status"] == "completed", document["error"]
    assert len(document["outline"]) >= 5

    notes = learner.notes(document_id)
    assert_every_quote_stands_in_the_document(learner, document_id, notes)

    quiz = learner.quiz(learner.quiz_for(document_id, question_count=10))
    assert quiz["status"] == "completed", quiz["error"]
    assert len(quiz["questions"]) == 10

    nothing_answered = learner.submit(quiz["quiz_id"], [])
    assert nothing_answered["percentage"] == 0
    right_answers = [
        {"question_id": result["question_id"], "answer": result["correct_answer"]}
        for result in nothing_answered["results"]
    ]
    everything_right = learner.submit(quiz["quiz_id"], right_answers)
    assert everything_right["percentage"] == 100
    assert all(result["explanation"] and result["source"]["quote"] for result in everything_right["results"])

    results = learner.http.get(f"/quiz/{quiz['quiz_id']}/results").json()
    assert [attempt["percentage"] for attempt in results["attempts"]].count(100) == 1
    assert results["best_percentage"] == 100


def assert_every_quote_stands_in_the_document(learner: Learner, document_id: str, notes: dict[str, Any]) -> None:
    blocks = {block["index"]: block for block in read_all_blocks(learner, document_id)}
    points = [
        *notes["summary"],
        *notes["key_points"],
        *(point for section in notes["sections"] for point in section["points"]),
        *notes["glossary"],
    ]
    sources = [source for point in points for source in point["sources"]]
    assert len(notes["summary"]) >= 3
    assert len(notes["key_points"]) >= 5
    assert len(sources) >= len(points)
    for source in sources:
        block = blocks[source["block"]]
        assert block["text"][source["start"] : source["end"]] == source["quote"]
        assert block["page"] == source["page"]


def read_all_blocks(learner: Learner, document_id: str) -> list[dict[str, Any]]:
    blocks: list[dict[str, Any]] = []
    url: str | None = f"/v1/api/documents/{document_id}/content?limit=100"
    while url:
        page = learner.http.get(str(learner.http.base_url.join(url))).json()
        blocks += page["blocks"]
        url = page["next"]
    return blocks


def test_a_quiz_tells_no_answer_before_it_is_submitted(learner: Learner) -> None:
    document_id = learner.upload("lecture.pdf", LECTURES[0].read_bytes()).json()["document_id"]
    quiz = learner.quiz(learner.quiz_for(document_id, question_types=["short_answer"], question_count=3))
    answers = [result["correct_answer"] for result in learner.submit(quiz["quiz_id"], [])["results"]]
    shown = json.dumps(quiz)
    assert answers
    assert not [answer for answer in answers if answer in shown]
    assert "correct" not in shown


def test_prefer_wait_answers_with_the_finished_document(learner: Learner) -> None:
    reply = learner.http.post(
        "/documents/upload", files={"file": ("lecture.txt", b"Plain words. " * 50)}, headers={"Prefer": "wait=30"}
    )
    assert reply.status_code == 200
    assert reply.json()["status"] == "completed"
    assert "wait" in reply.headers["Preference-Applied"]


def test_the_status_stream_ends_with_the_final_state(learner: Learner) -> None:
    document_id = learner.upload("lecture.pdf", LECTURES[0].read_bytes()).json()["document_id"]
    with learner.http.stream("GET", f"/documents/{document_id}/events") as stream:
        data = [json.loads(line[6:]) for line in stream.iter_lines() if line.startswith("data: ")]
    assert data[-1]["status"] == "completed"


def test_deleting_a_document_removes_it_and_fails_quizzes_that_ask_for_it(learner: Learner) -> None:
    document_id = learner.upload("lecture.pdf", LECTURES[0].read_bytes()).json()["document_id"]
    learner.document(document_id)
    assert learner.http.delete(f"/documents/{document_id}").status_code == 204
    assert learner.http.get(f"/documents/{document_id}").status_code == 404
    assert learner.http.get("/documents").json()["items"] == []
    quiz = learner.quiz(learner.quiz_for(document_id))
    assert quiz["status"] == "failed"
    assert quiz["error"]["type"].endswith(":document-not-found")


def test_the_example_takes_a_lecture_from_upload_to_graded_quiz(stack: Stack) -> None:
    done = subprocess.run(
        [
            sys.executable,
            str(LECTURE / "first_lecture.py"),
            str(LECTURES[0]),
            "--auto",
            "--url",
            stack.url,
            "--token",
            stack.token("reader-of-the-readme"),
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "score" in done.stdout.lower()
    assert "page" in done.stdout.lower() or "p." in done.stdout
