"""The script that runs before anything is installed."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from learning_local.checks import all_suites
from learning_local.home import INFRA


@pytest.fixture
def bootstrap() -> ModuleType:
    spec = importlib.util.spec_from_file_location("bootstrap", INFRA / "local" / "bootstrap.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def environment(bootstrap: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("LEARNING_CACHE", str(tmp_path / "cache"))
    lock = tmp_path / "requirements.lock"
    lock.write_text("one==1\n")
    monkeypatch.setitem(bootstrap.LOCKS, "runtime", lock)
    return bootstrap.Environment("runtime")


class FakeUv:
    """Makes the file an environment is recognised by, and remembers what was asked."""

    def __init__(self, environment: Any) -> None:
        self.python: Path = environment.python
        self.asked: list[str] = []

    def run(self, *arguments: str) -> None:
        self.asked.append(" ".join(arguments[:2]))
        self.python.parent.mkdir(parents=True, exist_ok=True)
        self.python.touch()


def test_it_needs_the_standard_library_alone() -> None:
    for name in ("bootstrap.py", "locks.py"):
        for line in (INFRA / "local" / name).read_text().splitlines():
            if line.startswith(("import ", "from ")):
                module = line.split()[1].partition(".")[0]
                assert module in sys.stdlib_module_names | {"bootstrap"}, line


def test_what_is_installed_is_what_is_checked(bootstrap: ModuleType) -> None:
    packages = [suite.folder for suite in all_suites() if "[project]" in (suite.folder / "pyproject.toml").read_text()]
    assert sorted(packages) == sorted(bootstrap.python_folders())


def test_an_environment_is_installed_once(environment: Any) -> None:
    uv = FakeUv(environment)
    environment.install(uv)
    assert uv.asked == ["venv --quiet", "pip sync", "pip install"]
    assert environment.is_current()


def test_a_changed_lock_makes_it_stale_and_installs_again(environment: Any) -> None:
    uv = FakeUv(environment)
    environment.install(uv)
    environment.lock.write_text("one==2\n")
    assert not environment.is_current()
    uv.asked.clear()
    environment.install(uv)
    assert uv.asked == ["pip sync", "pip install"]


def test_an_interrupted_installation_is_done_again(environment: Any, bootstrap: ModuleType) -> None:
    class NoNetwork(FakeUv):
        def run(self, *arguments: str) -> None:
            super().run(*arguments)
            if arguments[0] == "pip":
                raise bootstrap.CannotInstall("no network")

    with pytest.raises(bootstrap.CannotInstall):
        environment.install(NoNetwork(environment))
    assert not environment.exists()


def test_the_flags_of_make_and_the_ban_on_compiled_modules_end_here(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    executed: list[dict[str, str]] = []
    monkeypatch.setattr(bootstrap, "ensure", lambda *_: bootstrap.Environment("runtime"))
    monkeypatch.setattr(bootstrap.os, "execve", lambda *arguments: executed.append(arguments[2]))
    monkeypatch.setattr(sys, "argv", ["bootstrap.py", "runtime", "--", "token"])
    for name in ("MAKEFLAGS", "PYTHONDONTWRITEBYTECODE", "SUB"):
        monkeypatch.setenv(name, "x")
    bootstrap.main()
    assert executed[0].keys() & {"MAKEFLAGS", "PYTHONDONTWRITEBYTECODE", "SUB"} == {"SUB"}


def test_too_old_a_python_is_told_in_one_line(bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap.sys, "version_info", (3, 9, 2))
    with pytest.raises(bootstrap.CannotInstall, match=r"3\.11 or newer .* is 3\.9.*PYTHON=") as refusal:
        bootstrap.check_machine()
    assert "\n" not in str(refusal.value)


def test_a_full_disk_is_told_in_one_line(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("LEARNING_CACHE", str(tmp_path))
    usage = SimpleNamespace(free=500 * 1024**2)
    monkeypatch.setattr(bootstrap.shutil, "disk_usage", lambda _: usage)
    with pytest.raises(bootstrap.CannotInstall, match=r"0\.5 GiB .* LEARNING_CACHE") as refusal:
        bootstrap.check_machine()
    assert "\n" not in str(refusal.value)


def test_a_cache_that_cannot_be_made_is_told_in_one_line(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("LEARNING_CACHE", str(tmp_path / "file" / "cache"))
    with pytest.raises(bootstrap.CannotInstall, match="LEARNING_CACHE") as refusal:
        bootstrap.check_machine()
    assert "\n" not in str(refusal.value)
