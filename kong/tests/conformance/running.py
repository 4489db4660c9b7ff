"""A stand-in of one's own, as a process: started, asked until it is ready, stopped."""

import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class StandIn:
    def __init__(self, config: Path, log: Path) -> None:
        self.port, self.status_port = free_port(), free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = log
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "kong_stand_in", "serve", "--config", str(config), "--port", str(self.port),
                 "--status-port", str(self.status_port)],
                stdout=output,
                stderr=subprocess.STDOUT,
            )  # fmt: skip
        self._wait_until_ready()

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                self.status("/status/ready")
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.05)
            else:
                return
        self.process.kill()
        self.process.wait()
        raise AssertionError(f"the stand-in did not start: {self.log.read_text()}")

    def status(self, path: str) -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.status_port}{path}", timeout=5) as reply:
            text: str = reply.read().decode()
            return text

    def peak_memory_bytes(self) -> int:
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        (line,) = (line for line in status.splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) * 1024

    def stop(self) -> int:
        self.process.terminate()
        return self.process.wait(timeout=20)
