"""What a part is: how it is prepared, started, found ready, given its content, and stopped.

All methods may block and are called again at every restart, so each finds out itself what is already done.
"""

from __future__ import annotations

import http.client
import signal
import socket
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from learning_local.problems import CannotContinue, NotReady

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True)
class Command:
    arguments: tuple[str, ...]
    directory: Path
    environment: Mapping[str, str]
    user: str | None = None  # None: the same as the supervisor


class Part(ABC):
    name: str
    needs: tuple[str, ...] = ()  # parts that must be ready before this one is started
    needs_to_prepare: tuple[str, ...] = ()  # those of them that `prepare` asks for something
    stopped_after: tuple[str, ...] = ()  # parts that must have stopped before this one is
    stop_signal = signal.SIGTERM
    stop_seconds = 20.0
    start_seconds = 90.0

    @property
    @abstractmethod
    def address(self) -> str: ...

    def prepare(self) -> None:
        """Make files and directories. Raises CannotContinue."""

    def command(self) -> Command | None:
        """What to run; None for a part that runs somewhere else."""
        return None

    @abstractmethod
    def check(self) -> None:
        """Return when it answers. Raises NotReady; takes two seconds at most."""

    def provision(self) -> None:
        """Once it answers: databases, topics, buckets."""

    def after_stop(self) -> None:
        """Once its process has ended by our signal."""


class External(Part):
    """A server that the environment names: nothing is started, but it is asked and given its content."""

    def __init__(self, name: str, address: str, check: Callable[[], None], provision: Callable[[], None]) -> None:
        self.name = name
        self._address = address
        self._check = check
        self._provision = provision

    @property
    def address(self) -> str:
        return self._address

    def check(self) -> None:
        self._check()

    def provision(self) -> None:
        self._provision()


def package_directory(name: str) -> Path:
    """Where an installed package is, without importing it (some do a lot on import)."""
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise CannotContinue(f"The package {name} has no build for this machine: see platform-infra/local/README.md.")
    return Path(spec.origin).parent


def check_port(host: str, port: int) -> None:
    """Raises NotReady unless something listens."""
    try:
        socket.create_connection((host, port), timeout=1).close()
    except OSError as error:
        raise NotReady(f"{host}:{port} {error.strerror or error}") from error


def check_http(host: str, port: int, path: str) -> tuple[int, str]:
    """Status and the beginning of the body. Raises NotReady if nothing answers."""
    connection = http.client.HTTPConnection(host, port, timeout=2)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.read(2000).decode(errors="replace")
    except (OSError, http.client.HTTPException) as error:
        raise NotReady(f"http://{host}:{port}{path} {error}") from error
    finally:
        connection.close()
