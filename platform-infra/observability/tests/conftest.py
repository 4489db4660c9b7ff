"""promtool, which judges rules and expressions as Prometheus itself does."""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Promtool = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="session")
def promtool() -> Promtool:
    """Runs promtool in a folder. Without it: a failure in CI, a skip on a laptop."""
    found = shutil.which("promtool")
    if found is None:
        missing = "promtool is missing: apt-get install --no-install-recommends prometheus"
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)

    def run(*arguments: str, folder: Path) -> "subprocess.CompletedProcess[str]":
        return subprocess.run([found, *arguments], cwd=folder, capture_output=True, text=True, timeout=60)

    return run
