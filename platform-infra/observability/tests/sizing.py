"""The arithmetic of `docs/kafka-architecture.md`: from what learners do to events, bytes, disks and money.

`python tests/sizing.py` prints the tables; a test holds the document to them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from learning_contracts import registry

LEARNERS = (10**3, 10**5, 10**7)

# Assumptions. Per learner and day: how often, and the bytes of one event with its headers.
DAILY = {
    "document.uploaded": (0.2, 600),
    "document.processed": (0.2, 100_000),  # a lecture of 30 pages
    "notes.generated": (0.2, 30_000),
    "quiz.requested": (0.5, 500),
    "quiz.generated": (1.0, 550),  # made, and submitted
    "audio.transcription.requested": (0.1, 600),
    "audio.transcription.completed": (0.1, 60_000),  # three quarters of an hour of speech
    "audio.generation.requested": (0.1, 400),
    "audio.generation.completed": (0.1, 600),
    "chat.message": (10.0, 1_500),  # five questions and their answers
}
PEAK = 10  # busiest minute to average: a course in one time zone, the evening before an exam
REPLICAS = 3
FREE_DISK = 0.4
SECONDS_PER_DAY = 86_400
DAYS_PER_MONTH = 30


@dataclass(frozen=True, slots=True)
class Machines:
    """Monthly list price in US dollars for 730 hours on demand, us-east-1, as of 2025."""

    name: str
    count: int
    each: float


MACHINES: dict[int, Sequence[Machines]] = {
    10**3: [Machines("t4g.medium", 3, 24.5)],
    10**5: [Machines("m7g.large", 3, 59.6)],
    10**7: [Machines("m7g.2xlarge", 6, 238.3), Machines("m7g.medium", 3, 29.8)],
}
DISK_PER_GB = 0.08  # gp3
BETWEEN_ZONES_PER_GB = 0.02  # both directions together
# The leader is in another zone for two of three clients, producers and readers alike; both followers always are.
ELSEWHERE = 2 / 3
FOLLOWERS = 2


@dataclass(frozen=True, slots=True)
class Load:
    learners: int
    events_per_day: float
    bytes_per_day: float
    stored_bytes: float  # all replicas, at the end of the retention

    @property
    def peak_events(self) -> float:
        return self.events_per_day / SECONDS_PER_DAY * PEAK

    @property
    def peak_bytes(self) -> float:
        return self.bytes_per_day / SECONDS_PER_DAY * PEAK

    @property
    def disk_bytes(self) -> float:
        return self.stored_bytes / (1 - FREE_DISK)


def load(learners: int) -> Load:
    kept = sum(
        often * size * registry.topic(name).retention_days * REPLICAS * learners
        for name, (often, size) in DAILY.items()
    )
    events = sum(often for often, _ in DAILY.values())
    size = sum(often * size for often, size in DAILY.values())
    return Load(learners, learners * events, learners * size, kept)


@dataclass(frozen=True, slots=True)
class Cost:
    """US dollars a month."""

    machines: float
    disks: float
    traffic: float

    @property
    def total(self) -> float:
        return self.machines + self.disks + self.traffic


def cost(of: Load) -> Cost:
    machines = sum(kind.count * kind.each for kind in MACHINES[of.learners])
    crossing = sum(
        often * size * (ELSEWHERE + FOLLOWERS + ELSEWHERE * len(registry.topic(name).consumers))
        for name, (often, size) in DAILY.items()
    )
    traffic = of.learners * crossing * DAYS_PER_MONTH / 1e9 * BETWEEN_ZONES_PER_GB
    return Cost(machines, of.disk_bytes / 1e9 * DISK_PER_GB, traffic)


def load_table() -> str:
    rows = [
        ["learners a day", "events a day", "events/s, peak", "written a day", "bytes/s, peak", "kept, 3 copies", "disk"]
    ]
    for one in map(load, LEARNERS):
        rows.append(
            [
                f"{one.learners:,}", f"{one.events_per_day:,.0f}", _short(one.peak_events), _bytes(one.bytes_per_day),
                _bytes(one.peak_bytes), _bytes(one.stored_bytes), _bytes(one.disk_bytes),
            ]
        )  # fmt: skip
    return _table(rows)


def cost_table() -> str:
    rows = [["learners a day", "machines", "$ machines", "$ disks", "$ between zones", "$ a month", "$ a learner"]]
    for of in map(load, LEARNERS):
        money = cost(of)
        machines = " + ".join(f"{kind.count} × {kind.name}" for kind in MACHINES[of.learners])
        figures = [money.machines, money.disks, money.traffic, money.total]
        per_learner = f"{money.total / of.learners:.4f}"
        rows.append([f"{of.learners:,}", machines, *(f"{figure:,.0f}" for figure in figures), per_learner])
    return _table(rows)


def _short(number: float) -> str:
    return f"{number:,.0f}" if number >= 10 else f"{number:.1f}"


def _bytes(number: float) -> str:
    for unit in ("B", "kB", "MB", "GB"):
        if number < 1000:
            return f"{number:.0f} {unit}" if number >= 10 else f"{number:.1f} {unit}"
        number /= 1000
    return f"{number:.1f} TB"


def _table(rows: Iterable[Sequence[str]]) -> str:
    head, *body = [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join([head, "|" + "---|" * (head.count("|") - 1), *body])


if __name__ == "__main__":
    print(load_table(), cost_table(), sep="\n\n")
