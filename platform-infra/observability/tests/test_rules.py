"""Alert rules: they name only series that exist, each is shown firing and silent, and each has its page for people."""

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import Promtool
from places import INFRA, PROMETHEUS, REPOSITORY
from promql import series_names
from rules import (
    Expectation,
    Rule,
    alerts,
    all_rules,
    case_files,
    evaluation_order,
    expectations,
    groups,
    input_series,
    rule_files,
)
from series import TARGET_LABELS, known, labels_of_services

ALERTS = alerts()
EXPECTATIONS = [one for path in case_files() for one in expectations(path.read_text())]


def rule_name(rule: Rule) -> str:
    return str(rule.get("alert") or rule["record"])


def without_case(names: set[str], expected: list[Expectation]) -> set[str]:
    """Alerts that no test shows firing, or none shows silent."""
    firing = {one.alert for one in expected if one.fires}
    silent = {one.alert for one in expected if not one.fires}
    return names - (firing & silent)


def headings(path: Path) -> set[str]:
    return {line.removeprefix("## ").strip() for line in path.read_text().splitlines() if line.startswith("## ")}


def test_the_configuration_is_valid(promtool: Promtool) -> None:
    done = promtool("check", "config", "prometheus.yml", folder=PROMETHEUS)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", case_files(), ids=lambda path: path.name)
def test_every_alert_fires_when_it_should_and_only_then(promtool: Promtool, path: Path) -> None:
    done = promtool("test", "rules", path.name, folder=path.parent)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", case_files(), ids=lambda path: path.name)
def test_the_cases_evaluate_every_group_and_the_recordings_first(path: Path) -> None:
    order = evaluation_order(path.read_text())
    assert sorted(order) == sorted(groups())
    assert order == sorted(order, key=lambda name: not name.endswith("_recording"))


def test_a_rule_that_no_longer_fires_is_found(promtool: Promtool, tmp_path: Path) -> None:
    shutil.copytree(PROMETHEUS / "rules", tmp_path / "rules")
    shutil.copytree(PROMETHEUS / "tests", tmp_path / "tests")
    rules = tmp_path / "rules" / "brokers.yml"
    rules.write_text(
        rules.read_text().replace("kafka_log_offline_directories > 0", "kafka_log_offline_directories > 9")
    )
    done = promtool("test", "rules", "brokers.test.yml", folder=tmp_path / "tests")
    assert done.returncode != 0
    assert "KafkaLogDirectoryOffline" in done.stdout + done.stderr


def test_every_alert_is_shown_firing_and_silent() -> None:
    assert not without_case(set(ALERTS), EXPECTATIONS)


def test_an_alert_without_both_is_found() -> None:
    expected = [Expectation("A", True), Expectation("A", False), Expectation("B", True), Expectation("C", False)]
    assert without_case({"A", "B", "C", "D"}, expected) == {"B", "C", "D"}


def test_no_test_is_for_an_alert_that_is_gone() -> None:
    assert {one.alert for one in EXPECTATIONS} <= set(ALERTS)


@pytest.mark.parametrize("rule", all_rules(), ids=rule_name)
def test_a_rule_names_only_series_that_somebody_defines(rule: Rule) -> None:
    names = series_names(rule["expr"])
    assert names
    assert not names - known()


def test_a_misspelt_series_is_found() -> None:
    assert series_names("rate(learning_http_request_total[5m]) > 0") - known() == {"learning_http_request_total"}


def test_the_series_in_the_tests_carry_the_labels_that_the_code_gives_them() -> None:
    labels = labels_of_services()
    checked = 0
    for path in case_files():
        for text in input_series(path.read_text()):
            name, _, matchers = text.partition("{")
            base = name.removesuffix("_total").removesuffix("_bucket")
            if base in labels:
                given = {one.split("=")[0] for one in matchers.rstrip("}").split('",') if "=" in one}
                assert given - TARGET_LABELS - {"le"} == labels[base], text
                checked += 1
    assert checked > 20


@pytest.mark.parametrize("name", sorted(ALERTS))
def test_an_alert_says_how_grave_it_is_and_what_it_is_about(name: str) -> None:
    alert = ALERTS[name]
    assert alert["labels"]["severity"] in {"critical", "warning"}
    assert alert["annotations"]["summary"]


@pytest.mark.parametrize("name", sorted(ALERTS))
def test_an_alert_leads_to_its_section_of_a_runbook(name: str) -> None:
    path, _, anchor = ALERTS[name]["annotations"]["runbook_url"].partition("#")
    page = REPOSITORY / path
    assert page.is_file()
    assert page.parent == INFRA / "docs" / "runbooks"
    assert anchor == name.lower()
    assert name in headings(page)


def test_no_runbook_section_is_for_an_alert_that_is_gone() -> None:
    pages = [page for page in (INFRA / "docs" / "runbooks").glob("*.md") if page.name != "README.md"]
    assert {heading for page in pages for heading in headings(page)} == set(ALERTS)


def services_without_outbox() -> set[str]:
    catalogue: list[dict[str, Any]] = yaml.safe_load((INFRA / "services.yaml").read_text())["services"]
    return {service["name"] for service in catalogue if service["database"] is None}


def test_only_services_without_a_database_are_excused_from_having_a_relay() -> None:
    assert f'{{service!~"{"|".join(sorted(services_without_outbox()))}"}}' in ALERTS["NoActiveRelay"]["expr"]


def test_every_rule_file_is_loaded() -> None:
    patterns = yaml.safe_load((PROMETHEUS / "prometheus.yml").read_text())["rule_files"]
    loaded = {path for pattern in patterns for path in PROMETHEUS.glob(pattern)}
    assert loaded == set(rule_files())
