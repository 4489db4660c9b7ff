"""The Java processes: which Java, which jars, how much memory."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from learning_local import java
from learning_local.downloads import JARS_LOCK, JarStore
from learning_local.home import Home
from learning_local.java import Java

AHEAD_OF_TIME_SINCE = 25  # the Java from which the local stack writes the other kind of archive
COLLECTOR = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
# The same words as the local stack's single broker uses, so that its archive of classes fits.
BROKER_MEMORY = ("-Xms96m", "-Xmx256m", *COLLECTOR)
SMALL_MEMORY = ("-Xms32m", "-Xmx64m", *COLLECTOR)
TOOL_MEMORY = ("-Xmx128m", *COLLECTOR)


@dataclass(frozen=True)
class Jvm:
    java: Java
    jars: JarStore
    cache: Path

    @classmethod
    def ready(cls, cache: Path | None = None, lock: Path = JARS_LOCK) -> Jvm:
        """With everything fetched that is missing. Raises CannotContinue, saying what to do."""
        cache = cache or Home.from_environment().cache
        runtime = java.find(cache) or java.fetch(cache)
        jars = JarStore(cache, lock)
        jars.fetch(lambda _done, _total: None)
        return cls(runtime, jars, cache)

    def command(self, memory: tuple[str, ...], logging: str, program: str, *arguments: str) -> tuple[str, ...]:
        """`logging`: the option that names the configuration of the logs."""
        return (
            str(self.java.executable), *memory, *self._classes(memory), logging,
            "-cp", self.jars.classpath, program, *arguments,
        )  # fmt: skip

    def _classes(self, memory: tuple[str, ...]) -> tuple[str, ...]:
        """Classes parsed and linked once, where the local stack's broker has written them: half the time of a start."""
        recipe = "\n".join([self.java.version, str(self.java.executable), self.jars.version, *memory])
        archive = self.cache / f"kafka-classes-{hashlib.sha256(recipe.encode()).hexdigest()[:8]}"
        if not archive.is_file():
            return ()
        if self.java.major >= AHEAD_OF_TIME_SINCE:
            return (f"-XX:AOTCache={archive}", "-Xlog:aot*=off")
        return (f"-XX:SharedArchiveFile={archive}", "-Xlog:cds*=off")
