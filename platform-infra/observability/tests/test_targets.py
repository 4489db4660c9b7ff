"""What is scraped: every service that exists in both its roles, by the port of the catalogue."""

from typing import Any

import pytest
import yaml
from places import INFRA, PROMETHEUS, REPOSITORY

Target = tuple[str, str, str]


def scraped() -> set[Target]:
    entries: list[dict[str, Any]] = yaml.safe_load((PROMETHEUS / "targets" / "services.yml").read_text())
    return {
        (entry["labels"]["service"], entry["labels"]["role"], address)
        for entry in entries
        for address in entry["targets"]
    }


def present(catalogue: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [one for one in catalogue if (REPOSITORY / one["name"] / "src" / one["module"] / "__main__.py").is_file()]


def wanted(catalogue: list[dict[str, Any]]) -> set[Target]:
    return {
        (service["name"], role, f"{service['name']}{suffix}:{service['port']}")
        for service in catalogue
        for role, suffix in (("api", ""), ("worker", "-worker"))
    }


def test_every_service_that_exists_is_scraped_and_no_other() -> None:
    services = present(yaml.safe_load((INFRA / "services.yaml").read_text())["services"])
    assert services
    assert scraped() == wanted(services)


def test_a_service_is_scraped_as_api_and_as_worker() -> None:
    assert wanted([{"name": "x-service", "port": 80}]) == {
        ("x-service", "api", "x-service:80"),
        ("x-service", "worker", "x-service-worker:80"),
    }


@pytest.mark.parametrize("name", ["gateway", "brokers", "events", "alertmanagers"])
def test_a_target_file_names_addresses(name: str) -> None:
    entries = yaml.safe_load((PROMETHEUS / "targets" / f"{name}.yml").read_text())
    assert [address for entry in entries for address in entry["targets"] if ":" in address]


def test_the_gateways_targets_carry_no_service_label_which_would_hide_kongs_own() -> None:
    entries = yaml.safe_load((PROMETHEUS / "targets" / "gateway.yml").read_text())
    assert not [entry for entry in entries if "service" in entry.get("labels", {})]


def test_the_configuration_reads_every_target_file() -> None:
    text = (PROMETHEUS / "prometheus.yml").read_text()
    assert not [path.name for path in (PROMETHEUS / "targets").glob("*.yml") if f"targets/{path.name}" not in text]
