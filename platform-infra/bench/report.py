"""How every benchmark reports: a figure, a baseline measured in the same run, and their ratio; never pass or fail."""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True)
class Figure:
    """One measured figure; `baseline` says what was measured beside it, in the same unit."""

    name: str
    value: float
    unit: str
    aim: str
    baseline: str = ""
    baseline_value: float | None = None
    ratio: float | None = None


def publish(benchmark: str, figures: Sequence[Figure]) -> None:
    """Print the figures as a table and write them to results/<benchmark>.json."""
    for figure in figures:
        ratio = f"  ratio {figure.ratio:.2f}" if figure.ratio is not None else ""
        against = (
            f"  against {figure.baseline} {figure.baseline_value:,.2f} {figure.unit}"
            if figure.baseline
            else ""
        )
        print(
            f"{benchmark}: {figure.name}: {figure.value:,.2f} {figure.unit}{against}{ratio}  (aim {figure.aim})"
        )
    sys.stdout.flush()
    RESULTS.mkdir(exist_ok=True)
    body = {
        "benchmark": benchmark,
        "machine": {
            "system": platform.platform(),
            "python": platform.python_version(),
            "cpus": os.cpu_count(),
        },
        "figures": [asdict(figure) for figure in figures],
    }
    (RESULTS / f"{benchmark}.json").write_text(json.dumps(body, indent=2) + "\n")
