"""One log file per part, bounded: when it has grown too large its content moves to `.1` and it starts again, empty."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from learning_local.problems import CannotContinue

LARGEST_BYTES = 10 * 1024 * 1024
TAIL_LINES = 40
POLL_SECONDS = 0.3


def keep_bounded(directory: Path, largest_bytes: int = LARGEST_BYTES) -> None:
    """The writers keep their file open for appending, so it is emptied in place; a line may be lost meanwhile."""
    for log in directory.glob("*.log"):
        with contextlib.suppress(OSError):
            if log.stat().st_size > largest_bytes:
                shutil.copyfile(log, log.with_suffix(".log.1"))
                os.truncate(log, 0)


def show(directory: Path, part: str | None, follow: bool) -> None:
    """Print the end of one log, or of all, and what is added from then on."""
    names = sorted(log.stem for log in directory.glob("*.log"))
    if part is not None and part not in names:
        raise CannotContinue(f"There is no log of {part}: {', '.join(names) or 'nothing has been started yet'}.")
    chosen = [part] if part is not None else names
    width = max((len(name) for name in chosen), default=0) if part is None else 0
    readers = [Reader(directory / f"{name}.log", f"{name:<{width}} | " if width else "") for name in chosen]
    for reader in readers:
        emit(reader.tail())
    while follow:
        time.sleep(POLL_SECONDS)
        for reader in readers:
            emit(reader.new())


def emit(lines: Iterator[str]) -> None:
    for line in lines:
        sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


class Reader:
    """Reads a log by position, so that it notices when the file has been emptied."""

    def __init__(self, path: Path, prefix: str) -> None:
        self._path = path
        self._prefix = prefix
        self._position = 0

    def tail(self, lines: int = TAIL_LINES) -> Iterator[str]:
        self._position = max(0, self._path.stat().st_size - lines * 500)
        partial = self._position > 0
        everything = list(self.new())
        yield from everything[1 if partial else 0 :][-lines:]

    def new(self) -> Iterator[str]:
        with self._path.open("rb") as file:
            if self._path.stat().st_size < self._position:
                self._position = 0
            file.seek(self._position)
            for line in file:
                if not line.endswith(b"\n"):
                    break  # half a line: the rest comes
                self._position += len(line)
                yield self._prefix + line.decode(errors="replace").rstrip("\n")
