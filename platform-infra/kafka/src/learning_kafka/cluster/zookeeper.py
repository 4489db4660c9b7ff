"""The layout of the guide on loopback: three ZooKeepers and three brokers of Kafka 3.9, plain.

Brokers end before the ZooKeepers: without them they cannot hand over, and wait.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from learning_kafka.broker_config import Address, config_folder, node_values, render
from learning_kafka.cluster.jvm import BROKER_MEMORY, SMALL_MEMORY, Jvm
from learning_kafka.cluster.kraft import LOOPBACK
from learning_kafka.cluster.process import ClusterProcess
from learning_local.files import write_text

JARS_LOCK = Path(__file__).resolve().parents[3] / "zookeeper-jars.lock"  # installed editable, from a checkout


class ZookeeperCluster:
    """`addresses`: the brokers (a controller's port is not used). `ensemble`: a ZooKeeper per triple of ports, for
    clients, for its followers, for elections."""

    def __init__(
        self, home: Path, addresses: Mapping[int, Address], ensemble: Sequence[tuple[int, int, int]], jvm: Jvm
    ) -> None:
        self.home = home
        self.addresses = addresses
        self._ensemble = dict(enumerate(ensemble, 1))
        self._jvm = jvm

    @property
    def size(self) -> int:
        return len(self.addresses)

    @property
    def bootstrap_servers(self) -> str:
        return ",".join(f"{one.host}:{one.client_port}" for one in self.addresses.values())

    def client_environment(self) -> dict[str, str]:
        return {"KAFKA_BOOTSTRAP_SERVERS": self.bootstrap_servers, "KAFKA_SECURITY_PROTOCOL": "PLAINTEXT"}

    def prepare(self) -> None:
        members = "\n".join(
            f"server.{number}={LOOPBACK}:{follow}:{elect}" for number, (_, follow, elect) in self._ensemble.items()
        )
        for number, (client_port, _, _) in self._ensemble.items():
            data = self._directory("zookeeper", number) / "data"
            data.mkdir(parents=True, exist_ok=True)
            write_text(data / "myid", f"{number}\n")
            values = {"data": str(data), "client_port": str(client_port), "bind": LOOPBACK, "members": members}
            write_text(data.parent / "zookeeper.properties", render(["zookeeper-server"], values))
        zookeepers = ",".join(f"{LOOPBACK}:{client_port}" for client_port, _, _ in self._ensemble.values())
        for node in self.addresses:
            directory = self._directory("broker", node)
            directory.mkdir(parents=True, exist_ok=True)
            values = {"bind": LOOPBACK, "data": str(directory / "data"), "zookeepers": zookeepers}
            values |= node_values(node, self.addresses, secured=False)
            layers = ["base", "plain", "places/local", "zookeeper"]
            write_text(directory / "server.properties", render(layers, values))

    def processes(self) -> tuple[ClusterProcess, ...]:
        """The ZooKeepers first."""
        logging = f"-Dlog4j.configuration=file:{config_folder() / 'log4j.properties'}"
        peers, brokers = [], []
        for number in self._ensemble:
            directory = self._directory("zookeeper", number)
            program = "org.apache.zookeeper.server.quorum.QuorumPeerMain"
            command = self._jvm.command(SMALL_MEMORY, logging, program, str(directory / "zookeeper.properties"))
            peers.append(ClusterProcess(f"zookeeper-{number}", command, directory, stop_rank=1))
        for node in self.addresses:
            directory = self._directory("broker", node)
            command = self._jvm.command(BROKER_MEMORY, logging, "kafka.Kafka", str(directory / "server.properties"))
            brokers.append(ClusterProcess(f"broker-{node}", command, directory))
        return (*peers, *brokers)

    def _directory(self, kind: str, number: int) -> Path:
        return self.home / f"{kind}-{number}"
