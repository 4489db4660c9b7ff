"""Make the files of a Kafka cluster and print how it is started and used: `python -m learning_local.cluster …`.

A process of its own, because schemas, templates and certificates would stay in the supervisor's memory (60 MB).
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from learning_kafka import access
from learning_kafka.cluster.jvm import Jvm
from learning_kafka.cluster.kraft import KraftCluster, loopback_addresses

from learning_local.problems import CannotContinue


def main(directory: str, cache: str, security: str, *nodes: str) -> None:
    """`security`: secured or plain; each node as `clients,brokers,controllers`: its three ports."""
    ports = [(int(clients), int(brokers), int(controllers)) for clients, brokers, controllers in map(split, nodes)]
    principals = access.principals() if security == "secured" else None
    cluster = KraftCluster(Path(directory), loopback_addresses(ports), Jvm.ready(Path(cache)), principals=principals)
    cluster.prepare()
    plan = {
        "commands": [process.command for process in cluster.processes()],
        "operator": cluster.client_environment(),
        "clients": {name: cluster.client_environment(name) for name in access.principals()},
        "passwords": str(cluster.home / "passwords.json") if cluster.secured else None,
    }
    print(json.dumps(plan))


def split(node: str) -> list[str]:
    return node.split(",")


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except CannotContinue as reason:
        sys.exit(str(reason))
