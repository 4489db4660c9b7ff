"""The gateway under test: the one at GATEWAY_URL, or a stand-in of the suite's own."""

import os
import socket
import uuid
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from issuer import Issuer
from prepare import UPSTREAM_PORT, write
from running import StandIn
from upstream import Upstream


@dataclass(frozen=True)
class World:
    gateway_url: str
    issuer: Issuer
    upstream: Upstream


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    url = os.environ.get("GATEWAY_URL")
    if url:
        key = load_pem_private_key(Path(os.environ["CONFORMANCE_HOME"], "issuer.pem").read_bytes(), None)
        assert isinstance(key, RSAPrivateKey)
        upstream = Upstream(UPSTREAM_PORT)
        yield World(url.rstrip("/"), Issuer(key), upstream)
        upstream.stop()
        return

    directory, issuer, upstream = tmp_path_factory.mktemp("gateway"), Issuer(), Upstream()
    with socket.socket() as refusing:  # bound and not listening: nobody else gets the port, nobody answers
        refusing.bind(("127.0.0.1", 0))
        dead_url = f"http://127.0.0.1:{refusing.getsockname()[1]}"
        config = write(directory, issuer, f"http://127.0.0.1:{upstream.port}", dead_url)
        stand_in = StandIn(config, directory / "gateway.log")
        yield World(stand_in.url, issuer, upstream)
        assert stand_in.stop() == 0
    upstream.stop()


@pytest.fixture
def subject() -> str:
    """A user of this test's own, because limits are counted per user."""
    return f"user-{uuid.uuid4()}"


@pytest.fixture
async def client(world: World) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(world.gateway_url, timeout=aiohttp.ClientTimeout(total=30)) as session:
        yield session
