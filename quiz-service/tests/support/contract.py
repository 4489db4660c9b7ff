"""Where the platform's contracts are."""

from pathlib import Path

CONTRACTS = Path(__file__).parents[3] / "contracts"
OPENAPI = CONTRACTS / "openapi.yaml"
