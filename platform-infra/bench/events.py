"""Events a second, and their latency, from outbox to effect: ours against libraries that promise less.

All in one run on the same broker and database, each measurement with a database and a topic of its own. The server
does not wait for its disk (test servers never do), so the ratios show our overhead and not the disk's.
`--quick` measures less of each, in under a minute.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import events_edx
import events_faststream
import events_ours
import events_raw
from events_place import GROUP, Commit, Consume, Place, Workers, place
from report import Figure, publish

Produce = Callable[[Place, int], None]
Prepare = Callable[[Place, int], Callable[[], None]]

QUICK = "--quick" in sys.argv
EVENTS = 1_000 if QUICK else 4_000
ROUNDS = 1 if QUICK else 2
WARM_UP = 100  # events, for what is slow only once
RAW = "confluent-kafka + psycopg in batches"
RATES = (10, 100, 1_000)  # events a second
RATE_SECONDS = 2.0 if QUICK else 6.0
FEW_ROWS, MANY_ROWS = 1_000, 100_000 if QUICK else 1_000_000

_FILL = """
INSERT INTO outbox (event_id, topic, key, headers, value, published_at)
SELECT gen_random_uuid()::text, 'document.uploaded', gen_random_uuid()::text, '[]', decode(repeat('00', 300), 'hex'),
       now()
FROM generate_series(1, {rows});
INSERT INTO inbox (consumer_group, event_id) SELECT '{group}', gen_random_uuid()::text FROM generate_series(1, {rows});
"""


@dataclass(frozen=True)
class Servers:
    postgres: str
    kafka: str

    @contextmanager
    def place(self) -> Iterator[Place]:
        with place(self.postgres, self.kafka) as at:
            yield at


def rate(commits: Sequence[Commit], began: float) -> float:
    """Events a second from the beginning to the last commit."""
    return len(commits) / (max(committed for _, committed in commits) - began)


def latency_ms(commits: Sequence[Commit], percent: int) -> float:
    """That percentile of the time from an event's making to the commit of its effect."""
    latencies = sorted(committed - made for made, committed in commits)
    return 1_000 * latencies[min(len(latencies) - 1, len(latencies) * percent // 100)]


@contextmanager
def our_way(servers: Servers) -> Iterator[tuple[Place, Workers]]:
    """A place where our relay and our consumer are at work, each in a process of its own."""
    with (
        servers.place() as at,
        Workers(events_ours.relay, at),
        Workers(events_ours.consume, at) as consumers,
    ):
        whole_way_of(events_ours.produce, at, consumers, WARM_UP)
        yield at, consumers


@contextmanager
def raw_way(servers: Servers) -> Iterator[tuple[Place, Workers]]:
    with servers.place() as at, Workers(events_raw.consume, at) as consumers:
        whole_way_of(events_raw.produce, at, consumers, WARM_UP)
        yield at, consumers


def whole_way_of(
    produce: Produce, at: Place, consumers: Workers, events: int = EVENTS
) -> list[Commit]:
    """Facts and events written as fast as it goes, and read meanwhile."""
    produce(at, events)
    return consumers.commits(events)


def whole_rate(commits: Sequence[Commit]) -> float:
    return rate(commits, min(made for made, _ in commits))


@contextmanager
def reader(
    servers: Servers,
    consume: Consume,
    prepare: Prepare = events_ours.prepared,
    workers: int = 1,
) -> Iterator[Callable[[], float]]:
    """Measures the events a second of consumers alone, the messages being sent faster than they are read."""
    with servers.place() as at, Workers(consume, at, workers) as consumers:

        def measure(events: int = EVENTS) -> float:
            send = prepare(at, events)
            before = at.count("effects")
            began = time.time()
            send()
            found = rate(consumers.commits(events), began)
            if (effects := at.count("effects") - before) != events:
                raise RuntimeError(f"{effects} effects of {events} events")
            return found

        measure(WARM_UP)
        yield measure


def in_turns(*measurements: Callable[[], float]) -> list[list[float]]:
    """What each of them measured, round by round: what disturbs the machine disturbs them all."""
    rounds = [[measure() for measure in measurements] for _ in range(ROUNDS)]
    return [list(column) for column in zip(*rounds, strict=True)]


def against(
    name: str, aim: str, ours: Sequence[float], baseline: str, theirs: Sequence[float]
) -> Figure:
    ratio = statistics.median(
        our / their for our, their in zip(ours, theirs, strict=True)
    )
    return Figure(
        name,
        statistics.median(ours),
        "events/s",
        aim,
        baseline,
        statistics.median(theirs),
        ratio,
    )


def whole_way(servers: Servers) -> Iterator[Figure]:
    with our_way(servers) as our_place:
        with raw_way(servers) as raw_place:
            yield from compared_with_raw(our_place, raw_place)
        yield from steady(*our_place)
        yield from with_a_past(*our_place)


def compared_with_raw(
    our_place: tuple[Place, Workers], raw_place: tuple[Place, Workers]
) -> Iterator[Figure]:
    at_saturation: list[Commit] = []

    def ours() -> float:
        commits = whole_way_of(events_ours.produce, *our_place)
        at_saturation.extend(commits)
        return whole_rate(commits)

    our_rates, raw_rates = in_turns(
        ours, lambda: whole_rate(whole_way_of(events_raw.produce, *raw_place))
    )
    yield against("whole way, one worker", ">= 0.5", our_rates, RAW, raw_rates)
    yield from latencies("at saturation", at_saturation)


def reading(servers: Servers) -> Iterator[Figure]:
    with ExitStack() as stack:
        readers = [
            stack.enter_context(reader(servers, events_ours.consume)),
            stack.enter_context(reader(servers, events_ours.consume, workers=2)),
            stack.enter_context(reader(servers, events_raw.consume)),
        ]
        others = []
        if events_faststream.is_installed():
            others.append("FastStream, inbox by hand")
            readers.append(
                stack.enter_context(reader(servers, events_faststream.consume))
            )
        if events_edx.is_installed():
            others.append("Open edX event bus, no inbox")
            stack.enter_context(events_edx.schema_registry())
            readers.append(
                stack.enter_context(
                    reader(servers, events_edx.consume, events_edx.prepared)
                )
            )
        ours, two_of_ours, raw, *theirs = in_turns(*readers)
    yield against("reading alone, one worker", ">= 0.5", ours, RAW, raw)
    for name, rates in zip(others, theirs, strict=True):
        yield against("reading alone, one worker", ">= 3", ours, name, rates)
    yield against(
        "reading alone, two workers",
        "> 1 with cores to spare",
        two_of_ours,
        "one worker",
        ours,
    )


def stages(servers: Servers) -> Iterator[Figure]:
    """What writing and relaying reach when nothing else runs."""
    with servers.place() as at:
        began = time.time()
        events_ours.produce(at, EVENTS)
        yield Figure(
            "writing alone, 100 events a transaction",
            EVENTS / (time.time() - began),
            "events/s",
            "shown",
        )
        with Workers(events_ours.relay, at):
            began = time.time()
            while at.count("outbox WHERE published_at IS NULL"):
                time.sleep(0.02)
            yield Figure(
                "relaying alone", EVENTS / (time.time() - began), "events/s", "shown"
            )


def latencies(when: str, commits: Sequence[Commit]) -> Iterator[Figure]:
    for percent in (50, 99):
        yield Figure(
            f"latency {when}, p{percent}", latency_ms(commits, percent), "ms", "shown"
        )


def steady(at: Place, consumers: Workers) -> Iterator[Figure]:
    for events_per_second in RATES:
        made = events_ours.produce_at(at, events_per_second, RATE_SECONDS)
        yield from latencies(
            f"at {events_per_second:,} events/s", consumers.commits(made)
        )


def with_a_past(at: Place, consumers: Workers) -> Iterator[Figure]:
    """The same with few and with many rows of the past, all of them published and handled."""
    found: dict[int, list[float]] = {}
    for rows in (FEW_ROWS, MANY_ROWS):
        # In a transaction of its own, for the relay waits for its lock.
        at.execute("TRUNCATE outbox")
        at.execute(_FILL.format(rows=rows, group=GROUP))
        at.execute("VACUUM ANALYZE")
        way = (events_ours.produce, at, consumers)
        found[rows] = [whole_rate(whole_way_of(*way)) for _ in range(ROUNDS)]
    name = f"whole way, {MANY_ROWS:,} rows in outbox and inbox"
    yield against(
        name, ">= 0.9", found[MANY_ROWS], f"{FEW_ROWS:,} rows", found[FEW_ROWS]
    )


def measure(servers: Servers) -> None:
    for name, contestant in (
        ("FastStream", events_faststream),
        ("Open edX event bus", events_edx),
    ):
        if not contestant.is_installed():
            print(
                f"events: {name} is left out; for the comparison: {contestant.INSTALL}"
            )
    figures: list[Figure] = []
    for part in (whole_way, reading, stages):
        figures += part(servers)
    publish("events", figures)


def main() -> None:
    if "TEST_POSTGRES_URL" not in os.environ:  # come back with servers around us
        command = [
            sys.executable,
            "-m",
            "learning_local",
            "servers",
            "--",
            sys.executable,
            __file__,
            *sys.argv[1:],
        ]
        os.execv(sys.executable, command)
    measure(
        Servers(
            os.environ["TEST_POSTGRES_URL"], os.environ["TEST_KAFKA_BOOTSTRAP_SERVERS"]
        )
    )


if __name__ == "__main__":
    main()
