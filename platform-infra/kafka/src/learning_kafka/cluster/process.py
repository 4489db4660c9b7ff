"""One process of a cluster, for whoever starts and stops it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class ClusterProcess:
    """`stop_rank`: processes of a lower rank end first; within one rank together."""

    name: str
    command: tuple[str, ...]
    directory: Path
    stop_rank: int = 0
