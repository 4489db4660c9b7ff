import hashlib
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from learning_local.downloads import JARS_LOCK, JarStore, read_lock
from learning_local.problems import CannotContinue


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A Maven repository of two jars, served on loopback."""
    root = tmp_path / "repository"
    for name in ("one", "two"):
        jar = root / "org" / name / f"{name}.jar"
        jar.parent.mkdir(parents=True)
        jar.write_bytes(name.encode() * 1000)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(QuietHandler, directory=str(root)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    monkeypatch.setenv("MAVEN_CENTRAL_URL", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    yield root
    server.shutdown()
    thread.join()
    server.server_close()


def lock_of(repository: Path) -> Path:
    lock = repository.parent / "jars.lock"
    lines = ["# a comment"]
    for jar in sorted(repository.rglob("*.jar")):
        content = jar.read_bytes()
        lines.append(f"{hashlib.sha256(content).hexdigest()} {len(content)} {jar.relative_to(repository)}")
    lock.write_text("\n".join(lines) + "\n")
    return lock


def test_jars_are_fetched_once_with_their_progress(repository: Path, tmp_path: Path) -> None:
    store, seen = JarStore(tmp_path / "cache", lock_of(repository)), list[tuple[int, int]]()
    store.fetch(lambda done, total: seen.append((done, total)))
    assert seen[0] == (0, 6000)
    assert seen[-1] == (6000, 6000)
    assert store.missing() == []
    store.fetch(lambda *_: pytest.fail("nothing was missing"))


def test_a_jar_with_another_hash_is_refused_and_not_kept(repository: Path, tmp_path: Path) -> None:
    store = JarStore(tmp_path / "cache", lock_of(repository))
    (repository / "org" / "two" / "two.jar").write_bytes(b"bad" * 1000)
    with pytest.raises(CannotContinue, match="SHA-256") as refusal:
        store.fetch(lambda *_: None)
    assert "\n" not in str(refusal.value)
    assert [jar.name for jar in store.missing() if jar.name == "two.jar"] == ["two.jar"]


def test_a_jar_damaged_in_the_cache_is_fetched_again(repository: Path, tmp_path: Path) -> None:
    store = JarStore(tmp_path / "cache", lock_of(repository))
    store.fetch(lambda *_: None)
    (store.directory / "one.jar").write_bytes(b"two" * 1000)
    assert [jar.name for jar in store.missing()] == ["one.jar"]
    store.fetch(lambda *_: None)
    assert store.missing() == []


def test_a_jar_that_cannot_be_had_is_one_line_that_says_what_to_do(repository: Path, tmp_path: Path) -> None:
    lock = lock_of(repository)
    (repository / "org" / "one" / "one.jar").unlink()
    with pytest.raises(CannotContinue, match="cannot be had") as refusal:
        JarStore(tmp_path / "cache", lock).fetch(lambda *_: None)
    assert "\n" not in str(refusal.value)
    assert "MAVEN_CENTRAL_URL" in str(refusal.value)


def test_the_list_in_git_names_every_jar_once_and_no_host() -> None:
    jars = read_lock()
    assert len({jar.name for jar in jars}) == len(jars) > 40
    assert any(jar.name.startswith("kafka_2.13-4.3.1") for jar in jars)
    assert "://" not in JARS_LOCK.read_text()
