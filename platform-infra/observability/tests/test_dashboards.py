"""Dashboards: valid, every expression accepted by promtool, every series one that somebody defines."""

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import Promtool
from places import OBSERVABILITY
from promql import series_names
from series import known

DASHBOARDS = sorted((OBSERVABILITY / "grafana").glob("*.json"))
OF_PROMETHEUS = {"ALERTS"}
_LABEL_VALUES = re.compile(r"^label_values\((.+), (\w+)\)$")
# What Grafana puts in the place of its variables.
_VARIABLES = {"$__rate_interval": "5m", "$service": ".*"}


def load(path: Path) -> dict[str, Any]:
    dashboard: dict[str, Any] = json.loads(path.read_text())
    return dashboard


def panels(dashboard: dict[str, Any]) -> list[dict[str, Any]]:
    return [panel for panel in dashboard["panels"] if panel["type"] != "row"]


def expressions(dashboard: dict[str, Any]) -> Iterator[str]:
    """Of panels, annotations and variables, as Prometheus will see them."""
    found = [target["expr"] for panel in panels(dashboard) for target in panel["targets"]]
    found += [annotation["expr"] for annotation in dashboard["annotations"]["list"]]
    for variable in dashboard["templating"]["list"]:
        if variable["type"] == "query":
            match = _LABEL_VALUES.match(variable["query"]["query"])
            assert match, variable["name"]
            found.append(match[1])
    for expression in found:
        for name, value in _VARIABLES.items():
            expression = expression.replace(name, value)
        yield expression


def overlapping(dashboard: dict[str, Any]) -> list[str]:
    taken: set[tuple[int, int]] = set()
    clashes = []
    for panel in dashboard["panels"]:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        if cells & taken or place["x"] + place["w"] > 24:
            clashes.append(panel["title"])
        taken |= cells
    return clashes


@pytest.fixture(params=DASHBOARDS, ids=lambda path: path.name)
def dashboard(request: pytest.FixtureRequest) -> dict[str, Any]:
    return load(request.param)


def test_there_is_a_dashboard_for_events() -> None:
    assert "events.json" in {path.name for path in DASHBOARDS}


def refusal(promtool: Promtool, expressions: Iterable[str], folder: Path) -> str:
    """What promtool says against these expressions, empty when nothing."""
    rules = [{"record": f"panel:{number}", "expr": one} for number, one in enumerate(expressions)]
    (folder / "rules.yml").write_text(yaml.safe_dump({"groups": [{"name": "panels", "rules": rules}]}))
    done = promtool("check", "rules", "--lint=none", "rules.yml", folder=folder)
    return "" if done.returncode == 0 else done.stdout + done.stderr


def test_prometheus_accepts_every_expression(promtool: Promtool, dashboard: dict[str, Any], tmp_path: Path) -> None:
    assert not refusal(promtool, expressions(dashboard), tmp_path)


def test_an_expression_that_prometheus_refuses_is_found(promtool: Promtool, tmp_path: Path) -> None:
    assert "parse" in refusal(promtool, ["sum by (x) rate(up[5m])"], tmp_path)


def test_every_series_is_one_that_somebody_defines(dashboard: dict[str, Any]) -> None:
    used = {name for expression in expressions(dashboard) for name in series_names(expression)}
    assert len(used) > 20
    assert not used - known() - OF_PROMETHEUS


def test_no_variable_of_grafana_is_left_unknown(dashboard: dict[str, Any]) -> None:
    assert not [expression for expression in expressions(dashboard) if "$" in expression]


def test_every_panel_says_what_it_shows(dashboard: dict[str, Any]) -> None:
    assert not [panel["title"] for panel in panels(dashboard) if not (panel["description"] and panel["targets"])]
    identifiers = [panel["id"] for panel in dashboard["panels"]]
    assert len(identifiers) == len(set(identifiers))


def test_no_panel_lies_on_another(dashboard: dict[str, Any]) -> None:
    assert not overlapping(dashboard)


def test_panels_that_overlap_are_found() -> None:
    place = {"x": 0, "y": 0, "w": 12, "h": 7}
    twice = [{"title": "a", "gridPos": place}, {"title": "b", "gridPos": {**place, "x": 11}}]
    assert overlapping({"panels": twice}) == ["b"]
