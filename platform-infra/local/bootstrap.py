"""Make the virtual environment the other commands run in, then become the command.

Standard library only, because nothing is installed yet. It speaks on standard error alone: `make -s token` prints
a JWT and nothing else on standard output. An environment is rebuilt only when what defines it has changed.
"""

from __future__ import annotations  # an older Python must get as far as our own message

import argparse
import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

INFRA = Path(__file__).resolve().parent.parent
REPOSITORY = INFRA.parent
LOCKS = {"runtime": INFRA / "requirements.lock", "development": INFRA / "requirements-dev.lock"}
BOOTSTRAP_LOCK = INFRA / "requirements-bootstrap.lock"
BUILD_LOCK = INFRA / "requirements-build.lock"
OLDEST_PYTHON = (3, 11)
NEEDED_DISK_BYTES = 2 * 1024**3
NOT_INHERITED = (
    # This make's own flags: a `make -s token` in a test below `make -C` would print directory names beside the token.
    "MAKEFLAGS", "MFLAGS", "MAKELEVEL",
    # Some containers set it to keep their layers small; compiled modules make every start five seconds shorter.
    "PYTHONDONTWRITEBYTECODE",
)  # fmt: skip


class CannotInstall(Exception):
    """What is missing and what to do about it, in one line."""


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def cache_directory() -> Path:
    return Path(os.environ.get("LEARNING_CACHE") or INFRA / ".cache").expanduser().resolve()


def python_folders() -> list[Path]:
    """Every folder of the repository that holds a Python package of ours."""
    candidates = sorted([*REPOSITORY.glob("*/pyproject.toml"), *INFRA.glob("*/pyproject.toml")])
    return [path.parent for path in candidates if "[project]" in path.read_text()]


class Environment:
    """One virtual environment in the cache: `runtime` for the local stack, `development` for the checks as well."""

    def __init__(self, kind: str) -> None:
        self.lock = LOCKS[kind]
        # Our packages are installed editable, so two copies of the repository that share a cache need two environments.
        copy = hashlib.sha256(str(REPOSITORY).encode()).hexdigest()[:8]
        version = f"{sys.version_info[0]}.{sys.version_info[1]}"
        self.root = cache_directory() / "environments" / f"{kind}-python{version}-{copy}"
        self.python = self.root / "bin" / "python"
        # What each half was made from; written after it is whole, so an interrupted installation is done again.
        self._libraries = self.root / "libraries.stamp"
        self._ours = self.root / "ours.stamp"

    def exists(self) -> bool:
        return self._ours.is_file() and self.python.exists()

    def is_current(self) -> bool:
        return self.exists() and self._libraries_are_current() and self._ours.read_text() == self._wanted_ours()

    def install(self, uv: Uv) -> None:
        say(f"Installing the {self.root.name.split('-')[0]} environment …")
        self._ours.unlink(missing_ok=True)
        if not (self._libraries_are_current() and self.python.exists()):
            self._libraries.unlink(missing_ok=True)
            if not self.python.exists():
                uv.run("venv", "--quiet", "--clear", "--python", sys.executable, str(self.root))
            uv.run("pip", "sync", "--quiet", "--require-hashes", "--python", str(self.python), str(self.lock))
            self._libraries.write_text(self._wanted_libraries())
        ours = [argument for folder in python_folders() for argument in ("--editable", str(folder))]
        options = ("--quiet", "--no-deps", "--build-constraints", str(BUILD_LOCK), "--python", str(self.python))
        uv.run("pip", "install", *options, *ours)
        self._ours.write_text(self._wanted_ours())

    def _libraries_are_current(self) -> bool:
        return self._libraries.is_file() and self._libraries.read_text() == self._wanted_libraries()

    def _wanted_libraries(self) -> str:
        return fingerprint([self.lock])

    def _wanted_ours(self) -> str:
        return fingerprint([self.lock, BUILD_LOCK, *(folder / "pyproject.toml" for folder in python_folders())])


def fingerprint(files: list[Path]) -> str:
    digest = hashlib.sha256()
    for file in files:
        digest.update(f"{file}\n".encode() + file.read_bytes())
    return digest.hexdigest()


class Uv:
    """The installer, itself installed by hash from its own lock."""

    def __init__(self) -> None:
        self.root = cache_directory() / "uv" / hashlib.sha256(BOOTSTRAP_LOCK.read_bytes()).hexdigest()[:8]
        self.executable = self.root / "bin" / "uv"

    def ensure(self) -> None:
        if self.executable.exists():
            return
        say("Installing uv, the installer …")
        shutil.rmtree(self.root, ignore_errors=True)
        made = subprocess.run(
            [sys.executable, "-m", "venv", str(self.root)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        if made.returncode:
            shutil.rmtree(self.root, ignore_errors=True)
            raise CannotInstall(
                f"{sys.executable} cannot make virtual environments (venv or ensurepip is missing): install it "
                "(on Debian or Ubuntu: apt install python3-venv) or name another Python with PYTHON=…"
            )
        pip = [str(self.root / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        if subprocess.run([*pip, "--require-hashes", "-r", str(BOOTSTRAP_LOCK)], stdout=sys.stderr.fileno()).returncode:
            shutil.rmtree(self.root, ignore_errors=True)
            raise why_nothing_installs()

    def run(self, *arguments: str) -> None:
        environment = dict(os.environ)
        environment.setdefault("UV_CACHE_DIR", str(cache_directory() / "packages"))
        environment.setdefault("UV_PYTHON_DOWNLOADS", "never")
        environment.pop("VIRTUAL_ENV", None)
        if "PIP_INDEX_URL" in environment:  # uv does not read pip's own variable
            environment.setdefault("UV_DEFAULT_INDEX", environment["PIP_INDEX_URL"])
        if subprocess.run([str(self.executable), *arguments], env=environment, stdout=sys.stderr.fileno()).returncode:
            raise why_nothing_installs()


def why_nothing_installs() -> CannotInstall:
    index = os.environ.get("UV_DEFAULT_INDEX") or os.environ.get("PIP_INDEX_URL") or "https://pypi.org/simple/"
    try:
        urllib.request.urlopen(index, timeout=10).close()
    except urllib.error.HTTPError:
        pass  # it answered
    except (OSError, ValueError):
        return CannotInstall(
            f"The package index {index} cannot be reached: connect to the network "
            "(or set HTTPS_PROXY, or PIP_INDEX_URL for a mirror) and run the command again."
        )
    return CannotInstall("The packages could not be installed; the lines above say why. Then run the command again.")


def check_machine() -> None:
    if sys.version_info < OLDEST_PYTHON:
        have = ".".join(str(number) for number in sys.version_info[:2])
        raise CannotInstall(
            f"Python 3.11 or newer is needed and {sys.executable} is {have}: install one and name it with PYTHON=…"
        )
    cache = cache_directory()
    try:
        cache.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CannotInstall(f"{cache} cannot be made ({error.strerror}): set LEARNING_CACHE elsewhere.") from error
    free = shutil.disk_usage(cache).free
    if free < NEEDED_DISK_BYTES:
        raise CannotInstall(
            f"{cache} has {free / 1024**3:.1f} GiB of disk left and 2 GiB are needed: "
            "make room or set LEARNING_CACHE to another disk."
        )


def ensure(kind: str, as_is: bool) -> Environment:
    """The environment, installed if it is missing or (unless `as_is`) no longer what the locks say."""
    environment = Environment(kind)
    if environment.is_current() or (as_is and environment.exists()):
        return environment
    check_machine()
    with (cache_directory() / "install.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # a second `make` waits here and then finds everything done
        if not environment.is_current():
            uv = Uv()
            uv.ensure()
            environment.install(uv)
    return environment


def main() -> int:
    """Returns only when there is nothing to become."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kind", choices=sorted(LOCKS))
    parser.add_argument("command", nargs="+", help="arguments of learning_local")
    parser.add_argument("--as-is", action="store_true", help="do not renew an environment that is already there")
    arguments = parser.parse_args()
    try:
        environment = ensure(arguments.kind, arguments.as_is)
    except CannotInstall as reason:
        say(str(reason))
        return 1
    path = os.pathsep.join([str(environment.root / "bin"), os.environ.get("PATH", os.defpath)])
    variables = {
        **os.environ,
        "PATH": path,
        "VIRTUAL_ENV": str(environment.root),
        "LEARNING_CACHE": str(cache_directory()),
    }
    for name in NOT_INHERITED:
        variables.pop(name, None)
    os.execve(environment.python, [str(environment.python), "-m", "learning_local", *arguments.command], variables)
    return 0  # never reached


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        sys.exit(main())
    sys.exit(130)
