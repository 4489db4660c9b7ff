"""Fills the placeholders of kong.yml from the environment: `${NAME}` or `${NAME:-default}`.

Text in, text out, so the rendered file keeps its comments. No value can change the file's structure:
only one that stands alone on its line, under a block scalar, may have several lines.
"""

import re
from collections.abc import Mapping

from kong_stand_in.errors import ConfigError

PLACEHOLDER = re.compile(r"\$\{(?P<name>[A-Z][A-Z0-9_]*)(?::-(?P<default>[^}]*))?\}")
_ALONE_ON_ITS_LINE = re.compile(rf"(?P<indent>[ ]*){PLACEHOLDER.pattern}[ ]*")
_COMMENT = re.compile(r"(^|\s)#.*$")
_STRUCTURAL = re.compile(r"""[\x00-\x1f\x7f"'#{}]|^[*&!%@`|>]|:\s|:$""")


def render(template: str, environment: Mapping[str, str]) -> str:
    """The template with every placeholder outside comments filled; an empty value counts as absent.

    Raises ConfigError naming every variable that is missing or holds what would break the YAML.
    """
    problems: list[str] = []
    lines = [_render_line(number, line, environment, problems) for number, line in enumerate(template.splitlines(), 1)]
    if problems:
        raise ConfigError(list(dict.fromkeys(problems)))
    return "\n".join(lines) + "\n"


def _render_line(number: int, line: str, environment: Mapping[str, str], problems: list[str]) -> str:
    alone = _ALONE_ON_ITS_LINE.fullmatch(line)
    if alone:
        return _indented(_value(alone, number, environment, problems), alone["indent"])

    comment = _COMMENT.search(line)
    code, tail = (line[: comment.start()], line[comment.start() :]) if comment else (line, "")
    return PLACEHOLDER.sub(lambda match: _inline_value(match, number, environment, problems), code) + tail


def _value(match: re.Match[str], number: int, environment: Mapping[str, str], problems: list[str]) -> str:
    value = environment.get(match["name"]) or match["default"]
    if value is None:
        problems.append(f"{match['name']} is not set and has no default (line {number})")
        return ""
    return value


def _inline_value(match: re.Match[str], number: int, environment: Mapping[str, str], problems: list[str]) -> str:
    value = _value(match, number, environment, problems).strip()
    if _STRUCTURAL.search(value):
        problems.append(f"{match['name']} holds characters that cannot stand inside a line of YAML (line {number})")
    return value


def _indented(value: str, indent: str) -> str:
    """`.env` files carry a PEM on one line with `\\n` between its lines: taken as line ends here."""
    return "\n".join(indent + part for part in value.replace("\\n", "\n").strip().splitlines())
