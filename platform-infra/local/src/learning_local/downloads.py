"""Kafka's jars: exactly the files of `kafka-jars.lock`, fetched in parallel and refused if their hash is another."""

from __future__ import annotations

import hashlib
import os
import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from learning_local.home import INFRA
from learning_local.problems import CannotContinue

JARS_LOCK = INFRA / "local" / "kafka-jars.lock"
MAVEN_CENTRAL = "https://repo1.maven.org/maven2"
ATTEMPTS = 3
PARALLEL = 8

Progress = Callable[[int, int], None]  # bytes done, bytes in all


@dataclass(frozen=True)
class Jar:
    sha256: str
    size_bytes: int
    path: str  # below a Maven repository

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]


def read_lock(lock: Path = JARS_LOCK) -> list[Jar]:
    lines = [line.split() for line in lock.read_text().splitlines() if line and not line.startswith("#")]
    return [Jar(sha256, int(size), path) for sha256, size, path in lines]


class JarStore:
    """The jars of one lock file in a directory of the cache, whose name changes with the lock."""

    def __init__(self, cache: Path, lock: Path = JARS_LOCK) -> None:
        self.jars = read_lock(lock)
        self.version = hashlib.sha256(lock.read_bytes()).hexdigest()[:8]
        self.directory = cache / f"kafka-{self.version}"

    @property
    def classpath(self) -> str:
        return os.pathsep.join(str(self.directory / jar.name) for jar in sorted(self.jars, key=lambda jar: jar.name))

    def missing(self) -> list[Jar]:
        """What is not there, or not what the lock says."""
        return [jar for jar in self.jars if not self._is_good(jar)]

    def fetch(self, progress: Progress) -> None:
        """Download what is missing. Raises CannotContinue when it cannot be had or is not what it should be."""
        missing = self.missing()
        if not missing:
            return
        repository = (os.environ.get("MAVEN_CENTRAL_URL") or MAVEN_CENTRAL).rstrip("/")
        total, done, lock = sum(jar.size_bytes for jar in missing), 0, threading.Lock()

        def fetch_one(jar: Jar) -> None:
            nonlocal done
            self._download(f"{repository}/{jar.path}", jar)
            with lock:
                done += jar.size_bytes
                progress(done, total)

        self.directory.mkdir(parents=True, exist_ok=True)
        progress(0, total)
        with ThreadPoolExecutor(PARALLEL) as pool:
            futures = [pool.submit(fetch_one, jar) for jar in missing]
            try:
                for future in futures:
                    future.result()
            except CannotContinue:
                pool.shutdown(wait=False, cancel_futures=True)
                raise

    def _is_good(self, jar: Jar) -> bool:
        path = self.directory / jar.name
        if not path.is_file() or path.stat().st_size != jar.size_bytes:
            return False
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == jar.sha256

    def _download(self, url: str, jar: Jar) -> None:
        content = read_url(url)
        if hashlib.sha256(content).hexdigest() != jar.sha256:
            raise CannotContinue(
                f"{url} is not the file that {JARS_LOCK.name} names (its SHA-256 differs): it is not used. "
                "If you go through a mirror or proxy, look there."
            )
        draft = self.directory / f"{jar.name}.{os.getpid()}.{threading.get_ident()}.part"
        try:
            draft.write_bytes(content)
            draft.replace(self.directory / jar.name)
        except OSError as error:
            raise CannotContinue(
                f"{self.directory}: {error.strerror}. Make room or set LEARNING_CACHE elsewhere."
            ) from error


def read_url(url: str) -> bytes:
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with urllib.request.urlopen(url, timeout=60) as response:
                content: bytes = response.read()
                return content
        except OSError as error:
            if isinstance(error, urllib.error.HTTPError):
                error.close()  # it holds the connection
            if attempt == ATTEMPTS:
                raise CannotContinue(
                    f"{url} cannot be had ({error}): connect to the network (or set HTTPS_PROXY, or MAVEN_CENTRAL_URL "
                    "for a mirror) and run the command again."
                ) from error
    raise AssertionError("unreachable")
