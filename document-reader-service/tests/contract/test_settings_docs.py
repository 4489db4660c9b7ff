"""README and .env.example say what the settings classes say."""

from pathlib import Path

import pytest
from chassis import settings_docs

FOLDER = Path(__file__).parents[2]
SETTINGS = "document_reader_service.settings:Settings"


@pytest.mark.parametrize(("form", "file"), [("table", "README.md"), ("env", ".env.example")])
def test_the_documented_settings_are_the_real_ones(form: str, file: str) -> None:
    assert settings_docs.main([SETTINGS, "--format", form, "--into", str(FOLDER / file), "--check"]) == 0, (
        f"run: python -m chassis.settings_docs {SETTINGS} --format {form} --into {file}"
    )
