"""The settings' documentation is made from the settings themselves, and a stale one is noticed."""

import pytest

from chassis.settings import ServiceSettings, SettingsGroup
from chassis.settings_docs import END, START, env_example, main, table

NAME = "chassis.settings:ServiceSettings"


def test_every_field_of_every_group_is_in_both_renderings() -> None:
    shown, example = table(ServiceSettings), env_example(ServiceSettings)
    names = [group.variable(field) for group in ServiceSettings.groups().values() for field in group.model_fields]
    assert len(names) > 30
    for name in names:
        assert f"| `{name}` |" in shown
        assert f"{name}=" in example


def test_every_setting_says_what_it_is() -> None:
    groups: list[type[SettingsGroup]] = list(ServiceSettings.groups().values())
    assert [f for group in groups for f, info in group.model_fields.items() if not info.description] == []


def test_what_is_required_stands_out_and_secrets_are_marked() -> None:
    assert "| `POSTGRES_DB` | **required** | Database name |" in table(ServiceSettings)
    assert "Password of the role (secret) |" in table(ServiceSettings)
    lines = env_example(ServiceSettings).splitlines()
    assert "POSTGRES_DB=" in lines
    assert "# POSTGRES_PORT=5432" in lines


def test_the_table_replaces_what_stands_between_the_markers(tmp_path) -> None:
    readme = tmp_path / "README.md"
    readme.write_text(f"before\n{START}\nold\n{END}\nafter\n")
    assert main([NAME, "--into", str(readme), "--check"]) == 1
    assert main([NAME, "--into", str(readme)]) == 0
    assert main([NAME, "--into", str(readme), "--check"]) == 0
    text = readme.read_text()
    assert text.startswith(f"before\n{START}\n| variable |")
    assert text.endswith(f"|\n{END}\nafter\n")
    assert "old" not in text


def test_an_env_file_is_written_whole(tmp_path) -> None:
    path = tmp_path / ".env.example"
    assert main([NAME, "--format", "env", "--into", str(path)]) == 0
    assert path.read_text() == env_example(ServiceSettings)
    path.write_text("changed")
    assert main([NAME, "--format", "env", "--into", str(path), "--check"]) == 1
    assert path.read_text() == "changed"


def test_a_file_without_markers_and_a_class_that_is_none_are_refused(tmp_path) -> None:
    readme = tmp_path / "README.md"
    readme.write_text("nothing\n")
    with pytest.raises(ValueError, match="the file has no"):
        main([NAME, "--into", str(readme)])
    with pytest.raises(ValueError, match="not a ServiceSettings"):
        main(["chassis.settings:SettingsError"])
