"""The commands. Values that people give to `make` (SUB=alice) come as environment variables of the same name."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence

from learning_local.home import Home
from learning_local.problems import CannotContinue


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="learning_local", description=__doc__)
    parser.add_argument("command", choices=sorted(COMMANDS))
    parser.add_argument("rest", nargs=argparse.REMAINDER, help="for `servers`: -- and the command to run with them")
    parsed = parser.parse_args(arguments)
    try:
        return COMMANDS[parsed.command](Home.from_environment(), parsed.rest)
    except CannotContinue as reason:
        print(reason, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # `make logs | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def up(home: Home, _: Sequence[str]) -> int:
    from learning_local.up import bring_up

    return bring_up(home)


def supervise(home: Home, _: Sequence[str]) -> int:
    from learning_local.background import supervise_home

    return supervise_home(home)


def down(home: Home, _: Sequence[str]) -> int:
    from learning_local.background import take_down

    take_down(home)
    return 0


def status(home: Home, _: Sequence[str]) -> int:
    from learning_local.status import as_json, as_table, parts_of

    rows = parts_of(home)
    print(as_json(rows) if os.environ.get("JSON") == "1" else as_table(rows))
    return 0


def logs(home: Home, _: Sequence[str]) -> int:
    from learning_local.logs import show

    show(home.logs, os.environ.get("SERVICE") or None, follow=os.environ.get("FOLLOW") != "0")
    return 0


def token(home: Home, _: Sequence[str]) -> int:
    from learning_local.keys import LIFETIME_SECONDS, SCOPES, SUBJECT, DevelopmentKey

    lifetime = os.environ.get("TTL") or str(LIFETIME_SECONDS)
    if not lifetime.removeprefix("-").isdecimal():
        raise CannotContinue(f"TTL={lifetime} is not a number of seconds.")
    scopes = os.environ["SCOPE"].split() if "SCOPE" in os.environ else SCOPES
    home.make()
    key = DevelopmentKey(home.keys)
    key.make()
    print(key.token(os.environ.get("SUB") or SUBJECT, scopes, int(lifetime)))
    return 0


def reset(home: Home, _: Sequence[str]) -> int:
    from learning_local.background import wipe

    if os.environ.get("YES") != "1" and home.root.exists():
        if not sys.stdin.isatty():
            raise CannotContinue(f"This deletes {home.root} with all documents and quizzes: give YES=1 to confirm.")
        print(f"Delete {home.root} with all documents and quizzes? [y/N] ", end="", file=sys.stderr, flush=True)
        if sys.stdin.readline().strip().lower() not in {"y", "yes"}:
            print("Nothing was deleted.", file=sys.stderr)
            return 1
    wipe(home)
    return 0


def servers(home: Home, rest: Sequence[str]) -> int:
    from learning_local.servers import run_with_servers

    command = list(rest[1:] if rest[:1] == ["--"] else rest)
    if not command:
        raise CannotContinue("usage: python -m learning_local servers -- command …")
    return run_with_servers(home.cache, command)


def test(home: Home, _: Sequence[str]) -> int:
    from learning_local.checks import run_all

    return run_all(home, os.environ.get("SUITE") or None)


def suites(_: Home, rest: Sequence[str]) -> int:
    from learning_local.checks import run_suites

    return run_suites(rest)


def bench(_: Home, names: Sequence[str]) -> int:
    from learning_local.checks import run_benchmarks

    return run_benchmarks(names[0] if names else None)


def zookeeper(_: Home, __: Sequence[str]) -> int:
    from learning_local.checks import run_zookeeper

    return run_zookeeper()


def lint(_: Home, __: Sequence[str]) -> int:
    from learning_local.checks import run_lint

    return run_lint(os.environ.get("SUITE") or None)


# Imported inside each command: `token` answers in a third of a second because it loads no Kafka client.
COMMANDS: dict[str, Callable[[Home, Sequence[str]], int]] = {
    "up": up,
    "supervise": supervise,
    "down": down,
    "status": status,
    "logs": logs,
    "token": token,
    "reset": reset,
    "servers": servers,
    "suites": suites,
    "test": test,
    "lint": lint,
    "bench": bench,
    "test-zookeeper": zookeeper,
}
