"""What the contracts declare, as Kafka knows it: topics with their settings, and who takes part."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chassis.kafka.topics import MILLISECONDS_PER_DAY, TopicSpec, declared_topics
from learning_contracts import registry

# With three copies a write needs two: one broker may be down, and what was acknowledged is on two disks.
MOST_MIN_IN_SYNC = 2
DEFAULT_REPLICAS = 3


@dataclass(frozen=True, slots=True)
class DeclaredTopic:
    """`name` without the prefix of the installation."""

    name: str
    partitions: int
    replicas: int
    configs: Mapping[str, str]


def retention_days(milliseconds: str) -> float | None:
    """Of the setting `retention.ms`; None: for ever."""
    return None if milliseconds == "-1" else round(int(milliseconds) / MILLISECONDS_PER_DAY, 2)


def consuming_services() -> Sequence[str]:
    """Those that read topics; each is a consumer group of its own name."""
    return sorted({consumer for topic in registry.topics() for consumer in topic.consumers})


def services() -> Sequence[str]:
    """Everybody who writes or reads a topic; each is a principal of its own name."""
    producers = {producer for topic in registry.topics() for producer in topic.producers}
    return sorted(producers | set(consuming_services()))


def topics_read_by(group: str) -> Sequence[str]:
    return [topic.name for topic in registry.topics() if group in topic.consumers]


def topics_written_by(service: str) -> Sequence[str]:
    return [topic.name for topic in registry.topics() if service in topic.producers]


def topics(replicas: int = DEFAULT_REPLICAS) -> Sequence[DeclaredTopic]:
    """Every topic of the contracts and the dead letters of every group."""
    return [_declared(spec, replicas) for spec in declared_topics(consuming_services())]


def _declared(spec: TopicSpec, replicas: int) -> DeclaredTopic:
    configs = {
        "cleanup.policy": "delete",
        "min.insync.replicas": str(min(MOST_MIN_IN_SYNC, replicas)),
        "retention.ms": str(spec.retention_days * MILLISECONDS_PER_DAY),
        # A broker that lacks acknowledged messages must never lead, whatever a cluster's default is.
        "unclean.leader.election.enable": "false",
    }
    return DeclaredTopic(spec.name, spec.partitions, replicas, configs)
