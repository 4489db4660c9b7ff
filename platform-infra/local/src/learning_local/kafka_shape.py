"""How many brokers a home has and whether they are secured: chosen at the first `up`, kept until `reset`.

Events that are replicated to three brokers are not to be had from one, so another shape is refused, never converted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from learning_local.files import read_json
from learning_local.home import Home
from learning_local.problems import CannotContinue

# Two brokers are less available than one: both are needed for a quorum.
NUMBERS = {"1": 1, "3": 3}
SWITCH = {"0": False, "1": True}


@dataclass(frozen=True)
class KafkaShape:
    brokers: int = 1
    secured: bool = False

    @classmethod
    def chosen(cls, home: Home, environment: Mapping[str, str]) -> KafkaShape:
        """BROKERS and KAFKA_SECURE; what is not said stays as it is. Raises CannotContinue for another shape."""
        there = remembered(home)
        before = there or cls()
        wanted = cls(
            _value(environment, "BROKERS", NUMBERS, before.brokers),
            bool(_value(environment, "KAFKA_SECURE", SWITCH, before.secured)),
        )
        if there is not None and wanted != there:
            raise CannotContinue(
                f"{home.root} holds {there}, not {wanted}: delete its data (make -C platform-infra reset) "
                "or keep the other one elsewhere (LEARNING_HOME=…)."
            )
        return wanted

    @property
    def is_one_plain_node(self) -> bool:
        return self == KafkaShape()

    @property
    def node_names(self) -> tuple[str, ...]:
        """Of the parts that are Kafka."""
        return ("kafka",) if self.is_one_plain_node else tuple(f"kafka-{node}" for node in range(1, self.brokers + 1))

    @property
    def port_names(self) -> tuple[str, ...]:
        """As they stand in ports.json; of each node of a cluster those for clients, brokers and controllers."""
        if self.is_one_plain_node:
            return ("kafka", "kafka-controller")
        return tuple(f"{node}{use}" for node in self.node_names for use in ("", "-brokers", "-controllers"))

    def __str__(self) -> str:
        return f"{self.brokers} {'secured' if self.secured else 'plain'} broker{'s' if self.brokers > 1 else ''}"


def remembered(home: Home) -> KafkaShape | None:
    """What the data in the home was written by; None: there is none yet."""
    cluster = read_json(home.root / "kafka" / "cluster.json")
    if cluster is not None:
        return KafkaShape(cluster["nodes"], cluster["secured"])
    return KafkaShape() if (home.root / "kafka" / "data" / "meta.properties").is_file() else None


def _value(environment: Mapping[str, str], name: str, values: Mapping[str, int], default: int) -> int:
    given = environment.get(name)
    if not given:
        return default
    if given not in values:
        raise CannotContinue(f"{name}={given} is not possible: give {' or '.join(values)}.")
    return values[given]
