"""The exporter of the brokers: each series comes from a bean that is really read, under a name that says what it is."""

import re
from typing import Any

import pytest
import yaml
from places import OBSERVABILITY

CONFIG: dict[str, Any] = yaml.safe_load((OBSERVABILITY / "jmx" / "kafka.yml").read_text())
RULES: list[dict[str, Any]] = CONFIG["rules"]
_PATTERN = re.compile(r"^(?P<domain>[\w.]+)<(?P<properties>.+)><>\w+$")


def is_read(pattern: str, included: list[str]) -> bool:
    """Whether a rule's bean is among the object names that the exporter asks for."""
    match = _PATTERN.match(pattern)
    assert match, pattern
    wanted = dict(one.split("=", 1) for one in match["properties"].split(", "))
    for name in included:
        domain, _, rest = name.partition(":")
        parts = rest.split(",")
        given = dict(one.split("=", 1) for one in parts if one != "*")
        if domain != match["domain"] or not given.keys() <= wanted.keys():
            continue
        if all(value in ("*", wanted[key]) for key, value in given.items()) and (
            "*" in parts or given.keys() == wanted.keys()
        ):
            return True
    return False


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: str(rule["name"]))
def test_a_rules_bean_is_read(rule: dict[str, Any]) -> None:
    assert is_read(rule["pattern"], CONFIG["includeObjectNames"])


def test_a_rule_for_a_bean_that_is_not_read_is_found() -> None:
    included = ["kafka.server:type=A,name=*", "kafka.log:type=Log,name=Size,*"]
    assert is_read("kafka.server<type=A, name=X><>Value", included)
    assert is_read(r"kafka.log<type=Log, name=Size, topic=(.+), partition=(\d+)><>Value", included)
    assert not is_read("kafka.server<type=B, name=X><>Value", included)
    assert not is_read("kafka.server<type=A, name=X, topic=(.+)><>Count", included)
    assert not is_read("kafka.network<type=A, name=X><>Value", included)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: str(rule["name"]))
def test_a_series_is_named_in_full_explained_and_a_total_exactly_when_it_counts(rule: dict[str, Any]) -> None:
    assert re.fullmatch(r"kafka_[a-z0-9_]+", rule["name"])  # no $1: the tests of the rules read the names here
    assert rule["help"]
    assert rule["type"] == ("COUNTER" if rule["name"].endswith("_total") else "GAUGE")


def test_no_two_rules_make_one_series() -> None:
    names = [rule["name"] for rule in RULES]
    assert len(names) == len(set(names))
