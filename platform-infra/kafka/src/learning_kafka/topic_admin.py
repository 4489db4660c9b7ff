"""Topics on the cluster: read as they are, and changed by the steps of a plan."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import (
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewPartitions,
    NewTopic,
    ResourceType,
    TopicMetadata,
)

from learning_kafka.connection import REQUEST_SECONDS, Connection
from learning_kafka.declared import DeclaredTopic
from learning_kafka.topic_plan import Difference, TopicState


@dataclass(frozen=True, slots=True)
class PartitionHealth:
    """How the partitions of a topic are doing now."""

    under_replicated: int
    without_leader: int


def names_on_cluster(connection: Connection) -> Sequence[str]:
    """Topics of this installation, without the prefix and without Kafka's own."""
    names = _metadata(connection)
    return sorted(connection.unprefixed(name) for name in names if connection.is_ours(name) and name[:2] != "__")


def read_topics(connection: Connection, names: Iterable[str]) -> Mapping[str, TopicState]:
    """Those of `names` (without prefix) that exist."""
    metadata = _metadata(connection)
    there = [name for name in names if connection.name(name) in metadata]
    if not there:
        return {}
    resources = {ConfigResource(ResourceType.TOPIC, connection.name(name)): name for name in there}
    futures = connection.admin.describe_configs(list(resources), request_timeout=REQUEST_SECONDS)
    configs = {resources[resource]: connection.wait(future) for resource, future in futures.items()}
    states = {}
    for name in there:
        partitions = metadata[connection.name(name)].partitions.values()
        values = {key: str(entry.value) for key, entry in configs[name].items()}
        states[name] = TopicState(len(partitions), min((len(one.replicas) for one in partitions), default=0), values)
    return states


def read_health(connection: Connection, names: Iterable[str]) -> Mapping[str, PartitionHealth]:
    metadata = _metadata(connection)
    health = {}
    for name in names:
        partitions = metadata[connection.name(name)].partitions.values()
        health[name] = PartitionHealth(
            sum(len(one.isrs) < len(one.replicas) for one in partitions), sum(one.leader < 0 for one in partitions)
        )
    return health


def apply(connection: Connection, declared: Iterable[DeclaredTopic], steps: Iterable[Difference]) -> None:
    """Carry out the steps. Raises KafkaException for the first that Kafka refuses; what was done stays."""
    by_name = {topic.name: topic for topic in declared}
    steps = list(steps)
    _create(connection, [by_name[step.topic] for step in steps if step.step == "create"])
    _configure(connection, [step for step in steps if step.step == "configure"])
    _grow(connection, [step for step in steps if step.step == "grow"])


def _create(connection: Connection, topics: Sequence[DeclaredTopic]) -> None:
    if not topics:
        return
    new = [
        NewTopic(connection.name(topic.name), topic.partitions, topic.replicas, config=dict(topic.configs))
        for topic in topics
    ]
    for future in connection.admin.create_topics(new, operation_timeout=REQUEST_SECONDS).values():
        try:
            connection.wait(future)
        except KafkaException as error:
            if error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:  # somebody else was faster
                raise


def _configure(connection: Connection, steps: Sequence[Difference]) -> None:
    if not steps:
        return
    resources: dict[str, ConfigResource] = {}
    for step in steps:
        resource = resources.setdefault(step.topic, ConfigResource(ResourceType.TOPIC, connection.name(step.topic)))
        entry = ConfigEntry(step.what, step.declared, incremental_operation=AlterConfigOpType.SET)
        resource.add_incremental_config(entry)
    for future in connection.admin.incremental_alter_configs(list(resources.values())).values():
        connection.wait(future)


def _grow(connection: Connection, steps: Sequence[Difference]) -> None:
    if not steps:
        return
    new = [NewPartitions(connection.name(step.topic), int(step.declared)) for step in steps]
    for future in connection.admin.create_partitions(new, operation_timeout=REQUEST_SECONDS).values():
        connection.wait(future)


def _metadata(connection: Connection) -> Mapping[str, TopicMetadata]:
    try:
        found: Mapping[str, TopicMetadata] = connection.admin.list_topics(timeout=REQUEST_SECONDS).topics
    except KafkaException as error:
        raise connection.explained(error) from error
    return found
