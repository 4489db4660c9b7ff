"""`make test` and `make lint`: every folder is linted, then tested on real servers; a failure stops no other."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from learning_local.home import INFRA, REPOSITORY, Home
from learning_local.problems import CannotContinue
from learning_local.servers import run_with_servers

END_TO_END = INFRA / "tests"


@dataclass(frozen=True)
class Suite:
    """One folder with code or tests of its own."""

    folder: Path

    @property
    def name(self) -> str:
        return str(self.folder.relative_to(REPOSITORY))

    def linters(self) -> Iterator[tuple[str, ...]]:
        yield ("ruff", "check", "--quiet", ".")
        yield ("ruff", "format", "--check", "--quiet", ".")
        tools = self._tools()
        mypy = tools.get("mypy", {})
        yield ("mypy", "--strict", *(() if mypy.keys() & {"files", "packages"} else ("src",)))
        if "importlinter" in tools:
            yield ("lint-imports",)

    def tests(self) -> tuple[str, ...]:
        return (sys.executable, "-m", "pytest")

    def _tools(self) -> dict[str, Any]:
        tools: dict[str, Any] = tomllib.loads((self.folder / "pyproject.toml").read_text()).get("tool", {})
        return tools


@dataclass(frozen=True)
class Result:
    suite: str
    check: str
    passed: bool
    seconds: float


def all_suites() -> list[Suite]:
    """Every folder with a pyproject.toml: what others stand on first, the repository as a whole last."""
    found = {
        path.parent for pattern in ("*", "platform-infra/*") for path in REPOSITORY.glob(f"{pattern}/pyproject.toml")
    }
    first = [folder for folder in (REPOSITORY / "contracts", INFRA / "chassis") if folder in found]
    others = sorted(found - {*first, END_TO_END})
    return [Suite(folder) for folder in [*first, *others, *({END_TO_END} & found)]]


def chosen(name: str | None) -> list[Suite]:
    suites = all_suites()
    if name is None:
        return suites
    found = [suite for suite in suites if name.strip("/") in {suite.name, suite.folder.name}]
    if not found:
        raise CannotContinue(f"There is no SUITE={name}: {', '.join(suite.name for suite in suites)}.")
    return found


def run_lint(name: str | None) -> int:
    results = [result for suite in chosen(name) for result in lint(suite)]
    return summary(results)


def run_all(home: Home, name: str | None) -> int:
    """Lint, then the tests of the chosen folders with servers around them. 0 if everything passed."""
    suites = chosen(name)
    linted = [result for suite in suites for result in lint(suite)]
    if "TEST_POSTGRES_URL" in os.environ:  # servers of the caller's
        return summary([*linted, *(test(suite) for suite in suites)])
    command = (sys.executable, "-m", "learning_local", "suites", *(suite.name for suite in suites))
    tested = run_with_servers(home.cache, command)
    return summary(linted) | tested


def run_suites(names: Sequence[str]) -> int:
    """The tests of these folders, with the servers that the environment names."""
    return summary([test(suite) for name in names for suite in chosen(name)])


def run_benchmarks(name: str | None) -> int:
    """Every program in `platform-infra/bench` that reports, or the named one: figures, no verdict.

    Non-zero means that one did not run.
    """
    programs = [path for path in sorted((INFRA / "bench").glob("*.py")) if "from report import" in path.read_text()]
    if name is not None:
        programs = [path for path in programs if path.stem == name]
        if not programs:
            raise CannotContinue(f"There is no benchmark {name} in platform-infra/bench.")
    return 1 if [path for path in programs if subprocess.run([sys.executable, path], cwd=path.parent).returncode] else 0


def run_zookeeper() -> int:
    """The variant with ZooKeeper, too slow and too rarely used for every change."""
    command = (sys.executable, "-m", "pytest", "-m", "zookeeper", "tests/zookeeper")
    return subprocess.run(command, cwd=INFRA / "kafka").returncode


def lint(suite: Suite) -> list[Result]:
    return [
        run(suite, " ".join(command[:2]) if command[0] == "ruff" else command[0], command)
        for command in suite.linters()
    ]


def test(suite: Suite) -> Result:
    headline(f"{suite.name}: tests")
    return run(suite, "tests", suite.tests())


def run(suite: Suite, check: str, command: Sequence[str]) -> Result:
    began = time.monotonic()
    code = subprocess.run(command, cwd=suite.folder).returncode
    passed = code == 0
    if not passed:
        say(f"{suite.name}: {' '.join(command)} failed (exit code {code})")
    return Result(suite.name, check, passed, time.monotonic() - began)


def summary(results: Sequence[Result]) -> int:
    failed = [result for result in results if not result.passed]
    headline("summary")
    for result in results:
        verdict = "passed" if result.passed else "FAILED"
        say(f"  {verdict}  {result.suite:<28} {result.check:<13} {result.seconds:6.1f} s")
    if failed:
        names = ", ".join(f"{result.suite} ({result.check})" for result in failed)
        say(f"{len(failed)} of {len(results)} checks failed: {names}")
    else:
        say(f"All {len(results)} checks passed.")
    return 1 if failed else 0


def headline(text: str) -> None:
    say(f"\n── {text} {'─' * max(0, 90 - len(text))}")


def say(line: str) -> None:
    print(line, flush=True)
