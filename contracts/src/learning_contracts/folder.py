"""Where the contract files lie: beside `src` in a checkout, inside the package in an installed wheel."""

from importlib.resources import files
from pathlib import Path


def contracts_folder() -> Path:
    """The folder that has `topics`, `schemas`, `examples`, `released`, `openapi.yaml`, `asyncapi.yaml`."""
    packaged = Path(str(files("learning_contracts"))) / "data"
    return packaged if packaged.is_dir() else Path(__file__).resolve().parents[2]
