"""What runs, with state, process, address and memory: as a table for people, as JSON for scripts."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from learning_local.home import Home
from learning_local.processes import resident_bytes
from learning_local.state import PartState, SupervisorLock, load


@dataclass(frozen=True)
class PartStatus:
    name: str
    state: str
    pid: int | None
    address: str
    rss_bytes: int | None


def parts_of(home: Home) -> list[PartStatus]:
    """Every part, the supervisor last. Nothing has ever been started: an empty list."""
    state = load(home)
    if state is None:
        return []
    supervised = SupervisorLock(home).is_held()
    rows = [_status(part, supervised) for part in state.parts]
    supervisor = state.supervisor.find() if supervised else None
    # Its descendants are the other rows.
    memory = supervisor.memory_info().rss if supervisor else None
    name = "ready" if supervised else "stopped"
    return [*rows, PartStatus("supervisor", name, supervisor.pid if supervisor else None, str(home.root), memory)]


def _status(part: PartState, supervised: bool) -> PartStatus:
    process = part.identity.find() if part.identity else None
    name = part.state.value
    if part.external and supervised:
        name = "external" if name == "ready" else name
    elif process is None and (not supervised or name == "ready"):
        name = "stopped" if not supervised else "restarting"
    elif not supervised:
        name = "abandoned"  # its supervisor was killed; `up` and `down` end it
    return PartStatus(
        part.name, name, process.pid if process else None, part.address, resident_bytes(process) if process else None
    )


def as_json(rows: Sequence[PartStatus]) -> str:
    return json.dumps([asdict(row) for row in rows])


def as_table(rows: Sequence[PartStatus]) -> str:
    if not rows:
        return "Nothing has been started yet: make -C platform-infra up"
    lines = [("PART", "STATE", "PID", "MEMORY", "ADDRESS")]
    for row in rows:
        memory = "-" if row.rss_bytes is None else f"{row.rss_bytes / 1024**2:.0f} MiB"
        lines.append((row.name, row.state, str(row.pid or "-"), memory, row.address))
    total = sum(row.rss_bytes or 0 for row in rows)
    lines.append(("", "", "", f"{total / 1024**2:.0f} MiB", "in all"))
    widths = [max(len(line[column]) for line in lines) for column in range(4)]
    return "\n".join(
        f"{name:<{widths[0]}}  {state:<{widths[1]}}  {pid:>{widths[2]}}  {memory:>{widths[3]}}  {address}"
        for name, state, pid, memory, address in lines
    )
