"""The stand-in as a process: readiness, memory, log, metrics, and an orderly end."""

import asyncio
import json
import socket
import subprocess
import sys
import urllib.error
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest
from issuer import Issuer, owner_id
from prepare import UPLOAD_LIMIT_BYTES, write
from running import StandIn
from upstream import DOWNLOAD_BYTES, EVENTS, Upstream

MEGABYTE = 2**20


@dataclass(frozen=True)
class Running:
    stand_in: StandIn
    issuer: Issuer
    config: Path

    def session(self) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(self.stand_in.url, headers=self.issuer.bearer())


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    issuer, upstream = Issuer(), Upstream()
    url = f"http://127.0.0.1:{upstream.port}"
    config = write(tmp_path, issuer, url, url)
    stand_in = StandIn(config, tmp_path / "gateway.log")
    yield Running(stand_in, issuer, config)
    stand_in.process.kill()
    stand_in.process.wait()
    upstream.stop()


async def _body() -> AsyncIterator[bytes]:
    for _ in range(UPLOAD_LIMIT_BYTES // MEGABYTE):
        yield bytes(MEGABYTE)


async def test_memory_stays_flat_whatever_passes_through(running: Running) -> None:
    async def upload(session: aiohttp.ClientSession) -> int:
        async with session.post("/v1/api/documents/upload", data=_body()) as reply:
            return int((await reply.json())["size"])

    async def download_slowly(session: aiohttp.ClientSession) -> int:
        size = 0
        async with session.get("/v1/api/documents/download") as reply:
            await asyncio.sleep(0.3)  # meanwhile nothing is taken: what the gateway then holds shows
            async for chunk in reply.content.iter_any():
                size += len(chunk)
        return size

    async with running.session() as session:
        sizes = await asyncio.gather(upload(session), download_slowly(session))

    assert list(sizes) == [UPLOAD_LIMIT_BYTES, DOWNLOAD_BYTES]
    assert running.stand_in.peak_memory_bytes() < 80 * MEGABYTE


async def test_on_sigterm_a_running_reply_is_finished_and_nothing_new_is_taken(running: Running) -> None:
    async with running.session() as session, session.get("/v1/api/documents/abc/events") as reply:
        running.stand_in.process.terminate()
        events = (await reply.read()).count(b"data: ")
        with pytest.raises(aiohttp.ClientConnectionError):
            async with aiohttp.ClientSession() as late:
                await late.get(running.stand_in.url)

    assert events == EVENTS
    assert running.stand_in.process.wait(timeout=10) == 0


async def test_the_log_has_a_line_for_each_request_and_no_secret(running: Running) -> None:
    token = running.issuer.token()
    async with running.session() as session:
        headers = {"X-Request-Id": "req-7", "Cookie": "session=c00k1e"}
        await (await session.get("/v1/api/documents/abc?jwt=" + token, headers=headers)).read()
        await (await session.get("/nowhere?secret=s3cr3t")).read()

    text = running.stand_in.log.read_text()
    lines = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
    assert [(line["request"]["uri"], line["response"]["status"]) for line in lines] == [
        ("/v1/api/documents/abc", 200),
        ("/nowhere", 404),
    ]
    assert (lines[0]["user_id"], lines[0]["request_id"], lines[0]["route"]) == (
        owner_id("alice"),
        "req-7",
        {"name": "documents"},
    )
    assert not any(secret in text for secret in (token, token.split(".")[2], "c00k1e", "s3cr3t", "Bearer"))


async def test_the_status_port_tells_readiness_and_counts_requests(running: Running) -> None:
    async with running.session() as session:
        await (await session.get("/v1/api/documents")).read()

    metrics = running.stand_in.status("/metrics")
    assert (
        'kong_http_requests_total{code="200",route="documents-list",service="documents",source="service"} 1.0'
        in metrics
    )
    assert "kong_upstream_latency_ms_bucket" in metrics
    assert running.stand_in.status("/status/ready")
    with pytest.raises(urllib.error.HTTPError):
        running.stand_in.status("/elsewhere")


def test_a_taken_port_is_one_clear_line_and_exit_code_1(running: Running) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = subprocess.run(
            [sys.executable, "-m", "kong_stand_in", "serve", "--config", str(running.config), "--port", port],
            capture_output=True,
            text=True,
            timeout=20,
        )

    assert done.returncode == 1
    assert port in done.stderr
    assert "Traceback" not in done.stderr


def test_a_bad_file_is_refused_before_anything_listens(running: Running) -> None:
    running.config.write_text(running.config.read_text().replace("cookie_names: []", "cookie_names: [jwt]"))
    done = subprocess.run(
        [sys.executable, "-m", "kong_stand_in", "serve", "--config", str(running.config), "--port", "0"],
        capture_output=True,
        text=True,
        timeout=20,
    )

    assert done.returncode == 1
    assert "cookie_names must be []" in done.stderr
