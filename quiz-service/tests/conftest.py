"""What every tier needs."""

import pytest
from chassis import logging


@pytest.fixture(scope="session", autouse=True)
def _plain_logs() -> None:
    # Unconfigured, structlog paints tracebacks for a terminal, which takes seconds each.
    logging.configure("tests", "WARNING")
