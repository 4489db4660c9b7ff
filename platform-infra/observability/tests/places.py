"""Where the things under test lie."""

from pathlib import Path

OBSERVABILITY = Path(__file__).resolve().parents[1]
INFRA = OBSERVABILITY.parent
REPOSITORY = INFRA.parent
PROMETHEUS = OBSERVABILITY / "prometheus"
DOCS = INFRA / "docs"
RUNBOOKS = DOCS / "runbooks"


def named(path: Path) -> str:
    """A path as people write it: from the top of the repository."""
    return str(path.relative_to(REPOSITORY))
