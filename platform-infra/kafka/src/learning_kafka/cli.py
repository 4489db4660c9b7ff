"""The command line: parsed here, answered by `learning_kafka.commands`, printed here.

Exit codes: 0 as declared or done, 1 differs or could not, 2 wrong usage.
"""

import argparse
import logging
import os
import sys
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TypeAlias

from confluent_kafka import KafkaException

from chassis.settings import KafkaSettings
from learning_contracts.times import parse_rfc3339
from learning_kafka import declared
from learning_kafka.broker_config import PLACES
from learning_kafka.commands import acls, brokers, dead_letters, groups, topics, users
from learning_kafka.connection import Connection, connect
from learning_kafka.problems import CannotContinue, WrongUsage
from learning_kafka.report import DIFFERS, WRONG_USAGE, Report

Command = Callable[[Connection, argparse.Namespace], Report]
Subparsers: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code."""
    logging.getLogger("librdkafka").addHandler(logging.NullHandler())  # what it tells us is in our own errors
    parsed = parser().parse_args(arguments)
    try:
        if parsed.offline is not None:
            answer: str | Report = parsed.offline(parsed)
        else:
            answer = parsed.command(connect(), parsed)
    except WrongUsage as problem:
        return _fail(problem, WRONG_USAGE)
    except CannotContinue as problem:
        return _fail(problem, DIFFERS)
    except KafkaException as error:
        return _fail(f"Kafka refuses: {error.args[0].name()}: {error.args[0].str()}", DIFFERS)
    except TimeoutError as error:
        return _fail(error, DIFFERS)
    if isinstance(answer, str):
        sys.stdout.write(answer)
        return 0
    print(answer.as_json() if parsed.json else answer.as_markdown() if parsed.markdown else answer.as_table())
    return answer.code


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(
        prog="python -m learning_kafka",
        description="The platform's Kafka cluster, as the contracts declare it. Connects by the KAFKA_* settings.",
        epilog="Exit codes: 0 as declared or done; 1 differs (also with --dry-run) or could not; 2 wrong usage.",
    )
    kinds = top.add_subparsers(metavar="KIND", required=True)
    _topics(kinds)
    _acls(kinds)
    _users(kinds)
    _groups(kinds)
    _dead_letters(kinds)
    _brokers(kinds)
    return top


def _topics(kinds: Subparsers) -> None:
    verbs = _kind(kinds, "topics", "the contracts' topics and the groups' dead letters")
    create = _verb(verbs, "create", "create what is missing, change what differs where Kafka allows it", topics.create)
    _dry_run(create)
    create.add_argument(
        "--grow-partitions",
        action="store_true",
        help="add partitions; breaks the order per key, so stop producers first",
    )
    verify = _verb(verbs, "verify", "compare with what is declared, change nothing", topics.verify)
    for verb in (create, verify):
        verb.add_argument(
            "--replicas", type=_positive, default=declared.DEFAULT_REPLICAS, metavar="N",
            help="copies of each partition (default %(default)s; 1 for a cluster of one broker)",
        )  # fmt: skip
    _verb(verbs, "describe", "what is on the cluster and how it is doing", topics.describe)


def _acls(kinds: Subparsers) -> None:
    verbs = _kind(kinds, "acls", "who may do what")
    apply = _verb(verbs, "apply", "add the rules that are missing", acls.apply)
    _dry_run(apply)
    apply.add_argument("--prune", action="store_true", help="also remove rules that nobody declares")
    _verb(verbs, "verify", "compare with what is declared, change nothing", acls.verify)
    prefix = os.environ.get(KafkaSettings.variable("topic_prefix"), "")
    _verb(verbs, "show", "what is declared; needs no cluster", offline=lambda _: acls.show(prefix))


def _users(kinds: Subparsers) -> None:
    verbs = _kind(kinds, "users", "the passwords of those whom the rules name")
    apply = _verb(verbs, "apply", "give a password to everybody who has none", users.apply)
    apply.add_argument(
        "--passwords", type=Path, required=True, metavar="FILE", help="JSON, from principal to password (no `User:`)"
    )
    apply.add_argument("--rotate", action="store_true", help="also replace the passwords that are there")
    _dry_run(apply)
    _verb(verbs, "verify", "who has no password yet, or has one without being declared", users.verify)


def _groups(kinds: Subparsers) -> None:
    verbs = _kind(kinds, "groups", "how far the services have read")
    lag = _verb(verbs, "lag", "messages that wait to be read", groups.lag)
    _some_groups(lag)
    lag.add_argument("--by-partition", action="store_true", help="one line per partition, with offsets")
    lag.add_argument("--max", type=_not_negative, metavar="N", help="exit code 1 where more than N wait in a topic")
    rewind = _verb(verbs, "rewind", "let a stopped group read again from a time on; never skips", groups.rewind)
    _one_group(rewind)
    rewind.add_argument(
        "--to", type=_time, required=True, metavar="TIME", help="RFC 3339 with a zone, such as 2026-11-23T08:00:00Z"
    )
    rewind.add_argument("--topic", action="append", dest="topics", metavar="TOPIC", help="only this topic; repeatable")
    _dry_run(rewind)


def _dead_letters(kinds: Subparsers) -> None:
    verbs = _kind(kinds, "dead-letters", "messages that a group could not handle")
    listing = _verb(verbs, "list", "the oldest ones, with why", dead_letters.list_)
    _some_groups(listing)
    listing.add_argument("--limit", type=_positive, default=100, metavar="N", help="at most N per group (%(default)s)")
    listing.add_argument("--fail-if-any", action="store_true", help="exit code 1 where there are any")
    show = _verb(verbs, "show", "one with everything it holds", dead_letters.show)
    _one_group(show)
    show.add_argument("place", type=_place, metavar="PARTITION:OFFSET")
    redrive = _verb(verbs, "redrive", "send them to where they came from, each once", dead_letters.send_again)
    _one_group(redrive)
    redrive.add_argument(
        "--only", type=_place, action="append", metavar="PARTITION:OFFSET", help="only this one, also again; repeatable"
    )
    _dry_run(redrive)
    drop = _verb(verbs, "drop", "delete them up to an offset, for good", dead_letters.drop)
    _one_group(drop)
    drop.add_argument("--partition", type=_not_negative, default=0, metavar="N", help="default %(default)s")
    extent = drop.add_mutually_exclusive_group(required=True)
    extent.add_argument("--before", type=_not_negative, metavar="OFFSET", help="those with a lower offset")
    extent.add_argument("--all", action="store_true", help="those that are there now")
    drop.add_argument("--yes", action="store_true", help="without asking")
    _dry_run(drop)


def _brokers(kinds: Subparsers) -> None:
    verbs = _kind(kinds, "brokers", "the configuration of the brokers")
    render = _verb(verbs, "render", "server.properties of one node; needs no cluster", offline=brokers.render)
    render.add_argument("--place", choices=sorted(PLACES), required=True)
    render.add_argument("--node", type=_positive, required=True, metavar="N", help="1 is the first")
    render.add_argument("--nodes", type=_positive, default=3, metavar="N", help="how many there are (%(default)s)")
    render.add_argument("--plain", action="store_true", help="without TLS, passwords and rules of access")
    render.add_argument(
        "--set", action="append", default=[], type=_assignment, metavar="NAME=VALUE", help="a value of the place"
    )
    render.add_argument("--output", type=Path, metavar="FILE", help="instead of standard output")


def _kind(kinds: Subparsers, name: str, text: str) -> Subparsers:
    return kinds.add_parser(name, help=text, description=text).add_subparsers(metavar="VERB", required=True)


def _verb(
    verbs: Subparsers,
    name: str,
    text: str,
    command: Command | None = None,
    *,
    offline: Callable[[argparse.Namespace], str | Report] | None = None,
) -> argparse.ArgumentParser:
    verb = verbs.add_parser(name, help=text, description=text)
    verb.set_defaults(command=command, offline=offline)
    form = verb.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="for machines")
    form.add_argument("--markdown", action="store_true", help="for documents")
    return verb


def _dry_run(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--dry-run", action="store_true", help="only say what would be done; 1 if anything")


def _one_group(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("group", choices=declared.consuming_services(), metavar="GROUP")


def _some_groups(verb: argparse.ArgumentParser) -> None:
    verb.add_argument(
        "--group", action="append", dest="groups", choices=declared.consuming_services(), metavar="GROUP",
        help="only this one; repeatable",
    )  # fmt: skip


def _positive(text: str) -> int:
    if (number := int(text)) < 1:
        raise ValueError
    return number


def _not_negative(text: str) -> int:
    if (number := int(text)) < 0:
        raise ValueError
    return number


def _time(text: str) -> datetime:
    try:
        return parse_rfc3339(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _place(text: str) -> tuple[int, int]:
    partition, _, offset = text.partition(":")
    return int(partition), int(offset)


def _assignment(text: str) -> tuple[str, str]:
    name, found, value = text.partition("=")
    if not found:
        raise ValueError
    return name, value


def _fail(problem: Exception | str, code: int) -> int:
    print(problem, file=sys.stderr)
    return code
