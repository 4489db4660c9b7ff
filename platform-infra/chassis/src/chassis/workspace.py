"""A folder for the working copies of one process, cleared of those that killed processes left behind.

A process holds a lock on its own folder for as long as it lives, however it ends, also across containers that share
the place; so only folders of the dead are removed.
"""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from chassis.runtime import StartFailed


@contextmanager
def workspace(name: str, below: Path | None = None) -> Iterator[Path]:
    """An empty folder of this process, gone with the block; `below` is the system's place for temporary files.

    Raises StartFailed when the service's place there belongs to somebody else.
    """
    place = (below or Path(tempfile.gettempdir())) / f"{name}-{os.getuid()}"
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    if place.is_symlink() or place.stat().st_uid != os.getuid():
        raise StartFailed(f"{place} belongs to somebody else: remove it, or set TMPDIR")
    # One process at a time: between the making of a folder and its lock, another would take it for a dead one's.
    with _opened(place) as gate:
        fcntl.flock(gate, fcntl.LOCK_EX)
        _remove_dead(place)
        folder = Path(tempfile.mkdtemp(dir=place))
        lock = os.open(folder, os.O_RDONLY)
        fcntl.flock(lock, fcntl.LOCK_EX)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def _remove_dead(place: Path) -> None:
    for folder in place.iterdir():
        # One that vanishes is being removed by its own process; one that is locked has a living process.
        with suppress(FileNotFoundError, BlockingIOError), _opened(folder) as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _opened(folder: Path) -> Iterator[int]:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        yield descriptor
    finally:
        os.close(descriptor)
