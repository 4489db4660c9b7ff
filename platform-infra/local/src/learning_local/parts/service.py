"""One of our services: migrations first, then API and worker in one process (apart in production)."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from learning_local.catalogue import Service
from learning_local.home import Home
from learning_local.parts.base import LOOPBACK, Command, Part, check_http
from learning_local.problems import CannotContinue, NotReady

MIGRATION_SECONDS = 120


class ServicePart(Part):
    stop_seconds = 30.0  # longer than a service takes to drain

    def __init__(
        self, home: Home, service: Service, port: int, environment: Mapping[str, str], needs: tuple[str, ...]
    ) -> None:
        self.name = service.name
        self.needs = needs
        self.needs_to_prepare = tuple(need for need in needs if need == "postgres")  # migrations do not wait for Kafka
        self._service = service
        self._port = port
        self._environment = environment
        self._log = home.logs / f"{service.name}.log"

    @property
    def address(self) -> str:
        return f"http://{LOOPBACK}:{self._port}"

    def prepare(self) -> None:
        if self._service.database is not None:
            migrate(self._python("migrate"), self._service.folder, self._environment, self._log)

    def command(self) -> Command:
        return Command(self._python("all"), self._service.folder, self._environment)

    def check(self) -> None:
        status, body = check_http(LOOPBACK, self._port, "/ready")
        if status != 200:
            raise NotReady(f"/ready says {status}: {body[:300]}")

    def _python(self, role: str) -> tuple[str, ...]:
        return (sys.executable, "-m", self._service.module, role)


def migrate(command: tuple[str, ...], folder: Path, environment: Mapping[str, str], log: Path) -> None:
    with log.open("ab") as output:
        try:
            done = subprocess.run(
                command, cwd=folder, env=dict(environment), stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                timeout=MIGRATION_SECONDS,
            )  # fmt: skip
        except subprocess.TimeoutExpired as error:
            raise CannotContinue(f"its migrations took longer than {MIGRATION_SECONDS} s") from error
    if done.returncode:
        raise CannotContinue(f"its migrations failed with exit code {done.returncode}")
