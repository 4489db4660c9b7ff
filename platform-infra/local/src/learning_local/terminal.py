"""What people see while they wait: lines on standard error, and on a terminal one line that changes."""

from __future__ import annotations

import shutil
import sys


class Terminal:
    def __init__(self) -> None:
        self._out = sys.stderr
        self._live = self._out.isatty()
        self._shown = False

    def line(self, text: str = "") -> None:
        self._clear()
        self._out.write(f"{text}\n")
        self._out.flush()

    def update(self, text: str) -> None:
        """Replace the changing line; nothing where there is no terminal."""
        if self._live:
            width = shutil.get_terminal_size().columns
            self._out.write(f"\r\x1b[K{text[: width - 1]}")
            self._out.flush()
            self._shown = True

    def progress(self, what: str, done: int, total: int) -> None:
        """A bar on a terminal, else a line at the beginning and one at the end."""
        if self._live:
            filled = 30 * done // max(total, 1)
            self.update(f"  {what} [{'#' * filled}{'.' * (30 - filled)}] {done / 1e6:.0f} of {total / 1e6:.0f} MB")
            if done >= total:
                self._clear()
        elif done == 0 or done >= total:
            self.line(f"  {what}: {done / 1e6:.0f} of {total / 1e6:.0f} MB")

    def _clear(self) -> None:
        if self._shown:
            self._out.write("\r\x1b[K")
            self._shown = False
