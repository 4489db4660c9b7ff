"""Which series there are: those of services, gateway, brokers and the monitor of events, and the recorded ones."""

import io
import re

import yaml
from kong_stand_in.telemetry import Telemetry
from places import OBSERVABILITY
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from rules import recorded

from chassis import metrics
from event_monitor import EventCollector

TARGET_LABELS = frozenset({"job", "instance", "service", "role"})
_OF_PROMETHEUS = frozenset({"up"})
_TYPE = re.compile(r"^# TYPE (\S+) (\S+)$", re.MULTILINE)


def exposed(text: str) -> frozenset[str]:
    """The series of an exposition in Prometheus's text form; its TYPE lines are there before the first sample."""
    names: set[str] = set()
    for name, kind in _TYPE.findall(text):
        names |= {f"{name}_{part}" for part in ("bucket", "sum", "count")} if kind == "histogram" else {name}
    return frozenset(names)


def of_services() -> frozenset[str]:
    return exposed(metrics.exposition()[0].decode())


def of_gateway() -> frozenset[str]:
    return exposed(Telemetry(io.StringIO()).exposition().decode())


def of_brokers() -> frozenset[str]:
    rules = yaml.safe_load((OBSERVABILITY / "jmx" / "kafka.yml").read_text())["rules"]
    return frozenset(rule["name"] for rule in rules)


def of_event_monitor() -> frozenset[str]:
    registry = CollectorRegistry()
    registry.register(EventCollector(lambda: ()))
    return exposed(generate_latest(registry).decode())


def existing() -> frozenset[str]:
    return of_services() | of_gateway() | of_brokers() | of_event_monitor() | _OF_PROMETHEUS


def known() -> frozenset[str]:
    """Everything an expression may name."""
    return existing() | recorded()


def labels_of_services() -> dict[str, frozenset[str]]:
    """Label names by the metric's base name. prometheus_client has no public way to ask for them."""
    return {
        next(iter(metric.describe())).name: frozenset(metric._labelnames)
        for metric in vars(metrics).values()
        if isinstance(metric, Counter | Gauge | Histogram)
    }
