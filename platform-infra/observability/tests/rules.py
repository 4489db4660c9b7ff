"""The rule files as data: every recording and alert rule, and every case that promtool runs for the alerts."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from places import PROMETHEUS

Rule = dict[str, Any]


def rules_of(text: str) -> list[Rule]:
    return [rule for group in yaml.safe_load(text)["groups"] for rule in group["rules"]]


def rule_files() -> list[Path]:
    return sorted((PROMETHEUS / "rules").glob("*.yml"))


def case_files() -> list[Path]:
    return sorted((PROMETHEUS / "tests").glob("*.test.yml"))


def all_rules() -> list[Rule]:
    return [rule for path in rule_files() for rule in rules_of(path.read_text())]


def alerts() -> dict[str, Rule]:
    return {rule["alert"]: rule for rule in all_rules() if "alert" in rule}


def recorded() -> frozenset[str]:
    return frozenset(rule["record"] for rule in all_rules() if "record" in rule)


@dataclass(frozen=True, slots=True)
class Expectation:
    """What one case of a promtool test says of one alert at one time."""

    alert: str
    fires: bool


def expectations(text: str) -> list[Expectation]:
    return [
        Expectation(check["alertname"], bool(check["exp_alerts"]))
        for case in yaml.safe_load(text)["tests"]
        for check in case["alert_rule_test"]
    ]


def input_series(text: str) -> list[str]:
    return [series["series"] for case in yaml.safe_load(text)["tests"] for series in case["input_series"]]


def groups() -> list[str]:
    return [group["name"] for path in rule_files() for group in yaml.safe_load(path.read_text())["groups"]]


def evaluation_order(text: str) -> list[str]:
    order: list[str] = yaml.safe_load(text)["group_eval_order"]
    return order
