"""The shape of the repository: a fixed top level, the same files in every package, layers guarded in every service."""

import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
import yaml

INFRA = Path(__file__).resolve().parents[2]
REPOSITORY = INFRA.parent

TOP_LEVEL = {
    "tts-service", "stt-service", "chat-service", "document-reader-service", "quiz-service",
    "kong", "platform-infra", "contracts", "README.md",
    ".ci", ".github", ".gitignore", ".dockerignore", ".editorconfig",
}  # fmt: skip
# What a checkout may hold besides: git's own, and caches that .gitignore names.
NOT_IN_GIT = {".git", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".venv", ".idea", ".vscode"}
FILES_OF_A_PACKAGE = {"pyproject.toml", "requirements.lock", "requirements-dev.lock", "README.md", "src", "tests"}
FRAMEWORKS = {"fastapi", "psycopg", "boto3", "redis", "confluent_kafka"}

CATALOGUE: list[dict[str, Any]] = yaml.safe_load((INFRA / "services.yaml").read_text())["services"]
SERVICES = [entry for entry in CATALOGUE if (REPOSITORY / entry["name"] / "pyproject.toml").is_file()]
PACKAGES = sorted(
    path.parent
    for pattern in ("*/pyproject.toml", "platform-infra/*/pyproject.toml")
    for path in REPOSITORY.glob(pattern)
    if "project" in tomllib.loads(path.read_text())
)


def name_of(entry: dict[str, Any]) -> str:
    return str(entry["name"])


def misplaced(names: Iterable[str]) -> set[str]:
    return set(names) - TOP_LEVEL - NOT_IN_GIT


def unguarded(pyproject: dict[str, Any], module: str) -> set[str]:
    """What import-linter is not asked to hold of the layers: `layers`, and each framework kept out of the core."""
    contracts = pyproject.get("tool", {}).get("importlinter", {}).get("contracts", [])
    layers = [contract for contract in contracts if contract["type"] == "layers"]
    guarded = any(
        all(
            any(layer in line for line in contract["layers"]) for layer in ("bootstrap", "api", "application", "domain")
        )
        for contract in layers
    )
    kept_out = {
        framework
        for contract in contracts
        if contract["type"] == "forbidden"
        and {f"{module}.application", f"{module}.domain"} <= set(contract["source_modules"])
        for framework in contract["forbidden_modules"]
    }
    return (set() if guarded else {"layers"}) | (FRAMEWORKS - kept_out)


def test_the_top_level_holds_nothing_but_what_belongs_there() -> None:
    assert not misplaced(path.name for path in REPOSITORY.iterdir())


def test_something_new_at_the_top_level_is_found() -> None:
    assert misplaced(["README.md", "Makefile", ".git", "scripts"]) == {"Makefile", "scripts"}


@pytest.mark.parametrize("folder", PACKAGES, ids=lambda folder: folder.name)
def test_a_package_has_the_files_that_every_package_has(folder: Path) -> None:
    assert not FILES_OF_A_PACKAGE - {path.name for path in folder.iterdir()}


@pytest.mark.parametrize("entry", SERVICES, ids=name_of)
def test_a_services_layers_are_guarded(entry: dict[str, Any]) -> None:
    pyproject = tomllib.loads((REPOSITORY / entry["name"] / "pyproject.toml").read_text())
    assert not unguarded(pyproject, entry["module"])


def test_a_service_without_a_guard_is_found() -> None:
    assert unguarded({}, "x_service") == {"layers", *FRAMEWORKS}


def test_no_two_services_share_a_port_a_prefix_a_database_or_a_bucket() -> None:
    for field in ("name", "module", "port", "prefix", "database", "bucket"):
        values = [entry[field] for entry in CATALOGUE if entry[field] is not None]
        assert len(values) == len(set(values)), field


@pytest.mark.parametrize("entry", CATALOGUE, ids=name_of)
def test_a_service_names_only_needs_that_the_platform_has(entry: dict[str, Any]) -> None:
    assert set(entry["needs"]) <= {"postgres", "kafka", "s3", "redis"}
    assert ("postgres" in entry["needs"]) == (entry["database"] is not None)
