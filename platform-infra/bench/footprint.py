"""What the idle platform costs: memory of every part, and the time of `make up`, warm and with a cold cache."""

from __future__ import annotations

import argparse
import json
import os
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from report import Figure, publish

INFRA = Path(__file__).resolve().parents[1]


def make(*arguments: str, environment: dict[str, str]) -> str:
    command = ["make", "-s", "-C", str(INFRA), *arguments]
    return subprocess.run(
        command, env=environment, check=True, stdout=subprocess.PIPE, text=True
    ).stdout


def up_seconds(environment: dict[str, str]) -> float:
    start = time.monotonic()
    make("up", environment=environment)
    return time.monotonic() - start


def resident_bytes(environment: dict[str, str]) -> int:
    return sum(
        part["rss_bytes"]
        for part in json.loads(make("status", "JSON=1", environment=environment))
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--cold",
        action="store_true",
        help="also measure the first `up` with an empty cache (downloads)",
    )
    cold = parser.parse_args().cold
    with (
        tempfile.TemporaryDirectory(prefix="learning-bench-") as folder,
        socket.socket() as probe,
    ):
        Path(folder).chmod(0o755)
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
        probe.close()
        environment = {
            **os.environ,
            "GATEWAY_PORT": port,
            "LEARNING_HOME": f"{folder}/home",
        }
        figures = []
        if cold:
            environment["LEARNING_CACHE"] = f"{folder}/cache"
            environment["UV_CACHE_DIR"] = f"{folder}/uv"
            figures.append(
                Figure("first up, cold cache", up_seconds(environment), "s", "< 180")
            )
        else:
            figures.append(
                Figure(
                    "first up, new home, warm cache",
                    up_seconds(environment),
                    "s",
                    "< 15",
                )
            )
        try:
            time.sleep(
                30
            )  # what start-up allocated and returned should not count as idle
            figures.append(
                Figure(
                    "idle memory", resident_bytes(environment) / 2**20, "MiB", "< 1024"
                )
            )
            make("down", environment=environment)
            figures.append(Figure("up again", up_seconds(environment), "s", "< 15"))
        finally:
            make("down", environment=environment)
    publish("footprint-cold" if cold else "footprint", figures)


if __name__ == "__main__":
    main()
