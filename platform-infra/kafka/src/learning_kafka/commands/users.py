"""`users`: the passwords (SCRAM) of the principals whom the rules of access name."""

import json
from argparse import Namespace
from collections.abc import Mapping
from pathlib import Path

from learning_kafka import access, users
from learning_kafka.access import OPERATOR
from learning_kafka.connection import Connection
from learning_kafka.problems import CannotContinue, WrongUsage
from learning_kafka.report import AS_DECLARED, DIFFERS, Report


def verify(connection: Connection, _: Namespace) -> Report:
    declared = {*access.principals(), OPERATOR}
    there = set(users.existing(connection))
    rows = [{"user": name, "state": "no password"} for name in sorted(declared - there)]
    rows += [{"user": name, "state": "declared by nobody"} for name in sorted(there - declared)]
    if not rows:
        return Report([], f"All {len(declared)} principals have a password, and nobody else.")
    return Report(rows, f"{len(rows)} differences.", DIFFERS)


def apply(connection: Connection, arguments: Namespace) -> Report:
    """Never shows a password. Users whom nobody declares are left: whose they are is not known here."""
    given = _read(arguments.passwords)
    wanted = access.principals()  # the operator was made with the cluster, and would lock itself out here
    there = set(users.existing(connection))
    chosen = [name for name in wanted if arguments.rotate or name not in there]
    if missing := [name for name in chosen if name not in given]:
        raise CannotContinue(f"{arguments.passwords} has no password for {', '.join(missing)}: nothing was changed.")
    if not chosen:
        return Report([], "Everybody has a password: nothing to do.")
    rows = [{"user": name, "state": "rotated" if name in there else "new"} for name in chosen]
    if arguments.dry_run:
        return Report(rows, f"{len(chosen)} users would get a password.", DIFFERS)
    users.set_passwords(connection, {name: given[name] for name in chosen})
    return Report(rows, f"{len(chosen)} users have a new password.", AS_DECLARED)


def _read(file: Path) -> Mapping[str, str]:
    try:
        content = json.loads(file.read_text())
    except (OSError, ValueError) as error:
        raise WrongUsage(f"{file} cannot be read as JSON: {error}") from error
    if not isinstance(content, dict) or not all(isinstance(value, str) and value for value in content.values()):
        raise WrongUsage(f"{file} must hold one JSON object, from principal to password.")
    return content
