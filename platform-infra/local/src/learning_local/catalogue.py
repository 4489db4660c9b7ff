"""The services of the platform, as `platform-infra/services.yaml` lists them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import yaml

from learning_local.home import INFRA, REPOSITORY


@dataclass(frozen=True)
class Service:
    name: str
    module: str
    port: int
    prefix: str
    database: str | None
    bucket_pattern: str
    needs: tuple[str, ...]

    @property
    def folder(self) -> Path:
        return REPOSITORY / self.name

    @property
    def is_here(self) -> bool:
        """A service whose package is not in the checkout is not started."""
        return (self.folder / "src" / self.module / "__main__.py").is_file()

    def bucket(self, environment: str) -> str:
        return self.bucket_pattern.format(env=environment)


def all_services(path: Path = INFRA / "services.yaml") -> tuple[Service, ...]:
    entries = yaml.safe_load(path.read_text())["services"]
    return tuple(
        Service(
            name=entry["name"],
            module=entry["module"],
            port=entry["port"],
            prefix=entry["prefix"],
            database=entry["database"],
            bucket_pattern=entry["bucket"],
            needs=tuple(entry["needs"]),
        )
        for entry in entries
    )
