"""Passwords and access keys of one home: made at random on first use, kept in a file only its owner can read."""

from __future__ import annotations

import secrets
import string
from pathlib import Path

from learning_local.files import read_json, write_json


class Credentials:
    def __init__(self, path: Path) -> None:
        self._path = path
        known = read_json(path)
        self._values: dict[str, str] = known if isinstance(known, dict) else {}

    def password(self, name: str) -> str:
        """The secret kept under this name: 32 letters and digits, safe in a URL, a shell and a configuration file."""
        return self._kept(name, 32)

    def access_key_id(self, name: str) -> str:
        """An S3 access key id: 20 capitals, as AWS makes them (`rclone serve s3` refuses short ones)."""
        return self._kept(f"{name} access key id", 20, string.ascii_uppercase)

    def _kept(self, name: str, length: int, alphabet: str = string.ascii_letters + string.digits) -> str:
        if name not in self._values:
            self._values[name] = "".join(secrets.choice(alphabet) for _ in range(length))
            write_json(self._path, self._values, mode=0o600)
        return self._values[name]
