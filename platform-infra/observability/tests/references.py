"""What documents point at: files, symbols in them, links, commands and statements in fenced blocks."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from places import DOCS, REPOSITORY

_CODE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
_FILE = re.compile(r"^(?P<path>[\w.-]+(?:/[\w.-]+)+/?|README\.md)(?:::(?P<symbol>[\w.]+))?$")
_LINK = re.compile(r"\]\((?!https?://|#)([^)#\s]+)[^)]*\)")
_FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_TOP_LEVEL = {path.name for path in REPOSITORY.iterdir()}


def documents() -> list[Path]:
    """All documents but the decision records, which tell of their own day."""
    return [path for path in sorted(DOCS.rglob("*.md")) if "decisions" not in path.parts]


def codes(text: str) -> list[str]:
    return _CODE.findall(_FENCE.sub("", text))


def fenced(text: str, language: str) -> list[str]:
    return [body for name, body in _FENCE.findall(text) if name == language]


@dataclass(frozen=True, slots=True)
class Reference:
    """`path` from the top of the repository; `symbol` as `name` or `Class.method`."""

    path: str
    symbol: str | None

    def __str__(self) -> str:
        return self.path + (f"::{self.symbol}" if self.symbol else "")


def references(text: str) -> Iterator[Reference]:
    for code in codes(text):
        match = _FILE.match(code)
        if match and match["path"].split("/")[0] in _TOP_LEVEL:
            yield Reference(match["path"], match["symbol"])


def is_there(reference: Reference, root: Path = REPOSITORY) -> bool:
    path = root / reference.path
    if reference.symbol is None:
        return path.exists()
    return path.is_file() and reference.symbol in symbols(path.read_text())


def symbols(source: str) -> set[str]:
    """Names a module defines at its top level, and what its classes define, as `Class.name`."""
    found: set[str] = set()
    for node in ast.parse(source).body:
        found |= set(_defined(node))
        if isinstance(node, ast.ClassDef):
            found |= {f"{node.name}.{name}" for inner in node.body for name in _defined(inner)}
    return found


def _defined(node: ast.stmt) -> Iterator[str]:
    match node:
        case ast.ClassDef(name=name) | ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
            yield name
        case ast.Assign(targets=targets):
            yield from (target.id for target in targets if isinstance(target, ast.Name))
        case ast.AnnAssign(target=ast.Name(id=name)):
            yield name


def broken_links(path: Path) -> list[str]:
    return [link for link in _LINK.findall(path.read_text()) if not (path.parent / link).exists()]


def commands(text: str, program: str) -> list[list[str]]:
    """The arguments of every call of `python -m <program>`, in fences and in running text, without what follows `#`."""
    lines = [line for block in fenced(text, "sh") for line in block.splitlines()] + codes(text)
    prefix = f"python -m {program} "
    return [
        line.partition(prefix)[2].partition("#")[0].split() for line in lines if prefix in line and "TIME" not in line
    ]
