"""Free loopback ports, chosen once, remembered in the home, and chosen again only when somebody else took one."""

from __future__ import annotations

import errno
import random
import socket
from collections.abc import Iterable
from pathlib import Path

from learning_local.files import read_json, write_json
from learning_local.problems import CannotContinue

# Below the range from which systems take the ports of outgoing connections, so that none is taken between two starts.
CANDIDATES = range(20_000, 30_000)
DEFAULT_GATEWAY_PORT = 8000


def is_free(port: int, host: str = "127.0.0.1") -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a port in TIME_WAIT is free for a server
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno in {errno.EADDRINUSE, errno.EACCES}:
                return False
            raise
    return True


def choose(names: Iterable[str], remembered: Path) -> dict[str, int]:
    """A port per name: the remembered one while it is free, else a new one; the file is brought up to date."""
    names = tuple(names)
    known = read_json(remembered)
    ports = {
        name: port
        for name, port in (known.items() if isinstance(known, dict) else ())
        if isinstance(port, int) and (name not in names or is_free(port))
    }
    taken = set(ports.values())
    candidates = iter(random.sample(CANDIDATES, len(CANDIDATES)))
    for name in names:
        if name not in ports:
            ports[name] = next(port for port in candidates if port not in taken and is_free(port))
            taken.add(ports[name])
    write_json(remembered, ports)
    return {name: ports[name] for name in names}


def gateway_port(setting: str | None) -> int:
    """The gateway's port is an address people type, so it is never replaced by another one silently."""
    try:
        port = int(setting or DEFAULT_GATEWAY_PORT)
    except ValueError:
        port = 0
    if not 0 < port < 65536:
        raise CannotContinue(f"GATEWAY_PORT={setting} is not a port: give a number from 1 to 65535.")
    if not is_free(port):
        raise CannotContinue(
            f"Port {port} is taken or not allowed: stop what uses it, or choose another with GATEWAY_PORT=…."
        )
    return port
