"""Start, kill and stop the processes of a cluster; what this process started ends with it, however it ends."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from confluent_kafka import KafkaException

from chassis.settings import KafkaSettings
from learning_kafka import users
from learning_kafka.cluster.kraft import KraftCluster
from learning_kafka.cluster.process import ClusterProcess
from learning_kafka.connection import Connection
from learning_local import launch
from learning_local.problems import CannotContinue

READY_SECONDS = 90.0
STOP_SECONDS = 20.0
LOG_LINES = 5


class Cluster(Protocol):
    """What can be run: `KraftCluster`, `ZookeeperCluster`."""

    home: Path

    @property
    def size(self) -> int: ...
    def prepare(self) -> None: ...
    def processes(self) -> tuple[ClusterProcess, ...]: ...
    def client_environment(self) -> dict[str, str]: ...


class RunningCluster:
    """The processes of one cluster, by name (`broker-1` …)."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._descriptions = {process.name: process for process in cluster.processes()}
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str) -> None:
        """From a thread that lives as long as the cluster: Linux ends what a thread has started together with it."""
        description = self._descriptions[name]
        launcher = (sys.executable, "-IS", launch.__file__, str(os.getpid()), str(int(signal.SIGTERM)), "-")
        with self._log(name).open("ab") as log:
            self._running[name] = subprocess.Popen(
                (*launcher, *description.command), cwd=description.directory, stdout=log, stderr=subprocess.STDOUT
            )

    def pid(self, name: str) -> int:
        return self._running[name].pid

    def kill(self, name: str) -> None:
        """As if the machine lost power: nothing is handed over, nothing is flushed."""
        self._running[name].kill()
        self._running.pop(name).wait()

    def kill_all(self) -> None:
        for name in list(self._running):
            self.kill(name)

    def stop(self, name: str) -> None:
        """Asks it to end, and ends it if it does not."""
        _end([self._running.pop(name)])

    def stop_all(self) -> None:
        for rank in sorted({one.stop_rank for one in self._descriptions.values()}):
            names = [name for name in self._running if self._descriptions[name].stop_rank == rank]
            _end([self._running.pop(name) for name in names])

    def wait_until_ready(self, seconds: float = READY_SECONDS) -> None:
        """Until all brokers know each other. Raises CannotContinue, with the last words of what does not start."""
        deadline = time.monotonic() + seconds
        while (found := self._brokers()) < self._cluster.size:
            if dead := [name for name, process in self._running.items() if process.poll() is not None]:
                raise CannotContinue(f"{dead[0]} has ended: {self._last_words(dead[0])}")
            if time.monotonic() > deadline:
                words = "; ".join(f"{name}: {self._last_words(name)}" for name in self._running)
                raise CannotContinue(f"{found} of {self._cluster.size} brokers after {seconds:g} s. {words}")
            time.sleep(0.2)

    def connection(self) -> Connection:
        """As the operator."""
        return Connection(settings_of(self._cluster.client_environment()))

    def _brokers(self) -> int:
        with contextlib.suppress(KafkaException):
            return len(self.connection().admin.list_topics(timeout=2).brokers)
        return 0

    def _log(self, name: str) -> Path:
        return self._descriptions[name].directory / "output.log"

    def _last_words(self, name: str) -> str:
        return " / ".join(self._log(name).read_text(errors="replace").splitlines()[-LOG_LINES:])


@contextlib.contextmanager
def running(cluster: Cluster) -> Iterator[RunningCluster]:
    """Prepared, started and ready, with its users; stopped on leaving."""
    cluster.prepare()
    processes = RunningCluster(cluster)
    try:
        for process in cluster.processes():
            processes.start(process.name)
        processes.wait_until_ready()
        if isinstance(cluster, KraftCluster) and cluster.secured:
            users.ensure(processes.connection(), cluster.passwords)
        yield processes
    finally:
        processes.stop_all()


def settings_of(environment: dict[str, str]) -> KafkaSettings:
    """The settings that these KAFKA_* variables make; they win over those of this process."""
    prefix = str(KafkaSettings.model_config["env_prefix"])
    return KafkaSettings.model_validate(
        {name.removeprefix(prefix).lower(): value for name, value in environment.items()}
    )


def _end(processes: list[subprocess.Popen[bytes]]) -> None:
    for process in processes:
        process.terminate()
    deadline = time.monotonic() + STOP_SECONDS
    for process in processes:
        try:
            process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
