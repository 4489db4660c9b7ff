"""README and .env.example say what the settings classes say."""

from pathlib import Path

import pytest
from chassis import settings_docs

FOLDER = Path(__file__).parents[2]


@pytest.mark.parametrize(("form", "file"), [("table", "README.md"), ("env", ".env.example")])
def test_the_settings_are_documented_as_they_are(form: str, file: str) -> None:
    arguments = ["quiz_service.settings:Settings", "--format", form, "--into", str(FOLDER / file), "--check"]
    assert settings_docs.main(arguments) == 0, f"run `python -m chassis.settings_docs {' '.join(arguments[:-1])}`"
