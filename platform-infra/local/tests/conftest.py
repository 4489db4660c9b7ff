"""A home of its own for each test."""

from pathlib import Path

import pytest

from learning_local.home import Home


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home", tmp_path / "cache")
    home.make()
    return home
