"""Apache Kafka as a cluster: each node a part of its own, configured from the templates of `platform-infra/kafka`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from learning_local.files import write_text
from learning_local.home import Home
from learning_local.kafka_shape import KafkaShape
from learning_local.parts.base import LOOPBACK, Command, Part, check_port
from learning_local.parts.kafka import ClassArchive, brokers, fingerprint_of_topics, make_topics
from learning_local.problems import CannotContinue, NotReady

PREPARE_SECONDS = 90
PROVISION_SECONDS = 60
REPLICAS = 3


@dataclass(frozen=True)
class Plan:
    """What `learning_local.cluster` prints: a command per node, and the KAFKA_* settings of each principal."""

    commands: Sequence[tuple[str, ...]]
    operator: Mapping[str, str]
    clients: Mapping[str, Mapping[str, str]]
    passwords: str | None  # the file; None on a plain cluster

    @classmethod
    def make(cls, home: Home, shape: KafkaShape, ports: Mapping[str, int]) -> Plan:
        """Makes the cluster's files too, those of an earlier start included. Raises CannotContinue."""
        chosen = [str(ports[name]) for name in shape.port_names]
        nodes = [",".join(chosen[first : first + 3]) for first in range(0, len(chosen), 3)]
        security = "secured" if shape.secured else "plain"
        printed = _run("learning_local.cluster", directory(home), home.cache, security, *nodes, seconds=PREPARE_SECONDS)
        plan = json.loads(printed)
        plan["commands"] = [tuple(command) for command in plan["commands"]]
        return cls(**plan)


class ClusterNode(Part):
    # The last nodes to stop have no quorum any more and wait for one; what was acknowledged is on their disks.
    stop_seconds = 10.0

    def __init__(self, number: int, port: int, plan: Plan, home: Home, agent: tuple[str, ...] = ()) -> None:
        self.name = f"kafka-{number}"
        self._port = port
        self._plan = plan
        self._directory = directory(home) / f"node-{number}"
        java, *rest = plan.commands[number - 1]
        self._command = (java, *agent, *rest)

    @property
    def address(self) -> str:
        return f"{LOOPBACK}:{self._port}"

    def command(self) -> Command:
        return Command(self._command, self._directory, os.environ)

    def check(self) -> None:
        check_port(LOOPBACK, self._port)
        self._brokers()

    def _brokers(self) -> int:
        return brokers({**client_config(self._plan.operator), "bootstrap.servers": self.address})


class FirstNode(ClusterNode):
    """The one that gives the cluster its content, and writes the archive of classes for all."""

    stop_seconds = 40.0  # the first stop also writes the class archive

    def __init__(
        self, port: int, plan: Plan, home: Home, agent: tuple[str, ...], archive: ClassArchive,
        groups: Sequence[str] | None,
    ) -> None:  # fmt: skip
        """`groups`: with the contracts' topics and their dead letters; None: an empty cluster."""
        super().__init__(1, port, plan, home, agent)
        self._archive = archive
        self._may_write_archive = not agent
        self._groups = groups
        self._made = directory(home) / "topics"

    def prepare(self) -> None:
        self._archive.prepare()

    def command(self) -> Command:
        java, *rest = self._command
        writing = self._archive.options() if self._may_write_archive and not self._archive.exists else ()
        return Command((java, *writing, *rest), self._directory, os.environ)

    def check(self) -> None:
        check_port(LOOPBACK, self._port)
        found, wanted = self._brokers(), len(self._plan.commands)
        # Copies are placed when a topic is made. Later a node that is away must not keep this one from starting.
        if found < wanted and not self._is_provisioned():
            raise NotReady(f"{found} of {wanted} brokers know each other")

    def provision(self) -> None:
        if self._groups is None or self._is_provisioned():
            return
        environment = {**os.environ, **self._plan.operator}
        make_topics(environment, self._groups, replicas=min(REPLICAS, len(self._plan.commands)))
        if self._plan.passwords is not None:
            for arguments in (("users", "apply", "--passwords", self._plan.passwords), ("acls", "apply", "--prune")):
                _run("learning_kafka", *arguments, seconds=PROVISION_SECONDS, environment=environment)
        write_text(self._made, fingerprint_of_topics(self._groups))

    def after_stop(self) -> None:
        self._archive.keep()

    def _is_provisioned(self) -> bool:
        if self._groups is None:
            return False
        return self._made.is_file() and self._made.read_text() == fingerprint_of_topics(self._groups)


def client_config(environment: Mapping[str, str]) -> dict[str, Any]:
    """KAFKA_* settings for librdkafka, whose names are the variables' with dots."""
    return {name.removeprefix("KAFKA_").lower().replace("_", "."): value for name, value in environment.items()}


def directory(home: Home) -> Path:
    return home.root / "kafka"


def nodes(
    home: Home, shape: KafkaShape, ports: Mapping[str, int], agents: Mapping[str, tuple[str, ...]],
    archive: ClassArchive, groups: Sequence[str] | None,
) -> tuple[Plan, list[ClusterNode]]:  # fmt: skip
    """Made ready to be started. `agents`: Java's options for what watches a node, by its name."""
    plan = Plan.make(home, shape, ports)
    first, *others = shape.node_names
    return plan, [
        FirstNode(ports[first], plan, home, agents.get(first, ()), archive, groups),
        *(ClusterNode(number, ports[name], plan, home, agents.get(name, ())) for number, name in enumerate(others, 2)),
    ]


def _run(module: str, *arguments: object, seconds: float, environment: Mapping[str, str] = os.environ) -> str:
    """What it prints. Raises CannotContinue with the last line of what it complains about."""
    command = (sys.executable, "-m", module, *map(str, arguments))
    done = subprocess.run(command, env=dict(environment), capture_output=True, text=True, timeout=seconds)
    if done.returncode:
        said = done.stderr.strip() or done.stdout.strip()
        raise CannotContinue(f"Kafka cannot be made ready: {''.join(said.splitlines()[-1:])}")
    return done.stdout
