"""KRaft nodes on loopback, each broker and controller: plain, or secured as in production.

`prepare` makes all files and may be called before every start; a home keeps the number of nodes and the kind of
security that it was made with, because data replicated to three brokers is not to be had from one.
"""

from __future__ import annotations

import base64
import subprocess
import uuid
from collections.abc import Iterable, Mapping
from pathlib import Path

from learning_kafka.access import OPERATOR
from learning_kafka.broker_config import Address, broker_principal, config_folder, render_kraft
from learning_kafka.cluster.certificates import Authority
from learning_kafka.cluster.jvm import BROKER_MEMORY, TOOL_MEMORY, Jvm
from learning_kafka.cluster.process import ClusterProcess
from learning_local.credentials import Credentials
from learning_local.files import read_json, write_json, write_text
from learning_local.problems import CannotContinue

LOOPBACK = "127.0.0.1"
MECHANISM = "SCRAM-SHA-512"
FORMAT_SECONDS = 60


def loopback_addresses(ports: Iterable[tuple[int, int, int]]) -> Mapping[int, Address]:
    """One node per triple of ports: for clients, for brokers, for controllers."""
    return {number: Address(LOOPBACK, *three) for number, three in enumerate(ports, 1)}


class KraftCluster:
    """What is in `home` and how its processes are started."""

    def __init__(
        self, home: Path, addresses: Mapping[int, Address], jvm: Jvm, *, principals: Iterable[str] | None = None
    ) -> None:
        """`principals`: secured, with a user for each of these and for the operator; None: plain."""
        self.home = home
        self.addresses = addresses
        self.secured = principals is not None
        self.principals = (OPERATOR, *(principals or ()))
        self._jvm = jvm
        self._passwords = Credentials(home / "passwords.json")

    @property
    def size(self) -> int:
        return len(self.addresses)

    @property
    def bootstrap_servers(self) -> str:
        return ",".join(f"{one.host}:{one.client_port}" for one in self.addresses.values())

    @property
    def passwords(self) -> Mapping[str, str]:
        """By principal."""
        return {principal: self._passwords.password(principal) for principal in self.principals}

    def prepare(self) -> None:
        """Raises CannotContinue when the home holds another kind of cluster."""
        self.home.mkdir(parents=True, exist_ok=True)
        cluster_id = self._remember()
        for node in self.addresses:
            self._data(node).mkdir(parents=True, exist_ok=True)
            write_text(self._directory(node) / "server.properties", self._properties(node))
        if self.secured:
            self._make_certificates()
            self._write_client_files()
        self._format(cluster_id)

    def processes(self) -> tuple[ClusterProcess, ...]:
        logging = f"-Dlog4j2.configurationFile={config_folder() / 'log4j2.xml'}"
        return tuple(
            ClusterProcess(
                f"broker-{node}",
                self._jvm.command(BROKER_MEMORY, logging, "kafka.Kafka", str(directory / "server.properties")),
                directory,
            )
            for node in self.addresses
            for directory in [self._directory(node)]
        )

    def client_environment(self, principal: str = OPERATOR) -> dict[str, str]:
        """The KAFKA_* settings with which this principal connects; who it is does not matter on a plain cluster."""
        environment = {"KAFKA_BOOTSTRAP_SERVERS": self.bootstrap_servers}
        if not self.secured:
            return environment | {"KAFKA_SECURITY_PROTOCOL": "PLAINTEXT"}
        return environment | {
            "KAFKA_SECURITY_PROTOCOL": "SASL_SSL",
            "KAFKA_SASL_MECHANISM": MECHANISM,
            "KAFKA_SASL_USERNAME": principal,
            "KAFKA_SASL_PASSWORD": self.passwords[principal],
            "KAFKA_SSL_CA_LOCATION": str(self.home / "certificates" / "ca.pem"),
        }

    def _directory(self, node: int) -> Path:
        return self.home / f"node-{node}"

    def _data(self, node: int) -> Path:
        return self._directory(node) / "data"

    def _properties(self, node: int) -> str:
        values = {
            "bind": LOOPBACK,
            "data": str(self._data(node)),
            "certificates": str(self._directory(node) / "certificates"),
        }
        return render_kraft("local", node=node, addresses=self.addresses, secured=self.secured, values=values)

    def _remember(self) -> str:
        """The id of the cluster in the home, a new one in an empty home."""
        file = self.home / "cluster.json"
        shape = {"nodes": self.size, "secured": self.secured}
        known = read_json(file)
        if known is None:
            known = {"id": new_cluster_id(), **shape}
            write_json(file, known)
        elif {name: known[name] for name in shape} != shape:
            raise CannotContinue(
                f"{self.home} holds {_described(known['nodes'], known['secured'])}, "
                f"not {_described(self.size, self.secured)}: delete its data (make -C platform-infra reset) "
                "or keep the other one elsewhere (LEARNING_HOME=…)."
            )
        return str(known["id"])

    def _make_certificates(self) -> None:
        authority = Authority(self.home / "certificates")
        for node, address in self.addresses.items():
            directory = self._directory(node) / "certificates"
            directory.mkdir(exist_ok=True)
            if not (directory / "broker.pem").is_file():
                text = authority.issue(broker_principal(node), [address.host], ["localhost"])
                write_text(directory / "broker.pem", text, mode=0o600)
            write_text(directory / "ca.pem", authority.certificate_pem)

    def _write_client_files(self) -> None:
        clients = self.home / "clients"
        clients.mkdir(exist_ok=True)
        for principal in self.principals:
            lines = [f"{name}={value}\n" for name, value in self.client_environment(principal).items()]
            write_text(clients / f"{principal}.env", "".join(lines), mode=0o600)

    def _format(self, cluster_id: str) -> None:
        """`meta.properties` makes a directory Kafka's. On a secured cluster the operator must exist before the first
        connection: that takes Kafka's own tool, once; the others get a copy of what it wrote."""
        first = self._data(1)
        if self.secured and not (first / "meta.properties").is_file():
            self._run_storage_tool(cluster_id)
        for node in self.addresses:
            data = self._data(node)
            if (data / "meta.properties").is_file():
                continue
            if self.secured:
                (data / "bootstrap.checkpoint").write_bytes((first / "bootstrap.checkpoint").read_bytes())
            write_text(data / "meta.properties", f"version=1\ncluster.id={cluster_id}\nnode.id={node}\n")

    def _run_storage_tool(self, cluster_id: str) -> None:
        directory = self._directory(1)
        arguments = [
            "format", "--cluster-id", cluster_id, "--config", str(directory / "server.properties"),
            "--add-scram", f"{MECHANISM}=[name={OPERATOR},password={self.passwords[OPERATOR]}]",
        ]  # fmt: skip
        file = directory / "format-arguments"
        write_text(file, "\n".join(arguments) + "\n", mode=0o600)  # on a command line everybody could read the password
        try:
            logging = f"-Dlog4j2.configurationFile={config_folder() / 'log4j2.xml'}"
            command = self._jvm.command(TOOL_MEMORY, logging, "kafka.tools.StorageTool", f"@{file}")
            done = subprocess.run(command, capture_output=True, text=True, timeout=FORMAT_SECONDS)
        finally:
            file.unlink()
        if done.returncode:
            raise CannotContinue(f"Kafka cannot be formatted: {''.join(done.stderr.strip().splitlines()[-1:])}")


def _described(nodes: int, secured: bool) -> str:
    return f"a {'secured' if secured else 'plain'} cluster of {nodes} broker{'s' if nodes > 1 else ''}"


def new_cluster_id() -> str:
    """22 URL-safe characters, as Kafka's own with no dash in front: its tools would take that for an option."""
    while True:
        cluster_id = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        if not cluster_id.startswith("-"):
            return cluster_id
