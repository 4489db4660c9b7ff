"""What the tool answered."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Answer:
    code: int
    summary: str
    rows: list[dict[str, Any]]
    problem: str


Tool = Callable[..., Answer]
