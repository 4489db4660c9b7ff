"""What the supervisor knows, published as one file: every other command reads it, only the supervisor writes it."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from learning_local.files import read_json, write_json
from learning_local.home import Home
from learning_local.processes import ProcessIdentity


class State(StrEnum):
    WAITING = "waiting"  # for the parts it needs
    PREPARING = "preparing"
    STARTING = "starting"
    READY = "ready"
    RESTARTING = "restarting"  # it died and comes back
    STOPPED = "stopped"


@dataclass
class PartState:
    name: str
    address: str
    state: State = State.WAITING
    external: bool = False
    pid: int | None = None
    started_at: float | None = None  # of the process, as the system tells it
    stop_signal: int = 15
    ready_after_seconds: float | None = None
    restarts: int = 0
    problem: str | None = None

    @property
    def identity(self) -> ProcessIdentity | None:
        return None if self.pid is None or self.started_at is None else ProcessIdentity(self.pid, self.started_at)


@dataclass
class StackState:
    supervisor: ProcessIdentity
    gateway_url: str
    parts: list[PartState] = field(default_factory=list)

    def save(self, home: Home) -> None:
        write_json(home.state_file, asdict(self))


def load(home: Home) -> StackState | None:
    value = read_json(home.state_file)
    if value is None:
        return None
    try:
        parts = [PartState(**{**part, "state": State(part["state"])}) for part in value["parts"]]
        return StackState(ProcessIdentity(**value["supervisor"]), value["gateway_url"], parts)
    except (KeyError, TypeError, ValueError):
        return None  # written by another version; its processes are found no more, as after a reboot


class SupervisorLock:
    """Held by the one supervisor of a home for as long as it lives; the kernel lets go of it whatever kills it."""

    def __init__(self, home: Home) -> None:
        self._path = home.lock_file
        self._file: Any = None

    def take(self) -> bool:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._file = self._path.open("a")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._file.close()
            return False
        return True

    def release(self) -> None:
        self._file.close()

    def is_held(self) -> bool:
        """Whether a supervisor runs (asked by another process)."""
        if not self._path.is_file():
            return False
        with self._path.open("a") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
        return False


def this_process() -> ProcessIdentity:
    identity = ProcessIdentity.of(os.getpid())
    assert identity is not None
    return identity


def find_leftovers(parts: Iterable[PartState]) -> list[PartState]:
    """Parts whose process outlived its supervisor."""
    return [part for part in parts if part.identity and part.identity.find()]
