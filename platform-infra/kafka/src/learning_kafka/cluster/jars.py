"""Resolve the jars of the ZooKeeper layout with jgo and write `zookeeper-jars.lock`.

Development only (`python -m learning_kafka.cluster.jars`); the lock is what everybody else installs and checks.
"""

from __future__ import annotations

import hashlib
import sys
import tempfile
from pathlib import Path

from jgo.maven import MavenContext
from jgo.parse import Coordinate

from learning_kafka.cluster.zookeeper import JARS_LOCK
from learning_local.downloads import Jar, read_lock

# The `!` keeps jgo from taking an artifact for a bill of materials that changes the versions of the others.
COORDINATES = ("org.apache.kafka:kafka_2.13:3.9.2!", "org.slf4j:slf4j-reload4j:1.7.36!")
HEADER = "# Written by learning_kafka.cluster.jars: sha256, size in bytes, path below a Maven repository.\n# Of: "


def resolve() -> list[Jar]:
    """ZooKeeper itself comes with Kafka, in the version that its brokers are built for."""
    with tempfile.TemporaryDirectory() as directory:
        context = MavenContext(repo_cache=Path(directory))
        wanted = [context.create_dependency(Coordinate.parse(text)) for text in COORDINATES]
        inputs, transitive = context.resolver.resolve(wanted)
        dependencies = [*inputs, *(one for one in transitive if one.scope in ("compile", "runtime"))]
        jars = []
        for artifact in (dependency.artifact for dependency in dependencies):
            file = artifact.resolve()
            content = file.read_bytes()
            path = f"{artifact.groupId.replace('.', '/')}/{artifact.artifactId}/{artifact.version}/{file.name}"
            jars.append(Jar(hashlib.sha256(content).hexdigest(), len(content), path))
    return sorted(jars, key=lambda jar: jar.path)


def main() -> int:
    jars = resolve()
    header = HEADER + " ".join(coordinate.rstrip("!") for coordinate in COORDINATES) + "\n"
    JARS_LOCK.write_text(header + "".join(f"{jar.sha256} {jar.size_bytes} {jar.path}\n" for jar in jars))
    assert read_lock(JARS_LOCK) == jars
    return 0


if __name__ == "__main__":
    sys.exit(main())
