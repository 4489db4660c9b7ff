"""Starts the service of `things_service.py` as a process of its own."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from chassis.testing.tokens import JwtIssuer

SERVICE = Path(__file__).with_name("things_service.py")


class Process:
    """One run of the service; `url` answers once it is ready."""

    def __init__(self, command: list[str], environment: dict[str, str], token: str) -> None:
        self.url = f"http://127.0.0.1:{environment['HTTP_PORT']}"
        self.headers = {"Authorization": f"Bearer {token}"}
        self.popen = subprocess.Popen(
            [sys.executable, str(SERVICE), *command],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline and self.popen.poll() is None:
            try:
                if httpx.get(f"{self.url}/ready").status_code == 200:
                    return
            except httpx.TransportError:
                time.sleep(0.05)
        raise AssertionError(f"never ready: {self.popen.communicate(timeout=5)}")

    def stop(self) -> None:
        self.popen.send_signal(signal.SIGTERM)

    def wait(self) -> tuple[int, str, str]:
        """The exit code, standard output and standard error at its end."""
        out, err = self.popen.communicate(timeout=20)
        return self.popen.returncode, out, err


def logged(out: str) -> list[dict[str, Any]]:
    """The log lines among the output."""
    return [json.loads(line) for line in out.splitlines() if line.startswith("{")]


@pytest.fixture
def start(jwt_issuer: JwtIssuer) -> Iterator[Callable[..., Process]]:
    started: list[Process] = []

    def begin(*command: str, ready: bool = True, **environment: str) -> Process:
        process = Process(list(command), {**complete(jwt_issuer), **environment}, jwt_issuer.token())
        started.append(process)
        if ready:
            process.wait_until_ready()
        return process

    yield begin
    for process in started:
        process.popen.kill()
        process.popen.communicate()


@pytest.fixture
def events_of() -> Callable[[str], list[str]]:
    """The names of what was logged, in order."""
    return lambda out: [line["event"] for line in logged(out)]


def complete(jwt_issuer: JwtIssuer) -> dict[str, str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    return {
        "PATH": os.environ["PATH"],
        "HTTP_PORT": str(port),
        "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1",
        "POSTGRES_DB": "things",
        "POSTGRES_USER": "things",
        "S3_BUCKET": "things",
        "JWT_ISSUERS": jwt_issuer.issuer,
        "JWT_JWKS_FILE": str(jwt_issuer.jwks_file),
        "DRAIN_SECONDS": "3",
    }
