"""Working copies do not outlive their process, however it ends."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from chassis.runtime import StartFailed
from chassis.workspace import workspace

HOLDER = """
import sys, time
from pathlib import Path
from chassis.workspace import workspace
with workspace("things", Path(sys.argv[1])) as folder:
    (folder / "copy").write_text("original")
    print(folder, flush=True)
    time.sleep(60)
"""


def test_a_workspace_is_empty_private_and_gone_at_the_end(tmp_path: Path) -> None:
    with workspace("things", tmp_path) as folder:
        assert not list(folder.iterdir())
        assert folder.stat().st_mode & 0o077 == 0
        (folder / "copy").write_text("original")
    assert not folder.exists()


def test_what_a_killed_process_left_is_removed_by_the_next_and_what_a_living_one_has_is_not(tmp_path: Path) -> None:
    holder = subprocess.Popen([sys.executable, "-c", HOLDER, tmp_path], stdout=subprocess.PIPE, text=True)
    with holder:
        assert holder.stdout
        left = Path(holder.stdout.readline().strip())
        with workspace("things", tmp_path):
            assert (left / "copy").exists()
        holder.send_signal(signal.SIGKILL)
    assert (left / "copy").exists()
    with workspace("things", tmp_path) as folder:
        assert list(folder.parent.iterdir()) == [folder]


def test_a_place_that_is_not_ours_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / f"things-{os.getuid()}").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(StartFailed, match="belongs to somebody else"), workspace("things", tmp_path):
        pass
