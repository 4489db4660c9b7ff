"""Resolve jars with jgo and write their locks: path, size and SHA-256 of each, so `up` resolves nothing.

Development only (`make lock`). Maven checks no hash against anything but the server it downloads from; this list does.
"""

from __future__ import annotations

import hashlib
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from jgo.maven import MavenContext
from jgo.parse import Coordinate

from learning_local.downloads import JARS_LOCK, Jar, read_lock
from learning_local.parts.monitoring import EXPORTER_LOCK

# The `!` keeps jgo from taking an artifact for a bill of materials that changes the versions of the others.
COORDINATES = (
    "org.apache.kafka:kafka_2.13:4.3.1!",
    "org.apache.kafka:kafka-tools:4.3.1!",
    "org.apache.logging.log4j:log4j-slf4j-impl:2.25.4!",
)
# The brokers' figures for Prometheus: apart from Kafka's own, because only MONITORING=1 needs it.
EXPORTER = ("io.prometheus.jmx:jmx_prometheus_javaagent:1.0.1!",)
# Kafka Connect comes with the tools, and with it a web server that nothing here starts.
EXCLUSIONS = ("connect-runtime", "connect-api", "connect-json")
HEADER = "# Written by `make -C platform-infra lock`: sha256, size in bytes, path below a Maven repository.\n# Of: "


def resolve(coordinates: Iterable[str]) -> list[Jar]:
    with tempfile.TemporaryDirectory() as directory:
        context = MavenContext(repo_cache=Path(directory))
        excluded = [context.project("org.apache.kafka", name) for name in EXCLUSIONS]
        wanted = [context.create_dependency(Coordinate.parse(text), exclusions=excluded) for text in coordinates]
        inputs, transitive = context.resolver.resolve(wanted)
        dependencies = [*inputs, *(one for one in transitive if one.scope in ("compile", "runtime"))]
        jars = []
        for artifact in (dependency.artifact for dependency in dependencies):
            file = artifact.resolve()
            content = file.read_bytes()
            group = artifact.groupId.replace(".", "/")
            path = f"{group}/{artifact.artifactId}/{artifact.version}/{file.name}"
            jars.append(Jar(hashlib.sha256(content).hexdigest(), len(content), path))
    return sorted(jars, key=lambda jar: jar.path)


def renew(lock: Path, coordinates: Sequence[str]) -> None:
    """Does nothing while the lock is of these coordinates."""
    header = HEADER + " ".join(coordinate.rstrip("!") for coordinate in coordinates) + "\n"
    if lock.is_file() and lock.read_text().startswith(header):
        return
    jars = resolve(coordinates)
    lock.write_text(header + "".join(f"{jar.sha256} {jar.size_bytes} {jar.path}\n" for jar in jars))
    assert read_lock(lock) == jars


def main() -> int:
    renew(JARS_LOCK, COORDINATES)
    renew(EXPORTER_LOCK, EXPORTER)
    return 0


if __name__ == "__main__":
    sys.exit(main())
