"""Renders a service's settings for people: the README table and `.env.example`, from the settings classes alone.

`python -m chassis.settings_docs package.settings:Settings --format env|table [--into FILE [--check]]`
`--into` replaces the lines between `<!-- settings -->` and `<!-- /settings -->` of a README, or the whole of a `.env`
file; `--check` only tells, by exit code 1, whether that would change anything.
"""

import argparse
import importlib
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from chassis.settings import ServiceSettings, SettingsGroup

START, END = "<!-- settings -->", "<!-- /settings -->"


@dataclass(frozen=True, slots=True)
class Variable:
    name: str
    default: str | None  # None = required
    description: str
    secret: bool


def variables(settings: type[ServiceSettings]) -> Iterator[tuple[str, list[Variable]]]:
    """Each group's name and its variables, in the order of their declaration."""
    for name, group in settings.groups().items():
        yield name, [_variable(group, field, info) for field, info in group.model_fields.items()]


def _variable(group: type[SettingsGroup], field: str, info: FieldInfo) -> Variable:
    default = None if info.is_required() else _text(info.get_default(call_default_factory=True))
    return Variable(group.variable(field), default, info.description or "", "SecretStr" in str(info.annotation))


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple | list | frozenset):
        return ",".join(map(str, value))
    return str(value)


def table(settings: type[ServiceSettings]) -> str:
    """A Markdown table."""
    lines = ["| variable | default | meaning |", "|---|---|---|"]
    for _, group in variables(settings):
        for variable in group:
            default = (
                "**required**" if variable.default is None else f"`{variable.default}`" if variable.default else ""
            )
            meaning = variable.description.replace("|", "\\|") + (" (secret)" if variable.secret else "")
            lines.append(f"| `{variable.name}` | {default} | {meaning} |")
    return "\n".join(lines) + "\n"


def env_example(settings: type[ServiceSettings]) -> str:
    """A `.env` file: what is required stands uncommented and empty, the rest commented with its default."""
    blocks = []
    for name, group in variables(settings):
        lines = [f"# --- {name}"]
        for variable in group:
            lines.append(f"# {variable.description}")
            lines.append(f"{variable.name}=" if variable.default is None else f"# {variable.name}={variable.default}")
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks) + "\n"


def placed(document: str, text: str) -> str:
    """The document with the part between the markers replaced. Raises ValueError without markers."""
    before, start, rest = document.partition(START)
    _, end, after = rest.partition(END)
    if not start or not end:
        raise ValueError(f"the file has no {START} … {END}")
    return f"{before}{START}\n{text}{END}{after}"


def load(path: str) -> type[ServiceSettings]:
    """`package.module:Class`."""
    module, _, name = path.partition(":")
    found = getattr(importlib.import_module(module), name, None)
    if not isinstance(found, type) or not issubclass(found, ServiceSettings):
        raise ValueError(f"{path} is not a ServiceSettings class")
    return found


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m chassis.settings_docs")
    parser.add_argument("settings", help="module:Class")
    parser.add_argument("--format", choices=("table", "env"), default="table")
    parser.add_argument("--into", type=Path)
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args(arguments)
    settings = load(options.settings)
    text = table(settings) if options.format == "table" else env_example(settings)
    if options.into is None:
        print(text, end="")
        return 0
    old = options.into.read_text() if options.into.exists() else ""
    new = placed(old, text) if options.format == "table" else text
    if options.check:
        if new != old:
            print(f"{options.into} is out of date", file=sys.stderr)
        return int(new != old)
    options.into.write_text(new)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
