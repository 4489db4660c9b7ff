#!/usr/bin/env python3
"""From a lecture to a graded quiz through the gateway: upload, notes with page numbers, questions, score.

    python3 first_lecture.py sample_lecture.pdf            # you answer in the terminal
    python3 first_lecture.py sample_lecture.pdf --auto     # the first option of every question

Standard library only. Without --token it asks `make -C platform-infra token` for one.
"""
# ruff: noqa: T201 - a program for the terminal

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

PLATFORM_INFRA = Path(__file__).resolve().parents[1]
FINAL = {"completed", "failed", "cancelled"}
TIMEOUT_SECONDS = 90
RECONNECTS = 10

Json = dict[str, Any]


class ApiProblem(Exception):
    """A refusal by the platform, or a job that failed, in its own words."""

    def __init__(self, problem: Json) -> None:
        super().__init__(f"{problem.get('title', 'Error')}: {problem.get('detail', '')}".rstrip(": "))
        self.type = str(problem.get("type", "")).rpartition(":")[2]


class Platform:
    """The few requests of the public API that a learner's first lecture needs."""

    def __init__(self, url: str, token: str) -> None:
        self._url = url.rstrip("/") + "/v1/api"
        self._token = token

    def upload(self, file: Path) -> Json:
        boundary = uuid.uuid4().hex
        name = file.name.replace('"', "%22")
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
        body = head.encode() + file.read_bytes() + f"\r\n--{boundary}--\r\n".encode()
        return self._json("POST", "/documents/upload", body, f"multipart/form-data; boundary={boundary}")

    def document(self, document_id: str) -> Json:
        return self._json("GET", f"/documents/{document_id}")

    def notes(self, document_id: str) -> Json:
        return self._json("GET", f"/documents/{document_id}/notes")

    def generate_quiz(self, document_id: str, question_count: int) -> Json:
        return self._post("/quiz/generate", {"document_id": document_id, "question_count": question_count})

    def quiz(self, quiz_id: str) -> Json:
        return self._json("GET", f"/quiz/{quiz_id}")

    def submit(self, quiz_id: str, answers: list[Json]) -> Json:
        return self._post(f"/quiz/{quiz_id}/submit", {"answers": answers})

    def watch(self, path: str) -> Iterator[Json]:
        """Status snapshots as they come (server-sent events); a broken stream is taken up where it ended."""
        last_seen = ""
        for _ in range(RECONNECTS):
            headers = {"Accept": "text/event-stream"} | ({"Last-Event-ID": last_seen} if last_seen else {})
            try:
                with self._open("GET", f"{path}/events", headers=headers) as stream:
                    for raw in stream:
                        field, _, value = raw.decode().rstrip("\r\n").partition(": ")
                        if field == "id":
                            last_seen = value
                        elif field == "data":
                            yield json.loads(value)
                return
            except (TimeoutError, ConnectionError):
                time.sleep(1)

    def _post(self, path: str, body: Json) -> Json:
        return self._json("POST", path, json.dumps(body).encode(), "application/json")

    def _json(self, method: str, path: str, body: bytes | None = None, content_type: str | None = None) -> Json:
        headers = {"Content-Type": content_type} if content_type else {}
        if method == "POST":
            headers["Idempotency-Key"] = str(uuid.uuid4())
        with self._open(method, path, body, headers) as reply:
            content: Json = json.load(reply)
            return content

    def _open(self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> Any:
        request = urllib.request.Request(self._url + path, body, headers or {}, method=method)  # noqa: S310
        request.add_header("Authorization", f"Bearer {self._token}")
        try:
            return urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS)  # noqa: S310
        except urllib.error.HTTPError as error:
            raise ApiProblem(_problem(error)) from None


def _problem(error: urllib.error.HTTPError) -> Json:
    try:
        problem: Json = json.load(error)
    except ValueError:
        return {"title": f"{error.code} {error.reason}"}
    return problem


def take_lecture(platform: Platform, file: Path, questions: int, answer: Callable[[Json], Any]) -> None:
    document = platform.upload(file)
    document_id = document["document_id"]
    print(f"Uploaded {document['filename']} ({document['size_bytes']:,} bytes, {document['media_type']})")
    document = wait_until_read(platform, document_id)
    print(f"Read {document['page_count']} pages, {document['word_count']:,} words, language {document['language']}")
    try:
        print_notes(platform.notes(document_id))
    except ApiProblem as problem:  # a quiz needs the text alone
        print(f"\nNo notes. {problem}")

    quiz_id = platform.generate_quiz(document_id, questions)["quiz_id"]
    quiz = wait_for_quiz(platform, quiz_id)
    if quiz.get("shortfall"):
        print(f"\n{quiz['shortfall']['made']} of {questions} questions: {quiz['shortfall']['reason']}")
    print(f"\nQuiz: {len(quiz['questions'])} questions")
    answers = [{"question_id": question["question_id"], "answer": answer(question)} for question in quiz["questions"]]
    print_result(platform.submit(quiz_id, answers), quiz)


def wait_until_read(platform: Platform, document_id: str) -> Json:
    """The document once its text and its notes are there. Raises ApiProblem if either failed."""
    seen: list[tuple[Any, ...]] = []
    for snapshot in platform.watch(f"/documents/{document_id}"):
        show_progress("Text", snapshot.get("status"), snapshot.get("progress"), seen)
        show_progress("Notes", snapshot.get("notes_status"), None, seen)
        if snapshot.get("status") in FINAL and snapshot.get("notes_status") in (*FINAL, None):
            break
    document = platform.document(document_id)
    if document["status"] != "completed":
        raise ApiProblem(document.get("error") or {"title": f"The document is {document['status']}"})
    return document


def wait_for_quiz(platform: Platform, quiz_id: str) -> Json:
    seen: list[tuple[Any, ...]] = []
    for snapshot in platform.watch(f"/quiz/{quiz_id}"):
        show_progress("Quiz", snapshot.get("status"), snapshot.get("progress"), seen)
        if snapshot.get("status") in FINAL:
            break
    quiz = platform.quiz(quiz_id)
    if quiz["status"] != "completed":
        raise ApiProblem(quiz.get("error") or {"title": f"The quiz is {quiz['status']}"})
    return quiz


def show_progress(what: str, status: Any, progress: Json | None, seen: list[tuple[Any, ...]]) -> None:
    """One line for each new state."""
    done = f" {progress['done']} of {progress['total']} {progress['unit']}" if progress else ""
    state = (what, status, done)
    if status is not None and state not in seen:
        seen.append(state)
        print(f"  {what}: {status}{done}", flush=True)


def print_notes(notes: Json) -> None:
    print(f"\n{notes['title'] or 'Notes'}\n\nKey points")
    for point in notes["key_points"]:
        pages = sorted({source["page"] for source in point["sources"] if source["page"] is not None})
        where = f" (p. {', '.join(map(str, pages))})" if pages else ""
        print(f"  - {point['text']}{where}")


def ask(question: Json) -> Any:
    """The learner's answer, typed: the number of an option, t or f, or words."""
    print(f"\n{question['number']}. {question['prompt']}")
    options = question.get("options") or []
    if question["type"] == "multiple_choice":
        for number, option in enumerate(options, start=1):
            print(f"   {number}) {option['text']}")
        while True:
            typed = input("   Number: ").strip()
            if typed.isdigit() and 1 <= int(typed) <= len(options):
                return options[int(typed) - 1]["option_id"]
    if question["type"] == "true_false":
        while (typed := input("   True or false (t/f): ").strip().lower()[:1]) not in ("t", "f"):
            pass
        return typed == "t"
    return input("   Answer: ").strip()


def first_option(question: Json) -> Any:
    """What --auto answers: the first option, true, or nothing known."""
    if question["type"] == "multiple_choice":
        return question["options"][0]["option_id"]
    return True if question["type"] == "true_false" else "I do not know"


def print_result(attempt: Json, quiz: Json) -> None:
    texts = {
        option["option_id"]: option["text"]
        for question in quiz["questions"]
        for option in question.get("options") or []
    }
    print()
    for number, result in enumerate(attempt["results"], start=1):
        mark = "right" if result["is_correct"] else "partly" if result["score"] else "wrong"
        correct = texts.get(str(result["correct_answer"]), result["correct_answer"])
        page = (result.get("source") or {}).get("page")
        print(f"{number:>3}. {mark:<6} answer: {correct}{f' (p. {page})' if page else ''}")
    print(f"\nScore: {attempt['score']:g} of {attempt['max_score']:g} ({attempt['percentage']:g} %)")


def development_token() -> str:
    """From the local stack; raises ApiProblem if it is not there."""
    command = ["make", "-s", "-C", str(PLATFORM_INFRA), "token"]
    made = subprocess.run(command, capture_output=True, text=True, check=False)
    if made.returncode:
        raise ApiProblem(
            {"title": "No token", "detail": "start the platform with `make -C platform-infra up`, or give --token"}
        )
    return made.stdout.strip()


def main() -> int:
    parser = argparse.ArgumentParser(description="Take a lecture from upload to graded quiz.")
    parser.add_argument("file", type=Path, help="PDF, DOCX, text, Markdown or HTML")
    port = os.environ.get("GATEWAY_PORT", "8000")
    parser.add_argument("--url", default=f"http://127.0.0.1:{port}", help="the gateway (default %(default)s)")
    parser.add_argument("--token", help="bearer token (default: a development token of the local stack)")
    parser.add_argument("--questions", type=int, default=5, help="how many questions, 1-50 (default %(default)s)")
    parser.add_argument("--auto", action="store_true", help="answer by the first option instead of asking")
    arguments = parser.parse_args()
    try:
        platform = Platform(arguments.url, arguments.token or development_token())
        take_lecture(platform, arguments.file, arguments.questions, first_option if arguments.auto else ask)
    except ApiProblem as problem:
        print(f"\n{problem}", file=sys.stderr)
        return 1
    except FileNotFoundError as error:
        print(f"No such file: {error.filename}", file=sys.stderr)
        return 2
    except (urllib.error.URLError, ConnectionError) as error:
        print(
            f"\nThe gateway at {arguments.url} does not answer ({error}). Is it up? make -C platform-infra status",
            file=sys.stderr,
        )
        return 1
    except (KeyboardInterrupt, EOFError):
        print("\nStopped; the quiz stays open.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
