"""Brokers' configuration from layers: one base, the kind of quorum, the security, and what is special about a place.

A later layer replaces lines of an earlier one; then `${name}` is filled in. Whatever is missing is an error, never
an empty value in a running broker.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from string import Template

from learning_kafka.access import OPERATOR
from learning_kafka.declared import MOST_MIN_IN_SYNC
from learning_kafka.problems import WrongUsage

MOST_REPLICAS = 3


def config_folder() -> Path:
    """Beside `src` in a checkout, inside the package in an installed wheel."""
    packaged = Path(str(files("learning_kafka"))) / "data" / "config"
    return packaged if packaged.is_dir() else Path(__file__).resolve().parents[2] / "config"


@dataclass(frozen=True, slots=True)
class Address:
    """A node as others reach it."""

    host: str
    client_port: int
    broker_port: int
    controller_port: int


@dataclass(frozen=True, slots=True)
class Place:
    """`host` is a pattern over `{node}` (from 1), `{index}` (from 0) and `values`.

    `values` are the place's own, to be set by whoever renders; None has no default.
    """

    host: str
    values: Mapping[str, str | None]
    port_step: int = 0  # between nodes; those on one machine share no port

    def address(self, node: int, values: Mapping[str, str]) -> Address:
        first = int(values.get("first_port", "9092")) + (node - 1) * self.port_step
        host = self.host.format(node=node, index=node - 1, **values)
        return Address(host, client_port=first, controller_port=first + 1, broker_port=first + 2)


_INSIDE = {
    "bind": "0.0.0.0",  # noqa: S104 - who gets to a container or an instance is decided around it
    "data": "/var/lib/kafka/data",
    "certificates": "/etc/kafka/certificates",
}
PLACES: Mapping[str, Place] = {
    "local": Place(
        "127.0.0.1", {"bind": "127.0.0.1", "data": None, "certificates": "-", "first_port": "29092"}, port_step=3
    ),
    "compose": Place("kafka-{node}", {**_INSIDE, "first_host_port": "29092"}),
    "kubernetes": Place(
        "kafka-{index}.kafka.{namespace}.svc.cluster.local", {**_INSIDE, "namespace": "kafka", "rack": None}
    ),
    "ec2": Place("kafka-{node}.{domain}", {**_INSIDE, "domain": None, "rack": None}),
}


def broker_principal(node: int) -> str:
    """The common name of a broker's certificate."""
    return f"broker-{node}"


def render_place(name: str, *, node: int, nodes: int, secured: bool, settings: Mapping[str, str]) -> str:
    """`server.properties` of one of `nodes` nodes. Raises WrongUsage for a value that is unknown or missing."""
    place = PLACES[name]
    if unknown := settings.keys() - place.values.keys():
        raise WrongUsage(f"{name} has no value {', '.join(sorted(unknown))}: it has {', '.join(sorted(place.values))}.")
    if not 1 <= node <= nodes:
        raise WrongUsage(f"Node {node} is none of 1 to {nodes}.")
    values = {**place.values, **settings}
    if missing := sorted(key for key, value in values.items() if value is None):
        raise WrongUsage(f"{name} needs --set for: {', '.join(missing)}.")
    given = {key: value for key, value in values.items() if value is not None}
    addresses = {number: place.address(number, given) for number in range(1, nodes + 1)}
    if "first_host_port" in given:
        given["host_port"] = str(int(given["first_host_port"]) + node - 1)
    return render_kraft(name, node=node, addresses=addresses, secured=secured, values=given)


def render_kraft(
    place: str, *, node: int, addresses: Mapping[int, Address], secured: bool, values: Mapping[str, str]
) -> str:
    """`server.properties` of a node of a KRaft cluster at these addresses, by node."""
    voters = ",".join(f"{number}@{one.host}:{one.controller_port}" for number, one in addresses.items())
    layers = ["base", "kraft", "secured" if secured else "plain", f"places/{place}"]
    return render(layers, {**node_values(node, addresses, secured=secured), "voters": voters, **values})


def node_values(node: int, addresses: Mapping[int, Address], *, secured: bool) -> dict[str, str]:
    """What the templates of a broker need to know of the cluster."""
    own = addresses[node]
    replicas = min(MOST_REPLICAS, len(addresses))
    return {
        "node": str(node),
        "host": own.host,
        "client_port": str(own.client_port),
        "broker_port": str(own.broker_port),
        "controller_port": str(own.controller_port),
        "client_protocol": "SASL_SSL" if secured else "PLAINTEXT",
        "broker_protocol": "SSL" if secured else "PLAINTEXT",
        "replicas": str(replicas),
        "min_in_sync": str(min(MOST_MIN_IN_SYNC, replicas)),
        "super_users": ";".join(f"User:{name}" for name in (OPERATOR, *map(broker_principal, addresses))),
    }


def render(layers: Sequence[str], values: Mapping[str, str]) -> str:
    """The layers (names of files in `config`) over each other. Raises KeyError for a value that is missing."""
    lines: dict[str, str] = {}
    for layer in layers:
        for line in (config_folder() / f"{layer}.properties").read_text().splitlines():
            if line and not line.startswith("#"):
                lines[line.partition("=")[0]] = line
    header = f"# Rendered from {', '.join(layers)} in platform-infra/kafka/config: change it there.\n"
    return header + Template("\n".join(lines.values())).substitute(values) + "\n"
