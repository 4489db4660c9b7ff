"""Where things are: state of one local platform in its home, downloads and environments in a cache shared by homes."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from learning_local.problems import CannotContinue

# …/platform-infra/local/src/learning_local/home.py: the package is always installed editable, from a checkout.
INFRA = Path(__file__).resolve().parents[3]
REPOSITORY = INFRA.parent


@dataclass(frozen=True)
class Home:
    """The state of one local platform: `reset` deletes exactly this directory."""

    root: Path
    cache: Path

    @classmethod
    def from_environment(cls) -> Home:
        root = Path(os.environ.get("LEARNING_HOME") or INFRA / ".local").expanduser().resolve()
        cache = Path(os.environ.get("LEARNING_CACHE") or INFRA / ".cache").expanduser().resolve()
        return cls(root, cache)

    @property
    def run(self) -> Path:
        return self.root / "run"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def state_file(self) -> Path:
        return self.run / "state.json"

    @property
    def lock_file(self) -> Path:
        return self.run / "supervisor.lock"

    @property
    def supervisor_pid_file(self) -> Path:
        return self.run / "supervisor.pid"

    @property
    def ports_file(self) -> Path:
        return self.root / "ports.json"

    @property
    def credentials_file(self) -> Path:
        return self.root / "secrets.json"

    @property
    def keys(self) -> Path:
        return self.root / "keys"

    @property
    def identity(self) -> str:
        """Eight hex digits that differ between homes, for names outside the home."""
        return hashlib.sha256(str(self.root).encode()).hexdigest()[:8]

    def make(self) -> None:
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            marker = self.root / ".learning-home"
            if not marker.exists() and any(self.root.iterdir()):
                raise CannotContinue(f"{self.root} holds something else: set LEARNING_HOME to a new directory.")
            marker.touch()  # `reset` deletes only a directory that this command has made
            for directory in (self.run, self.logs):
                directory.mkdir(exist_ok=True)
        except OSError as error:
            raise CannotContinue(
                f"{error.filename}: {error.strerror}. Set LEARNING_HOME to a place you can write to."
            ) from error

    def is_ours(self) -> bool:
        return (self.root / ".learning-home").is_file()
