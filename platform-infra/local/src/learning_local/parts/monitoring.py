"""Prometheus, as `platform-infra/observability` configures it, for this machine's addresses, and the event monitor."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from learning_local.downloads import JarStore
from learning_local.files import write_text
from learning_local.home import INFRA, Home
from learning_local.parts.base import LOOPBACK, Command, Part, check_http, check_port
from learning_local.problems import NotReady

OBSERVABILITY = INFRA / "observability"
EXPORTER_LOCK = INFRA / "local" / "exporter-jars.lock"
KEPT = "7d"

Targets = Mapping[str, Sequence[Mapping[str, Any]]]  # by the name of the file that holds them


class EventMonitor(Part):
    name = "event-monitor"

    def __init__(self, port: int, environment: Mapping[str, str], needs: tuple[str, ...]) -> None:
        """`environment`: with the KAFKA_* settings of `platform-monitor`."""
        self.needs = needs
        self._port = port
        self._environment = environment

    @property
    def address(self) -> str:
        return f"http://{LOOPBACK}:{self._port}/metrics"

    def command(self) -> Command:
        program = str(OBSERVABILITY / "event_monitor.py")
        return Command((sys.executable, program, "--port", str(self._port)), OBSERVABILITY, self._environment)

    def check(self) -> None:
        check_port(LOOPBACK, self._port)


class Prometheus(Part):
    name = "prometheus"

    def __init__(self, home: Home, program: str, port: int, targets: Targets, environment: Mapping[str, str]) -> None:
        self._directory = home.root / "prometheus"
        self._program = program
        self._port = port
        self._targets = targets
        self._environment = environment

    @property
    def address(self) -> str:
        return f"http://{LOOPBACK}:{self._port}"

    def prepare(self) -> None:
        render(self._directory, f"{LOOPBACK}:{self._port}", self._targets)

    def command(self) -> Command:
        arguments = (
            self._program, f"--config.file={self._directory / 'prometheus.yml'}",
            f"--storage.tsdb.path={self._directory / 'data'}", f"--storage.tsdb.retention.time={KEPT}",
            f"--web.listen-address={LOOPBACK}:{self._port}", "--log.level=warn",
        )  # fmt: skip
        return Command(arguments, self._directory, self._environment)

    def check(self) -> None:
        status, body = check_http(LOOPBACK, self._port, "/-/ready")
        if status != 200:
            raise NotReady(f"/-/ready says {status}: {body[:300]}")


def render(directory: Path, address: str, targets: Targets) -> None:
    """The committed configuration and rules, with these targets in place of those for containers; no target is `[]`."""
    source = OBSERVABILITY / "prometheus"
    shutil.rmtree(directory / "rules", ignore_errors=True)
    shutil.copytree(source / "rules", directory / "rules")
    (directory / "targets").mkdir(exist_ok=True)
    for file in (source / "targets").glob("*.yml"):
        write_text(directory / "targets" / file.name, yaml.safe_dump(list(targets.get(file.stem, []))))
    write_text(directory / "prometheus.yml", (source / "prometheus.yml").read_text().replace("localhost:9090", address))


def exporter_option(home: Home, port: int) -> tuple[str, ...]:
    """For a broker's JVM: its figures on this port. Nothing where the exporter has not been fetched."""
    store = JarStore(home.cache, EXPORTER_LOCK)
    if store.missing():
        return ()
    return (f"-javaagent:{store.classpath}={LOOPBACK}:{port}:{OBSERVABILITY / 'jmx' / 'kafka.yml'}",)
