"""The gateway: the stand-in in `kong/`, reading the same `kong.yml` as a real Kong, with its placeholders filled in."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping

from learning_local.files import write_text
from learning_local.home import REPOSITORY, Home
from learning_local.parts.base import LOOPBACK, Command, Part, check_port
from learning_local.problems import CannotContinue

FOLDER = REPOSITORY / "kong"


class Gateway(Part):
    name = "gateway"

    def __init__(self, home: Home, port: int, environment: Mapping[str, str], status_port: int | None = None) -> None:
        """`status_port`: where its figures are, None: nowhere."""
        self._configuration = home.root / "gateway" / "kong.yml"
        self._port = port
        self._environment = environment
        self._status = () if status_port is None else ("--status-port", str(status_port))

    @property
    def address(self) -> str:
        return f"http://{LOOPBACK}:{self._port}"

    def prepare(self) -> None:
        command = (sys.executable, "-m", "kong_stand_in", "render")
        done = subprocess.run(
            command, cwd=FOLDER, env=dict(self._environment), capture_output=True, text=True, timeout=60
        )
        if done.returncode:
            last = done.stderr.strip().splitlines()[-1:]
            raise CannotContinue(f"its kong.yml cannot be rendered: {''.join(last)}")
        self._configuration.parent.mkdir(exist_ok=True)
        write_text(self._configuration, done.stdout, mode=0o600)

    def command(self) -> Command:
        options = ("--config", str(self._configuration), "--host", LOOPBACK, "--port", str(self._port), *self._status)
        return Command((sys.executable, "-m", "kong_stand_in", "serve", *options), FOLDER, self._environment)

    def check(self) -> None:
        check_port(LOOPBACK, self._port)
