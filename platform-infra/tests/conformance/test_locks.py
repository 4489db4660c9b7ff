"""All lock files come from one resolution: they agree on every version, name no host, and know what is asked for."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

INFRA = Path(__file__).resolve().parents[2]
REPOSITORY = INFRA.parent
UNION = INFRA / "requirements-dev.lock"
PIN = re.compile(
    r"^(?P<name>[A-Za-z0-9._-]+)(\[[^]]*\])?==(?P<version>[^\s;]+)\s*(?:;(?P<marker>[^\\]*))?", re.MULTILINE
)

FOLDERS = sorted(
    path.parent
    for pattern in ("*/pyproject.toml", "platform-infra/*/pyproject.toml")
    for path in REPOSITORY.glob(pattern)
    if "project" in tomllib.loads(path.read_text())
)
LOCKS = [
    INFRA / "requirements.lock",
    UNION,
    *(f / n for f in FOLDERS for n in ("requirements.lock", "requirements-dev.lock")),
]


def relative(path: Path) -> str:
    return str(path.relative_to(REPOSITORY))


def pins(text: str) -> set[tuple[str, str]]:
    return {(canonicalize_name(match["name"]), match["version"]) for match in PIN.finditer(text)}


def disagreements(lock: str, union: str) -> set[tuple[str, str]]:
    return pins(lock) - pins(union)


def hosts(lock: str) -> list[str]:
    return re.findall(r"\S*://\S*|--(?:extra-)?index-url\S*|--find-links\S*", lock)


def unhashed(lock: str) -> Iterator[str]:
    for block in re.split(r"\n(?=\S)", lock):
        if PIN.match(block) and "--hash=sha256:" not in block:
            yield block.splitlines()[0]


def asked_for(pyproject: str) -> set[str]:
    """Direct dependencies other than our own packages."""
    requirements = [Requirement(text) for text in tomllib.loads(pyproject)["project"]["dependencies"]]
    return {canonicalize_name(one.name) for one in requirements if not one.name.startswith("learning-")}


def test_there_are_folders_to_look_at() -> None:
    assert {"contracts", "platform-infra/chassis", "platform-infra/local"} <= {relative(folder) for folder in FOLDERS}


@pytest.mark.parametrize("lock", LOCKS, ids=relative)
def test_a_lock_agrees_with_the_one_for_all(lock: Path) -> None:
    assert pins(lock.read_text()), "an empty lock agrees with everything"
    assert not disagreements(lock.read_text(), UNION.read_text()), "run: make -C platform-infra lock"


@pytest.mark.parametrize("lock", [*LOCKS, *INFRA.glob("requirements-*.lock")], ids=relative)
def test_a_lock_names_no_host_and_has_a_hash_for_everything(lock: Path) -> None:
    assert not hosts(lock.read_text())
    assert not list(unhashed(lock.read_text()))


@pytest.mark.parametrize("folder", FOLDERS, ids=relative)
def test_a_folders_lock_has_everything_its_pyproject_asks_for(folder: Path) -> None:
    locked = {name for name, _ in pins((folder / "requirements.lock").read_text())}
    assert asked_for((folder / "pyproject.toml").read_text()) <= locked, "run: make -C platform-infra lock"


@pytest.mark.parametrize("folder", FOLDERS, ids=relative)
def test_our_own_packages_are_in_no_lock(folder: Path) -> None:
    ours = {tomllib.loads((one / "pyproject.toml").read_text())["project"]["name"] for one in FOLDERS}
    for name in ("requirements.lock", "requirements-dev.lock"):
        assert not ours & {pinned for pinned, _ in pins((folder / name).read_text())}


def test_a_version_of_its_own_is_a_disagreement() -> None:
    union = "httpx==0.28.1 \\\n    --hash=sha256:aa\nidna==3.10 ; python_version < '3.12'\n"
    assert not disagreements("HTTPX==0.28.1\n", union)
    assert disagreements("httpx==0.28.0\n", union) == {("httpx", "0.28.0")}
    assert disagreements("other==1\n", union) == {("other", "1")}


def test_an_index_a_direct_address_and_a_missing_hash_are_found() -> None:
    assert hosts("--index-url https://mirror.example/simple\n")
    assert hosts("httpx @ https://files.example/httpx.whl\n")
    assert list(unhashed("a==1 \\\n    --hash=sha256:aa\nb==2\n")) == ["b==2"]


def test_a_dependency_that_was_added_but_not_locked_is_missed() -> None:
    pyproject = (
        '[project]\nname = "x"\ndependencies = ["learning-chassis", "Pillow>=11", "orjson; python_version < \'4\'"]\n'
    )
    assert asked_for(pyproject) == {"pillow", "orjson"}
