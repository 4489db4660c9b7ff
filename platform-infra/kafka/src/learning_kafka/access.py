"""Who may do what, derived from the contracts alone: what no rule here allows, the authorizer refuses.

A service writes exactly the topics it produces and its own dead letters, and reads exactly those it consumes.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from chassis.kafka.client_config import dead_letter_topic
from learning_kafka import declared

# Looks at everything, changes nothing: what lag collectors and checks in CI connect as.
MONITOR = "platform-monitor"
# Runs this tool; a super user by the brokers' configuration, so it needs no rules and cannot lock itself out.
OPERATOR = "platform-operator"
CLUSTER = "kafka-cluster"  # the only name that Kafka gives to the resource of type cluster

ResourceKind = Literal["topic", "group", "cluster", "transactional_id"]
Pattern = Literal["literal", "prefixed"]


@dataclass(frozen=True, slots=True, order=True)
class Rule:
    """One allowed operation. `name` is the resource's on the cluster, prefix included; `principal` has no `User:`."""

    principal: str
    resource: ResourceKind
    pattern: Pattern
    name: str
    operation: str


def principals() -> Sequence[str]:
    """Everybody who connects with a name and rules of their own; the operator is not among them."""
    return [*declared.services(), MONITOR]


def rules(topic_prefix: str = "") -> Sequence[Rule]:
    """All rules of the installation, in the order in which a person reads them."""
    found: list[Rule] = []
    for service in declared.services():
        found += _of_service(service, topic_prefix)
    return [*found, *_of_monitor(topic_prefix)]


def _of_service(service: str, prefix: str) -> Iterable[Rule]:
    for topic in declared.topics_written_by(service):
        yield Rule(service, "topic", "literal", prefix + topic, "write")
    for topic in declared.topics_read_by(service):
        yield Rule(service, "topic", "literal", prefix + topic, "read")
    if service in declared.consuming_services():
        dead_letters = prefix + dead_letter_topic(service)
        yield Rule(service, "topic", "literal", dead_letters, "write")
        yield Rule(service, "topic", "literal", dead_letters, "read")
        yield Rule(service, "group", "literal", prefix + service, "read")
        # Helpers of the group, such as the one that remembers what was redriven. The dot keeps `quiz-service-2` out.
        yield Rule(service, "group", "prefixed", f"{prefix}{service}.", "read")
    # Implied by any write since Kafka 3.0; the brokers of the ZooKeeper layout may be older.
    yield Rule(service, "cluster", "literal", CLUSTER, "idempotent_write")


def _of_monitor(prefix: str) -> Iterable[Rule]:
    everything: tuple[Pattern, str] = ("prefixed", prefix) if prefix else ("literal", "*")
    yield Rule(MONITOR, "topic", *everything, "describe")
    yield Rule(MONITOR, "topic", *everything, "describe_configs")
    yield Rule(MONITOR, "group", *everything, "describe")
    yield Rule(MONITOR, "cluster", "literal", CLUSTER, "describe")
    yield Rule(MONITOR, "cluster", "literal", CLUSTER, "describe_configs")


@dataclass(frozen=True, slots=True)
class AccessDifference:
    """`missing`: declared, not on the cluster. `unexpected`: on the cluster, declared by nobody."""

    missing: Sequence[Rule]
    unexpected: Sequence[Rule]

    def __bool__(self) -> bool:
        return bool(self.missing or self.unexpected)


def difference(wanted: Iterable[Rule], current: Iterable[Rule]) -> AccessDifference:
    wanted, current = set(wanted), set(current)
    return AccessDifference(sorted(wanted - current), sorted(current - wanted))
