"""The command line of every service: `api | worker | all | migrate` and its own commands."""

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Generic, TypeVar, get_args

import uvloop

from chassis import logging, tracing
from chassis.runtime import Application, Role, StartFailed, serve
from chassis.settings import ServiceSettings, SettingsError

S = TypeVar("S", bound=ServiceSettings)

_ROLE_HELP: Mapping[str, str] = {
    "api": "answer HTTP",
    "worker": "relay, consumers, jobs and sweeper, with /health /ready /metrics",
    "all": "both in one process (development)",
}


@dataclass(frozen=True, slots=True)
class Command(Generic[S]):
    """A command of one service. `run` gets the settings and the parsed arguments; its result is the exit code."""

    help: str
    run: Callable[[S, argparse.Namespace], Awaitable[int | None]]
    arguments: Callable[[argparse.ArgumentParser], None] | None = None


def main(
    service: str,
    settings_class: type[S],
    build: Callable[[S, Role], AbstractAsyncContextManager[Application]],
    commands: Mapping[str, Command[S]] | None = None,
    argv: Sequence[str] | None = None,
) -> int:
    """Run one command to its end; the exit code: 0 done, 1 failed, 2 wrong settings or usage."""
    commands = commands or {}
    options = _parser(service, commands).parse_args(argv)
    try:
        settings = settings_class.from_environment()
    except SettingsError as error:
        print(f"{service} cannot start, settings are wrong:\n{error}", file=sys.stderr)
        return 2
    logging.configure(service, settings.platform.log_level)
    tracing.configure(service, settings.platform.environment, settings.telemetry.otel_exporter_otlp_endpoint)
    try:
        if options.command == "migrate":
            # Imported here: Alembic and SQLAlchemy cost a second and 30 MB that no serving process needs.
            from chassis.migrations import alembic_ini, migrate

            migrate(settings.postgres, alembic_ini(settings_class))
            return 0
        if options.command in get_args(Role):
            return _run(_serve(build, settings, options.command))
        return _run(commands[options.command].run(settings, options)) or 0
    except StartFailed as error:
        print(f"{service} cannot start: {error}", file=sys.stderr)
        return 1
    finally:
        tracing.shutdown()


def _parser(service: str, commands: Mapping[str, Command[S]]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"python -m {service.replace('-', '_')}")
    subparsers = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for role in get_args(Role):
        subparsers.add_parser(role, help=_ROLE_HELP[role])
    subparsers.add_parser("migrate", help="bring the database to the newest schema")
    for name, each in commands.items():
        subparser = subparsers.add_parser(name, help=each.help)
        if each.arguments is not None:
            each.arguments(subparser)
    return parser


def _run(work: Awaitable[int | None]) -> int:
    async def awaited() -> int | None:
        return await work

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(awaited()) or 0


async def _serve(build: Callable[[S, Role], AbstractAsyncContextManager[Application]], settings: S, role: Role) -> int:
    async with build(settings, role) as application:
        return await serve(application)
