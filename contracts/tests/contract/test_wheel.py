"""An installed wheel has the contracts inside and finds them there."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from learning_contracts.folder import contracts_folder

PROGRAM = """
from learning_contracts import folder, registry
from learning_contracts.check import problems
print(folder.contracts_folder())
print(len(registry.topics()), len(registry.event_types()))
for event_type in registry.event_types():
    registry.writer_validator(event_type)
print(list(problems(folder.contracts_folder())))
print((folder.contracts_folder() / "openapi.yaml").is_file())
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The unpacked wheel, as an installer leaves it."""
    place = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(place)]
    subprocess.run(build, cwd=contracts_folder(), check=True, capture_output=True)
    (wheel,) = place.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(place / "site")
    return place / "site"


def test_an_installed_wheel_finds_its_own_topics_schemas_and_examples(installed: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], env=environment, cwd=installed, capture_output=True, text=True, check=True
    )
    place, counts, problems, has_api = done.stdout.splitlines()
    assert Path(place) == installed / "learning_contracts" / "data"
    assert (counts, problems, has_api) == ("10 21", "[]", "True")


def test_a_wheel_has_every_contract_file_of_the_folder(installed: Path) -> None:
    folder = contracts_folder()
    for name in ("topics", "schemas", "examples", "released"):
        here = {path.relative_to(folder) for path in folder.glob(f"{name}/**/*") if path.is_file()}
        data = installed / "learning_contracts/data"
        assert here == {path.relative_to(data) for path in data.glob(f"{name}/**/*") if path.is_file()}
        assert here, name
