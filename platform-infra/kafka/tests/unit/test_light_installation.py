"""The commands run where nothing of the local stack is installed: in CI, in a Job of Kubernetes."""

import subprocess
import sys

WITHOUT_LOCAL_STACK = """
import sys
for name in ("learning_local", "cryptography", "psutil", "jgo"):
    sys.modules[name] = None
from learning_kafka.cli import main
sys.exit(main(["acls", "show"]))
"""


def test_the_commands_need_nothing_of_what_starts_brokers() -> None:
    done = subprocess.run([sys.executable, "-c", WITHOUT_LOCAL_STACK], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert "User:quiz-service" in done.stdout
