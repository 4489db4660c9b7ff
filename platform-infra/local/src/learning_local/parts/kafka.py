"""Apache Kafka as one KRaft node: broker and controller in one small JVM, persistent, with the contracts' topics."""

from __future__ import annotations

import base64
import hashlib
import os
import subprocess
import sys
import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from learning_local.downloads import JarStore
from learning_local.files import write_text
from learning_local.home import REPOSITORY, Home
from learning_local.java import Java
from learning_local.parts.base import LOOPBACK, Command, Part, check_port
from learning_local.problems import CannotContinue, NotReady

NODE_ID = 1
AHEAD_OF_TIME_SINCE = 25  # the Java whose class archives also work without the archive of a full JDK
MEMORY = ("-Xms96m", "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")

SERVER = """\
process.roles=broker,controller
node.id={node}
controller.quorum.voters={node}@{host}:{controller_port}
listeners=PLAINTEXT://{host}:{port},CONTROLLER://{host}:{controller_port}
advertised.listeners=PLAINTEXT://{host}:{port}
controller.listener.names=CONTROLLER
log.dirs={data}
auto.create.topics.enable=false
# One node: nothing to replicate to.
offsets.topic.replication.factor=1
offsets.topic.num.partitions=5
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=5
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
# After a kill -9 the node waits until its earlier self counts as gone.
broker.session.timeout.ms=2000
broker.heartbeat.interval.ms=500
# A laptop's disk: small segments, so that what is past its retention is really deleted.
log.segment.bytes=33554432
num.network.threads=2
num.io.threads=4
log.cleaner.dedupe.buffer.size=8388608
"""
LOGGING = """\
<Configuration status="warn">
  <Appenders><Console name="out"><PatternLayout pattern="%d{ISO8601} %p %c{1}: %m%n"/></Console></Appenders>
  <Loggers><Root level="warn"><AppenderRef ref="out"/></Root></Loggers>
</Configuration>
"""


class Kafka(Part):
    name = "kafka"
    stop_seconds = 40.0  # the first stop also writes the class archive

    def __init__(
        self,
        home: Home,
        ports: tuple[int, int],
        java: Java,
        jars: JarStore,
        groups: Iterable[str],
        topics: bool = True,
        agent: tuple[str, ...] = (),
    ) -> None:
        self._directory = home.root / "kafka"
        self._port, self._controller_port = ports
        self._java = java
        self._jars = jars
        self._groups = tuple(groups)
        self._topics = topics
        self._archive = ClassArchive(java, jars, home)
        self._agent = agent

    @property
    def address(self) -> str:
        return f"{LOOPBACK}:{self._port}"

    @property
    def client_environment(self) -> dict[str, str]:
        return {"KAFKA_BOOTSTRAP_SERVERS": self.address, "KAFKA_SECURITY_PROTOCOL": "PLAINTEXT"}

    def prepare(self) -> None:
        data = self._directory / "data"
        data.mkdir(parents=True, exist_ok=True)
        self._archive.prepare()
        if not (data / "meta.properties").is_file():  # what Kafka's own formatting tool does in four seconds
            write_text(data / "meta.properties", f"version=1\ncluster.id={new_cluster_id()}\nnode.id={NODE_ID}\n")
        write_text(self._directory / "log4j2.xml", LOGGING)
        properties = SERVER.format(
            node=NODE_ID, host=LOOPBACK, port=self._port, controller_port=self._controller_port, data=data
        )
        write_text(self._directory / "server.properties", properties)

    def command(self) -> Command:
        arguments = (
            str(self._java.executable), *MEMORY, *self._archive.options(self._agent),
            f"-Dlog4j2.configurationFile={self._directory / 'log4j2.xml'}",
            "-cp", self._jars.classpath, "kafka.Kafka", str(self._directory / "server.properties"),
        )  # fmt: skip
        return Command(arguments, self._directory, os.environ)

    def check(self) -> None:
        check_port(LOOPBACK, self._port)
        brokers({"bootstrap.servers": self.address})

    def provision(self) -> None:
        if self._topics:
            made, wanted = self._directory / "topics", fingerprint_of_topics(self._groups)
            if not made.is_file() or made.read_text() != wanted:
                make_topics({**os.environ, **self.client_environment}, self._groups, replicas=1)
                write_text(made, wanted)

    def after_stop(self) -> None:
        self._archive.keep()


class ClassArchive:
    """Classes parsed and linked once: halves the start. Bound to this Java, these jars and these options."""

    def __init__(self, java: Java, jars: JarStore, home: Home) -> None:
        recipe = "\n".join([java.version, str(java.executable), jars.version, *MEMORY])
        self._file = home.cache / f"kafka-classes-{hashlib.sha256(recipe.encode()).hexdigest()[:8]}"
        self._new = home.root / "kafka" / "classes.new"
        self._java = java

    @property
    def exists(self) -> bool:
        return self._file.is_file()

    def prepare(self) -> None:
        self._new.unlink(missing_ok=True)

    def options(self, agent: tuple[str, ...] = ()) -> tuple[str, ...]:
        """Use the archive, or write one at exit (which takes some seconds, once; not with an agent in the JVM)."""
        if agent and not self.exists:
            return agent
        if self._java.major >= AHEAD_OF_TIME_SINCE:
            kind, reading, writing = "aot", "AOTCache", "AOTCacheOutput"
        else:
            kind, reading, writing = "cds", "SharedArchiveFile", "ArchiveClassesAtExit"
        option = f"-XX:{reading}={self._file}" if self.exists else f"-XX:{writing}={self._new}"
        return (*agent, option, f"-Xlog:{kind}*=off")

    def keep(self) -> None:
        """After the process has ended."""
        if self._new.is_file() and not self.exists:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            self._new.rename(self._file)


def new_cluster_id() -> str:
    return base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")


def brokers(client_config: Mapping[str, Any]) -> int:
    """How many brokers answer. Raises NotReady."""
    admin = AdminClient({"log_level": 0, "socket.timeout.ms": 2000, **client_config}, logger=None)
    try:
        return len(admin.list_topics(timeout=2).brokers)
    except KafkaException as error:
        raise NotReady(f"no metadata: {error.args[0].str()}") from error


def fingerprint_of_topics(groups: Iterable[str]) -> str:
    """Changes when the contracts' topics or the groups do."""
    digest = hashlib.sha256(" ".join(groups).encode())
    for file in sorted((REPOSITORY / "contracts" / "topics").glob("*.yaml")):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def make_topics(environment: Mapping[str, str], groups: Iterable[str], replicas: int) -> None:
    """In a process of its own, because schemas and settings would stay in the supervisor's memory (50 MB)."""
    command = (sys.executable, "-m", "learning_local.topics", str(replicas), *groups)
    done = subprocess.run(command, env=dict(environment), capture_output=True, text=True, timeout=60)
    if done.returncode:
        raise CannotContinue(f"The topics cannot be made: {''.join(done.stderr.strip().splitlines()[-1:])}")
