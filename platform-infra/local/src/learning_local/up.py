"""`up`: fetch what is missing, start the supervisor unless it runs, and wait until the platform answers."""

from __future__ import annotations

import http.client
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

from learning_local import java, ports
from learning_local.background import end_leftovers
from learning_local.catalogue import all_services
from learning_local.downloads import JarStore
from learning_local.home import Home
from learning_local.kafka_shape import KafkaShape
from learning_local.keys import DevelopmentKey
from learning_local.parts.monitoring import EXPORTER_LOCK
from learning_local.problems import CannotContinue
from learning_local.stack import Needed, wants_monitoring
from learning_local.state import PartState, StackState, State, SupervisorLock, load
from learning_local.terminal import Terminal

READY_SECONDS = 180.0
GIVE_UP_AFTER_RESTARTS = 3

CLOSING = """
Everything is ready after {seconds:.1f} s.

  Gateway   {url}
  Token     for alice, all scopes, one hour (another one: make -s -C platform-infra token SUB=bob)

{token}

  A first request:

  curl -H "Authorization: Bearer $(make -s -C platform-infra token)" {url}/v1/api/documents

  make -C platform-infra status | logs | down
"""


def bring_up(home: Home) -> int:
    began, terminal, lock = time.monotonic(), Terminal(), SupervisorLock(home)
    home.make()
    if Needed.from_environment(os.environ).kafka:
        KafkaShape.chosen(home, os.environ)  # another number of brokers is refused, also while the platform runs
    supervisor: subprocess.Popen[bytes] | None = None
    if lock.is_held():
        terminal.line(f"The platform in {home.root} is running already.")
    else:
        fetch_what_is_missing(home, terminal)
        if wants_monitoring(os.environ):
            prepare_monitoring(home, terminal)
        end_leftovers(home)
        ports.gateway_port(os.environ.get("GATEWAY_PORT"))
        terminal.line(f"Starting the platform in {home.root}")
        home.state_file.unlink(missing_ok=True)  # so that nothing old is taken for the new
        supervisor = start_supervisor(home)
    try:
        state = wait_until_ready(home, supervisor, terminal)
        make_first_request(home, state)
    except CannotContinue:
        terminal.line("What has started keeps running; make -C platform-infra down stops it.")
        raise
    token = DevelopmentKey(home.keys).token()
    terminal.line(CLOSING.format(seconds=time.monotonic() - began, url=state.gateway_url, token=token).rstrip())
    return 0


def fetch_what_is_missing(home: Home, terminal: Terminal) -> None:
    if not Needed.from_environment(os.environ).kafka:
        return
    if java.find(home.cache) is None:
        terminal.line(f"Fetching a Java runtime (none of version {java.OLDEST_JAVA} or newer on PATH) …")
        java.fetch(home.cache)
    JarStore(home.cache).fetch(lambda done, total: terminal.progress("Apache Kafka", done, total))


def prepare_monitoring(home: Home, terminal: Terminal) -> None:
    """What cannot be had is told and left out: the platform does not need it."""
    if shutil.which("prometheus") is None:
        terminal.line(
            "There is no prometheus on PATH, so none is started (on Debian: apt-get install --no-install-recommends "
            "prometheus, or a binary from https://prometheus.io/download): the exporters run without it."
        )
    try:
        JarStore(home.cache, EXPORTER_LOCK).fetch(lambda _done, _total: None)
    except CannotContinue as reason:
        terminal.line(f"The brokers' own figures are left out: {reason}")


def start_supervisor(home: Home) -> subprocess.Popen[bytes]:
    """In a session of its own, so that it outlives this command and its terminal."""
    with supervisor_log(home).open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "learning_local", "supervise"],
            cwd=home.root, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip


def supervisor_log(home: Home) -> Path:
    return home.logs / "supervisor.log"


def wait_until_ready(home: Home, supervisor: subprocess.Popen[bytes] | None, terminal: Terminal) -> StackState:
    deadline, announced = time.monotonic() + READY_SECONDS, set[str]()
    while True:
        state = load(home)
        for part in state.parts if state else []:
            if part.state is State.READY and part.name not in announced:
                announced.add(part.name)
                terminal.line(ready_line(part))
        waiting = [part for part in state.parts if part.state is not State.READY] if state else []
        if state is not None and not waiting:
            return state
        if supervisor is not None and supervisor.poll() is not None:
            raise CannotContinue(f"The supervisor ended: {last_line(supervisor_log(home))}")
        if failing := [part for part in waiting if part.restarts >= GIVE_UP_AFTER_RESTARTS]:
            raise CannotContinue("\n".join(f"{part.name} does not start: {explain(home, part)}" for part in failing))
        if time.monotonic() > deadline:
            late = "; ".join(f"{part.name}: {explain(home, part)}" for part in waiting) or "the supervisor says nothing"
            raise CannotContinue(f"Not ready after {READY_SECONDS:.0f} s. {late}")
        terminal.update(f"  waiting for {', '.join(part.name for part in waiting)}")
        time.sleep(0.1)


def ready_line(part: PartState) -> str:
    note = "external" if part.external else f"{part.ready_after_seconds or 0:.1f} s"
    return f"  {part.name:<24} ready  {note:>9}   {part.address}"


def explain(home: Home, part: PartState) -> str:
    """The problem in one line, with what the part itself said last."""
    last = last_line(home.logs / f"{part.name}.log")
    said = f" (last line of its log: {last})" if last else ""
    return f"{part.problem or part.state.value}{said}. See: make -C platform-infra logs SERVICE={part.name}"


def last_line(log: Path) -> str:
    lines = log.read_text(errors="replace").strip().splitlines() if log.is_file() else []
    return lines[-1][:300] if lines else ""


def make_first_request(home: Home, state: StackState) -> None:
    """One request as a client makes it, through the gateway to a service and back. Raises CannotContinue."""
    running = {part.name for part in state.parts}
    paths = {"document-reader-service": "/v1/api/documents", "quiz-service": "/v1/api/quiz/history"}
    path = next((paths[service.name] for service in all_services() if service.name in running & paths.keys()), None)
    if path is None or "gateway" not in running:
        return
    headers = {"Authorization": f"Bearer {DevelopmentKey(home.keys).token(scopes=('documents:read', 'quiz:read'))}"}
    url = urlsplit(state.gateway_url)
    connection = http.client.HTTPConnection(url.hostname or "", url.port or 80, timeout=15)
    try:
        connection.request("GET", path, headers=headers)
        response = connection.getresponse()
        body = response.read(500).decode(errors="replace")
    except (OSError, http.client.HTTPException) as error:
        raise CannotContinue(
            f"The gateway does not answer GET {path}: {error}. See: make -C platform-infra logs"
        ) from error
    finally:
        connection.close()
    if response.status != 200:
        raise CannotContinue(
            f"GET {path} through the gateway gave {response.status}: {body}. See: make -C platform-infra logs"
        )
