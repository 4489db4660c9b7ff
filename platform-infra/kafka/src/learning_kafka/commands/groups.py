"""`groups`: how far the services have read, and reading again from an earlier time."""

from argparse import Namespace

from learning_contracts.times import rfc3339
from learning_kafka import declared, group_admin
from learning_kafka.connection import Connection
from learning_kafka.offsets import by_topic, moves
from learning_kafka.problems import CannotContinue
from learning_kafka.report import AS_DECLARED, DIFFERS, Report, Row


def lag(connection: Connection, arguments: Namespace) -> Report:
    """Exit code 1 with --max where a group is further behind on a topic, or has lost messages to retention."""
    rows: list[Row] = []
    behind = lost = 0
    for group in arguments.groups or declared.consuming_services():
        state = group_admin.read_state(connection, group)
        positions = group_admin.read_positions(connection, group, declared.topics_read_by(group))
        topics = by_topic(positions)
        behind += sum(1 for topic in topics if arguments.max is not None and topic.lag > arguments.max)
        lost += sum(topic.lost for topic in topics)
        about = {"group": group, "state": state.name, "members": len(state.members)}
        if arguments.by_partition:
            rows += [
                {
                    **about, "topic": one.topic, "partition": one.partition, "committed": one.committed,
                    "end": one.end, "lag": one.lag, "lost": one.lost,
                }
                for one in positions
            ]  # fmt: skip
        else:
            rows += [{**about, "topic": one.topic, "lag": one.lag, "lost": one.lost} for one in topics]
    summary = f"{sum(row['lag'] for row in rows)} messages are waiting to be read."
    if lost:
        summary += f" {lost} were deleted by retention before they were read: `republish` brings them back."
    if behind:
        summary += f" {behind} topics are more than {arguments.max} behind."
    return Report(rows, summary, DIFFERS if arguments.max is not None and (behind or lost) else AS_DECLARED)


def rewind(connection: Connection, arguments: Namespace) -> Report:
    """Refused while the group is active: Kafka would refuse it too, and members would overwrite it."""
    group = arguments.group
    topics = arguments.topics or declared.topics_read_by(group)
    state = group_admin.read_state(connection, group)
    if state.active:
        members = ", ".join(state.members) or "joining"
        raise CannotContinue(f"{group} is active ({state.name}: {members}). Stop its workers, then rewind.")
    positions = group_admin.read_positions(connection, group, topics)
    first = group_admin.first_since(connection, [(one.topic, one.partition) for one in positions], arguments.to)
    found = moves(positions, first)
    if found and not arguments.dry_run:
        group_admin.rewind(connection, group, found)
    rows = [
        {
            "topic": move.topic, "partition": move.partition, "committed": move.committed, "target": move.target,
            "messages": move.messages,
        }
        for move in found
    ]  # fmt: skip
    count = sum(move.messages for move in found)
    if not found:
        return Report([], f"{group} has read nothing that is younger than {rfc3339(arguments.to)}: nothing to do.")
    would = "would read" if arguments.dry_run else "reads"
    summary = f"{group} {would} {count} messages again, from {rfc3339(arguments.to)} on."
    return Report(rows, summary, DIFFERS if arguments.dry_run else AS_DECLARED)
