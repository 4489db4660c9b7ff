"""`dead-letters`: what groups could not handle: listed, shown, sent again, or dropped for good."""

import asyncio
import sys
from argparse import Namespace
from collections.abc import Collection, Sequence

from confluent_kafka import KafkaException, TopicPartition

from chassis.kafka.client_config import dead_letter_topic
from chassis.kafka.dead_letters import DeadLetter, list_dead_letters, redrive, show_dead_letter
from chassis.kafka.errors import DeadLetterNotWritten
from learning_kafka import declared, group_admin, topic_admin
from learning_kafka.connection import REQUEST_SECONDS, Connection
from learning_kafka.offsets import Position
from learning_kafka.problems import CannotContinue, WrongUsage
from learning_kafka.report import AS_DECLARED, DIFFERS, Report, Row

EVERYTHING = sys.maxsize


def list_(connection: Connection, arguments: Namespace) -> Report:
    """With --fail-if-any the exit code says whether there are any, for automation."""
    rows: list[Row] = []
    total = 0
    for group in arguments.groups or declared.consuming_services():
        positions = _positions(connection, group)
        total += sum(position.end - position.start for position in positions)
        if any(position.end > position.start for position in positions):
            letters = asyncio.run(list_dead_letters(connection.settings, group, arguments.limit))
            rows += [{"group": group, **_row(letter, positions)} for letter in letters]
    summary = f"{total} dead letters" + (f", {len(rows)} shown." if len(rows) < total else ".")
    return Report(rows, summary, DIFFERS if total and arguments.fail_if_any else AS_DECLARED)


def show(connection: Connection, arguments: Namespace) -> Report:
    partition, offset = arguments.place
    _positions(connection, arguments.group)  # says that the topic is missing, where it is
    letter = asyncio.run(show_dead_letter(connection.settings, arguments.group, partition, offset))
    if letter is None:
        raise CannotContinue(f"{arguments.group} has no dead letter {partition}:{offset}: see `dead-letters list`.")
    rows: list[Row] = [{"part": name, "content": text} for name, text in sorted(letter.reason.items())]
    rows += [{"part": f"header {name}", "content": _readable(value)} for name, value in letter.headers]
    rows += [{"part": "key", "content": _readable(letter.key)}, {"part": "value", "content": _readable(letter.value)}]
    return Report(rows, f"Dead letter {partition}:{offset} of {arguments.group}.")


def send_again(connection: Connection, arguments: Namespace) -> Report:
    """Each goes back to the topic it came from, event id kept; without --only, each once."""
    group, only = arguments.group, set(arguments.only or ())
    positions = _positions(connection, group)
    letters = _chosen(connection, group, positions, only)
    homeless = [letter for letter in letters if "topic" not in letter.reason]
    if homeless:
        places = ", ".join(f"{letter.partition}:{letter.offset}" for letter in homeless)
        raise CannotContinue(f"Nothing says where {places} came from: nothing is sent. Name the others with --only.")
    rows = [_row(letter, positions) for letter in letters]
    if not letters:
        return Report([], f"{group} has no dead letter that was not sent again.")
    if arguments.dry_run:
        return Report(rows, f"{len(letters)} dead letters of {group} would be sent again.", DIFFERS)
    try:
        sent = asyncio.run(redrive(connection.settings, group, only or None))
    except DeadLetterNotWritten as error:
        raise CannotContinue(f"Not all were sent, run it again: {error}") from error
    return Report(rows, f"{sent} dead letters of {group} sent again.")


def drop(connection: Connection, arguments: Namespace) -> Report:
    """Deletes the records of one partition below an offset. There is no way back."""
    group, partition = arguments.group, arguments.partition
    found = {position.partition: position for position in _positions(connection, group)}
    if partition not in found:
        raise CannotContinue(f"{dead_letter_topic(group)} has no partition {partition}.")
    position = found[partition]
    before = position.end if arguments.before is None else arguments.before
    if before > position.end:
        raise CannotContinue(f"{dead_letter_topic(group)} ends at {position.end}: there is nothing below {before} yet.")
    count = max(0, before - position.start)
    unsent = max(0, before - position.next_offset)
    row = {"group": group, "partition": partition, "from": position.start, "before": before, "never_redriven": unsent}
    if not count:
        return Report([], f"{group} has no dead letters below {before}: nothing to do.")
    if arguments.dry_run:
        return Report([row], f"{count} dead letters would be dropped.", DIFFERS)
    if not arguments.yes:
        _confirm(f"Drop {count} dead letters of {group} for good ({unsent} were never sent again)? [y/N] ")
    _delete(connection, group, partition, before)
    return Report([row], f"{count} dead letters dropped.")


def _chosen(
    connection: Connection, group: str, positions: Sequence[Position], only: Collection[tuple[int, int]]
) -> Sequence[DeadLetter]:
    if not any(position.end > position.start for position in positions):
        letters: Sequence[DeadLetter] = []
    else:
        letters = asyncio.run(list_dead_letters(connection.settings, group, EVERYTHING))
    if not only:
        return [letter for letter in letters if not _was_sent(letter, positions)]
    if missing := set(only) - {(letter.partition, letter.offset) for letter in letters}:
        places = ", ".join(f"{partition}:{offset}" for partition, offset in sorted(missing))
        raise CannotContinue(f"{group} has no dead letter {places}: nothing is sent.")
    return [letter for letter in letters if (letter.partition, letter.offset) in only]


def _positions(connection: Connection, group: str) -> Sequence[Position]:
    """The group that redrives, on the dead letters: below its position everything was sent again."""
    topic = dead_letter_topic(group)
    if topic not in topic_admin.names_on_cluster(connection):
        raise CannotContinue(f"There is no topic {topic}, or it may not be seen: run `topics verify`.")
    return group_admin.read_positions(connection, f"{group}.redrive", [topic])


def _was_sent(letter: DeadLetter, positions: Sequence[Position]) -> bool:
    return any(one.partition == letter.partition and letter.offset < (one.committed or 0) for one in positions)


def _row(letter: DeadLetter, positions: Sequence[Position]) -> Row:
    reason, headers = letter.reason, dict(letter.headers)
    return {
        "place": f"{letter.partition}:{letter.offset}",
        "topic": reason.get("topic"),
        "from": f"{reason.get('partition', '?')}:{reason.get('offset', '?')}",
        "event_type": _readable(headers.get("ce_type")),
        "event_id": _readable(headers.get("ce_id")),
        "failed_at": reason.get("failed_at"),
        "attempts": reason.get("attempts"),
        "error": reason.get("error_class"),
        "message": reason.get("error_message"),
        "stack": reason.get("stack_digest"),
        "sent_again": _was_sent(letter, positions),
    }


def _delete(connection: Connection, group: str, partition: int, before: int) -> None:
    place = TopicPartition(connection.name(dead_letter_topic(group)), partition, before)
    for future in connection.admin.delete_records([place], request_timeout=REQUEST_SECONDS).values():
        try:
            connection.wait(future)
        except KafkaException as error:
            raise CannotContinue(f"Nothing was dropped: {error.args[0].str()}") from error


def _confirm(question: str) -> None:
    if not sys.stdin.isatty():
        raise WrongUsage("There is nobody to ask: --yes drops without asking, --dry-run shows what would go.")
    if input(question).strip().lower() not in {"y", "yes"}:
        raise CannotContinue("Nothing was dropped.")


def _readable(content: bytes | None) -> str | None:
    return None if content is None else content.decode(errors="backslashreplace")
