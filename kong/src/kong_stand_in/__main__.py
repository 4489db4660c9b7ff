"""`python -m kong_stand_in render | check | serve`: fill the placeholders of kong.yml, examine it, run it."""

import argparse
import asyncio
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from kong_stand_in import config
from kong_stand_in.errors import ConfigError
from kong_stand_in.plan import Plan, build
from kong_stand_in.render import render


def main(arguments: Sequence[str] | None = None) -> int:
    """0 when done; 1 with one line for each thing to repair."""
    options = _parser().parse_args(arguments)
    try:
        match options.command:
            case "render":
                _emit(render(options.config.read_text(encoding="utf-8"), os.environ), options.output)
            case "check":
                print(f"{options.config}: {len(_plan(options.config).routes)} routes")
            case "serve":
                _serve(_plan(options.config), options)
    except ConfigError as error:
        for problem in error.problems:
            print(f"{options.config}: {problem}", file=sys.stderr)
        return 1
    except OSError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="kong_stand_in", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    rendering = commands.add_parser("render", help="fill ${NAME} and ${NAME:-default} from the environment")
    rendering.add_argument("--output", type=Path, help="a file for this user alone; without it, standard output")
    checking = commands.add_parser("check", help="examine a rendered file for what Kong would refuse, and its traps")
    serving = commands.add_parser("serve", help="run the gateway")
    serving.add_argument("--host", default="127.0.0.1")
    serving.add_argument("--port", type=int, default=8000)
    serving.add_argument("--status-port", type=int, help="/status/ready and /metrics, on 127.0.0.1")
    for command in (rendering, checking, serving):
        command.add_argument("--config", type=Path, default=Path("kong.yml"))
    return parser


def _plan(path: Path) -> Plan:
    return build(config.load(path))


def _serve(plan: Plan, options: argparse.Namespace) -> None:
    asyncio.run(_run(plan, options))


async def _run(plan: Plan, options: argparse.Namespace) -> None:
    # the web framework takes half a second to import, which `render` and `check` need not wait for
    from kong_stand_in.server import serve

    await serve(plan, options.host, options.port, options.status_port)


def _emit(text: str, path: Path | None) -> None:
    """A file is replaced as a whole, so that a reader never sees half of it."""
    if path is None:
        sys.stdout.write(text)
        return
    unfinished = path.with_name(path.name + ".new")
    unfinished.write_text(text, encoding="utf-8")
    unfinished.chmod(0o600)
    unfinished.replace(path)


if __name__ == "__main__":
    sys.exit(main())
