"""What the README states of the settings is what the code says."""

from pathlib import Path

from chassis.settings_docs import main


def test_the_settings_table_is_the_one_the_code_makes() -> None:
    readme = Path(__file__).parents[2] / "README.md"
    assert main(["chassis.settings:ServiceSettings", "--into", str(readme), "--check"]) == 0
