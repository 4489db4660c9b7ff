"""Metric names follow one pattern, and labels cannot grow without bound."""

import re

import pytest
from prometheus_client import Histogram
from prometheus_client.metrics import MetricWrapperBase

from chassis import metrics

ALL = {name: value for name, value in vars(metrics).items() if isinstance(value, MetricWrapperBase)}
UNBOUNDED = {"id", "owner_id", "path", "user", "message", "error", "key", "request_id"}


@pytest.mark.parametrize("metric", ALL.values(), ids=ALL.keys())
def test_a_metric_is_named_after_the_platform_and_explains_itself(metric) -> None:
    family = next(iter(metric.collect()))
    assert re.fullmatch(r"learning_[a-z]+(_[a-z]+)+", family.name)
    assert family.documentation.endswith(".")
    assert not UNBOUNDED & set(metric._labelnames)


def test_a_block_is_timed_also_when_it_raises() -> None:
    histogram = Histogram("learning_test_seconds", "For this test.", registry=None)
    with pytest.raises(RuntimeError), metrics.timed(histogram):
        raise RuntimeError
    samples = {sample.name: sample.value for sample in next(iter(histogram.collect())).samples}
    assert samples["learning_test_seconds_count"] == 1
