"""The reading of names out of expressions, on which the other checks stand."""

import pytest
from promql import series_names


@pytest.mark.parametrize(
    ("expression", "names"),
    [
        ("up == 0", {"up"}),
        ('sum by (service) (rate(a_total{x=~"b{2}|c",y="d"}[5m])) / on (service) d:e:f > 1e3', {"a_total", "d:e:f"}),
        ("histogram_quantile(0.99, sum(rate(h_bucket[5m])) by (le))", {"h_bucket"}),
        ("a unless on(x) b offset 5m and deriv(c[15m:1m]) > bool 0", {"a", "b", "c"}),
        ("sum(1)", set()),
    ],
)
def test_an_expressions_series_are_found_and_nothing_else(expression: str, names: set[str]) -> None:
    assert series_names(expression) == names
