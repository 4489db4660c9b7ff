"""Where the test servers are. Absent ones skip the test, but fail it with CI=true: a check must not vanish quietly."""

import os

import pytest

POSTGRES_URL = "TEST_POSTGRES_URL"
KAFKA_BOOTSTRAP_SERVERS = "TEST_KAFKA_BOOTSTRAP_SERVERS"
REDIS_URL = "TEST_REDIS_URL"


def required(name: str) -> str:
    """The address of a test server from the environment."""
    if address := os.environ.get(name):
        return address
    message = f"{name} is not set (make test sets it)"
    if os.environ.get("CI") == "true":
        pytest.fail(message, pytrace=False)
    pytest.skip(message)
