"""`acls`: who may do what, as the contracts say it."""

from argparse import Namespace
from collections.abc import Iterable, Sequence

from learning_kafka import access, access_admin
from learning_kafka.access import AccessDifference, Rule
from learning_kafka.connection import Connection
from learning_kafka.report import AS_DECLARED, DIFFERS, Report, Row
from learning_kafka.settling import look_until


def show(topic_prefix: str) -> Report:
    """Needs no cluster."""
    rules = access.rules(topic_prefix)
    rows = [_row(rule) for rule in rules]
    return Report(rows, f"{len(rules)} rules for {len(access.principals())} principals; all else is refused.")


def verify(connection: Connection, _: Namespace) -> Report:
    found = _difference(connection)
    if not found:
        return Report([], "The rules are as declared.")
    summary = f"{len(found.missing)} rules are missing, {len(found.unexpected)} are declared by nobody."
    return Report([*_rows(found.missing, "missing"), *_rows(found.unexpected, "unexpected")], summary, DIFFERS)


def apply(connection: Connection, arguments: Namespace) -> Report:
    """Adds first and removes afterwards, so that nobody loses a right in between."""
    found = _difference(connection)
    unexpected = "removed" if arguments.prune else "unexpected, left"
    if not found:
        return Report([], "The rules are as declared: nothing to do.")
    if not arguments.dry_run:
        access_admin.add(connection, found.missing)
        if arguments.prune:
            access_admin.remove(connection, found.unexpected)
        look_until(
            lambda: _difference(connection),
            lambda seen: not seen.missing and not (arguments.prune and seen.unexpected),
        )
    would = "would be " if arguments.dry_run else ""
    rows = [*_rows(found.missing, f"{would}added"), *_rows(found.unexpected, f"{would}{unexpected}")]
    summary = f"{len(found.missing)} rules {would}added, {len(found.unexpected)} {would}{unexpected}"
    hint = " (--prune removes them)." if found.unexpected and not arguments.prune else "."
    differs = arguments.dry_run or (found.unexpected and not arguments.prune)
    return Report(rows, summary + hint, DIFFERS if differs else AS_DECLARED)


def _difference(connection: Connection) -> AccessDifference:
    wanted = access.rules(connection.settings.topic_prefix)
    return access.difference(wanted, access_admin.read_rules(connection))


def _rows(rules: Iterable[Rule], state: str) -> Sequence[Row]:
    return [{"rule": state, **_row(rule)} for rule in rules]


def _row(rule: Rule) -> Row:
    return {
        "principal": f"User:{rule.principal}" if ":" not in rule.principal else rule.principal,
        "operation": rule.operation,
        "resource": rule.resource,
        "pattern": rule.pattern,
        "name": rule.name,
    }
