"""The platform as its users see it: the make targets, the gateway's address, a token. Nothing here reaches inside."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

INFRA = Path(__file__).resolve().parents[2]
LECTURE = INFRA / "examples"
# How long a quiz waits for a document nobody has told it of: two minutes in production, too long for a test.
DOCUMENT_WAIT_SECONDS = 30


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class Part:
    name: str
    state: str
    pid: int
    address: str


class Stack:
    """One copy of the platform with its own home and gateway port."""

    def __init__(self, home: Path, gateway_port: int) -> None:
        self.home = home
        self.url = f"http://127.0.0.1:{gateway_port}"
        self._environment = {
            **os.environ,
            "LEARNING_HOME": str(home),
            "GATEWAY_PORT": str(gateway_port),
            "QUIZ_DOCUMENT_WAIT_SECONDS": str(DOCUMENT_WAIT_SECONDS),
        }

    def make(self, *arguments: str, timeout_seconds: float = 300) -> str:
        """Run a make target as a user would; its standard output."""
        done = subprocess.run(
            ["make", "-s", "-C", str(INFRA), *arguments],
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=timeout_seconds,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        assert done.returncode == 0, f"make {' '.join(arguments)} failed:\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def up(self) -> str:
        return self.make("up")

    def down(self) -> None:
        self.make("down")

    def token(self, subject: str, **claims: str) -> str:
        return self.make("token", f"SUB={subject}", *(f"{name}={value}" for name, value in claims.items())).strip()

    def parts(self) -> dict[str, Part]:
        rows = json.loads(self.make("status", "JSON=1"))
        return {row["name"]: Part(row["name"], row["state"], row["pid"], row["address"]) for row in rows}

    def kill(self, name: str) -> None:
        """kill -9, as the out-of-memory killer would."""
        os.kill(self.parts()[name].pid, signal.SIGKILL)

    def keep_down(self, name: str, seconds: float) -> int:
        """Kill a part again each time the supervisor has restarted it; how often it was killed."""
        kills, last_pid, deadline = 0, 0, time.monotonic() + seconds
        while time.monotonic() < deadline:
            pid = self.parts()[name].pid
            if pid and pid != last_pid:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    continue
                kills, last_pid = kills + 1, pid
            time.sleep(0.1)
        return kills

    def power_cut(self) -> None:
        """Kill every part and the supervisor at once, the supervisor first so that it restarts nothing."""
        supervisor = int((self.home / "run" / "supervisor.pid").read_text())
        pids = [supervisor, *(part.pid for part in self.parts().values() if part.pid)]
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def save_logs(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copytree(self.home / "logs", folder / "logs", dirs_exist_ok=True)

    @contextmanager
    def learner(self, subject: str | None = None, **claims: str) -> Iterator[Learner]:
        """A learner nobody has met before, unless named."""
        token = self.token(subject or f"learner-{uuid.uuid4().hex[:12]}", **claims)
        with httpx.Client(
            base_url=f"{self.url}/v1/api", headers={"Authorization": f"Bearer {token}"}, timeout=30
        ) as client:
            yield Learner(client)


class Learner:
    """What a good client does: polls politely, retries refusals of an overloaded or restarting platform."""

    def __init__(self, client: httpx.Client) -> None:
        self.http = client

    def upload(self, name: str, content: bytes, *, key: str | None = None, **form: str) -> httpx.Response:
        headers = {"Idempotency-Key": key} if key else {}
        return self.http.post("/documents/upload", files={"file": (name, content)}, data=form, headers=headers)

    def upload_surely(self, name: str, content: bytes, seconds: float = 60) -> dict[str, Any]:
        """Upload with one Idempotency-Key, again and again, until the platform has said 2xx."""
        key = uuid.uuid4().hex
        reply = self._until(lambda: self._retried(lambda: self.upload(name, content, key=key)), seconds, "an upload")
        return dict(reply.json())

    def document(self, document_id: str, *, seconds: float = 60) -> dict[str, Any]:
        """The document once it is read or has failed."""
        return self._job(f"/documents/{document_id}", seconds)

    def notes(self, document_id: str, *, seconds: float = 60) -> dict[str, Any]:
        reply = self._until(lambda: self._found(f"/documents/{document_id}/notes"), seconds, "the notes")
        return dict(reply.json())

    def quiz_for(self, document_id: str, **asked: Any) -> str:
        reply = self.http.post("/quiz/generate", json={"document_id": document_id, **asked})
        assert reply.status_code == 202, reply.text
        return str(reply.json()["quiz_id"])

    def quiz(self, quiz_id: str, *, seconds: float = 60) -> dict[str, Any]:
        """The quiz once it is ready or has failed."""
        return self._job(f"/quiz/{quiz_id}", seconds)

    def submit(self, quiz_id: str, answers: list[dict[str, Any]]) -> dict[str, Any]:
        reply = self.http.post(f"/quiz/{quiz_id}/submit", json={"answers": answers})
        assert reply.status_code == 200, reply.text
        return dict(reply.json())

    def _job(self, path: str, seconds: float) -> dict[str, Any]:
        reply = self._until(lambda: self._final(path), seconds, f"the end of {path}")
        return dict(reply.json())

    def _final(self, path: str) -> httpx.Response | None:
        reply = self._found(path)
        return reply if reply is not None and reply.json()["status"] in {"completed", "failed"} else None

    def _found(self, path: str) -> httpx.Response | None:
        return self._retried(lambda: self.http.get(path), accepted=(200,))

    @staticmethod
    def _retried(
        request: Callable[[], httpx.Response], accepted: tuple[int, ...] = (200, 202)
    ) -> httpx.Response | None:
        """The reply, or None for a refusal that invites another try; any other refusal fails the test."""
        try:
            reply = request()
        except httpx.TransportError:
            return None
        if reply.status_code in accepted:
            return reply
        retryable = reply.status_code in {429, 502, 503, 504} or "Retry-After" in reply.headers
        assert retryable, f"{reply.request.method} {reply.request.url}: {reply.status_code} {reply.text}"
        return None

    @staticmethod
    def _until(attempt: Callable[[], httpx.Response | None], seconds: float, what: str) -> httpx.Response:
        deadline = time.monotonic() + seconds
        while True:
            reply = attempt()
            if reply is not None:
                return reply
            assert time.monotonic() < deadline, f"{what} did not come within {seconds:.0f} s"
            time.sleep(0.2)
