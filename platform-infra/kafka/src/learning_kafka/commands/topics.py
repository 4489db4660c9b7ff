"""`topics`: the contracts' topics and the groups' dead letters, on the cluster as they are declared."""

from argparse import Namespace
from collections.abc import Sequence

from learning_contracts import registry
from learning_kafka import declared, topic_admin
from learning_kafka.connection import Connection
from learning_kafka.report import AS_DECLARED, DIFFERS, Report, Row
from learning_kafka.settling import look_until
from learning_kafka.topic_plan import Difference, differences


def verify(connection: Connection, arguments: Namespace) -> Report:
    found = _differences(connection, arguments.replicas, grow=False)
    if not found:
        return Report([], f"All {len(declared.topics())} topics are as declared.")
    return Report(_rows(found, "differs"), f"{len(found)} differences.", DIFFERS)


def create(connection: Connection, arguments: Namespace) -> Report:
    """Carries out what can be, and says what cannot; a second run finds nothing to do."""
    if arguments.dry_run:
        found = _differences(connection, arguments.replicas, grow=arguments.grow_partitions)
        steps = sum(1 for difference in found if difference.step)
        summary = f"{steps} steps would be taken, {len(found) - steps} differences would stay."
        return Report(_rows(found, "differs"), summary, DIFFERS if found else AS_DECLARED)
    taken, left = _converge(connection, arguments.replicas, grow=arguments.grow_partitions)
    if not taken and not left:
        return Report([], f"All {len(declared.topics())} topics are as declared: nothing to do.")
    summary = f"{len(taken)} steps taken, {len(left)} differences stay."
    return Report([*_rows(taken, "done"), *_rows(left, "stays")], summary, DIFFERS if left else AS_DECLARED)


def _converge(
    connection: Connection, replicas: int, *, grow: bool
) -> tuple[Sequence[Difference], Sequence[Difference]]:
    """The steps taken and the differences left. Each look may find more: a topic that somebody else has just made."""
    taken: list[Difference] = []

    def step() -> Sequence[Difference]:
        found = _differences(connection, replicas, grow=grow)
        new = [difference for difference in found if difference.step and difference not in taken]
        topic_admin.apply(connection, declared.topics(replicas), new)
        taken.extend(new)
        return found

    return taken, look_until(step, lambda found: not any(difference.step for difference in found))


def describe(connection: Connection, _: Namespace) -> Report:
    names = [topic.name for topic in declared.topics()]
    there = topic_admin.read_topics(connection, names)
    health = topic_admin.read_health(connection, there)
    users = {topic.name: topic for topic in registry.topics()}
    rows = []
    for name, state in there.items():
        topic = users.get(name)
        rows.append(
            {
                "topic": name,
                "partitions": state.partitions,
                "replicas": state.replicas,
                "min_in_sync": int(state.configs["min.insync.replicas"]),
                "retention_days": declared.retention_days(state.configs["retention.ms"]),
                "under_replicated": health[name].under_replicated,
                "without_leader": health[name].without_leader,
                "producers": list(topic.producers) if topic else [name.removesuffix(".dlq")],
                "consumers": list(topic.consumers) if topic else [],
            }
        )
    others = sorted(set(topic_admin.names_on_cluster(connection)) - set(names))
    summary = f"{len(rows)} of {len(names)} declared topics are there."
    if others:
        summary += f" Besides them, declared by nobody: {', '.join(others)}."
    return Report(rows, summary)


def _differences(connection: Connection, replicas: int, *, grow: bool) -> Sequence[Difference]:
    wanted = declared.topics(replicas)
    return differences(wanted, topic_admin.read_topics(connection, [topic.name for topic in wanted]), grow=grow)


def _rows(found: Sequence[Difference], state: str) -> Sequence[Row]:
    return [
        {
            "topic": one.topic,
            "what": one.what,
            "declared": one.declared,
            "actual": one.actual,
            "step": one.step,
            "state": state,
            "remark": one.remark or None,
        }
        for one in found
    ]
