"""Processes of a cluster: a failed start says why, and nothing outlives whoever started it."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from learning_kafka.cluster.process import ClusterProcess
from learning_kafka.cluster.runner import RunningCluster, running
from learning_local.problems import CannotContinue

SLEEPER = (sys.executable, "-c", "import time; print('ready', flush=True); time.sleep(60)")
STARTS_AND_WAITS = """
import sys, time
from pathlib import Path
sys.path.insert(0, {tests!r})
from integration.test_runner import SLEEPER, Sleeping
from learning_kafka.cluster.runner import RunningCluster
processes = RunningCluster(Sleeping(Path({home!r}), SLEEPER))
processes.start("broker-1")
print(processes.pid("broker-1"), flush=True)
time.sleep(60)
"""


class Sleeping:
    """A cluster of one process that is no broker."""

    size = 1

    def __init__(self, home: Path, command: tuple[str, ...]) -> None:
        self.home = home
        self._command = command

    def prepare(self) -> None: ...

    def processes(self) -> tuple[ClusterProcess, ...]:
        return (ClusterProcess("broker-1", self._command, self.home),)

    def client_environment(self) -> dict[str, str]:
        return {"KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1"}


def gone(process: psutil.Process) -> bool:
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


def test_a_broker_that_ends_at_once_is_reported_with_its_last_words(tmp_path: Path) -> None:
    command = (sys.executable, "-c", "print('the disk is full'); raise SystemExit(1)")
    with pytest.raises(CannotContinue, match=r"broker-1 has ended.*the disk is full"):
        with running(Sleeping(tmp_path, command)):
            pytest.fail("it never became ready")


def test_a_cluster_that_does_not_become_ready_is_stopped(tmp_path: Path) -> None:
    processes = RunningCluster(Sleeping(tmp_path, SLEEPER))
    processes.start("broker-1")
    process = psutil.Process(processes.pid("broker-1"))
    with pytest.raises(CannotContinue, match="0 of 1 brokers"):
        processes.wait_until_ready(seconds=0.1)
    processes.stop_all()
    assert gone(process)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the local stack ends what was left over")
def test_brokers_end_with_the_process_that_started_them_even_if_it_is_killed(tmp_path: Path) -> None:
    program = STARTS_AND_WAITS.format(tests=str(Path(__file__).parents[1]), home=str(tmp_path))
    starter = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert starter.stdout is not None
    broker = psutil.Process(int(starter.stdout.readline()))
    deadline = time.monotonic() + 20
    while not (tmp_path / "output.log").read_text() and time.monotonic() < deadline:
        time.sleep(0.05)  # until the launcher has become the broker
    starter.send_signal(signal.SIGKILL)
    starter.communicate()
    psutil.wait_procs([broker], timeout=10)
    assert gone(broker)
