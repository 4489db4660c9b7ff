"""Where groups stand and where they would stand after going back in time: pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

Place = tuple[str, int]  # topic without prefix, partition


@dataclass(frozen=True, slots=True)
class Position:
    """A group on one partition. `committed` is the next offset it reads; None: it has committed nothing."""

    topic: str
    partition: int
    committed: int | None
    start: int
    end: int

    @property
    def next_offset(self) -> int:
        """Groups without a position begin at the oldest message."""
        return self.start if self.committed is None else max(self.committed, self.start)

    @property
    def lag(self) -> int:
        return max(0, self.end - self.next_offset)

    @property
    def lost(self) -> int:
        """Messages that retention has deleted before the group read them."""
        return 0 if self.committed is None else max(0, self.start - self.committed)


@dataclass(frozen=True, slots=True)
class TopicLag:
    topic: str
    partitions: int
    lag: int
    lost: int


def by_topic(positions: Iterable[Position]) -> Sequence[TopicLag]:
    grouped: dict[str, list[Position]] = {}
    for position in positions:
        grouped.setdefault(position.topic, []).append(position)
    return [
        TopicLag(topic, len(group), sum(one.lag for one in group), sum(one.lost for one in group))
        for topic, group in sorted(grouped.items())
    ]


@dataclass(frozen=True, slots=True)
class Move:
    """A partition on which the group goes back from `committed` to `target`."""

    topic: str
    partition: int
    committed: int
    target: int

    @property
    def messages(self) -> int:
        return self.committed - self.target


def moves(positions: Iterable[Position], first_since: Mapping[Place, int | None]) -> Sequence[Move]:
    """`first_since`: the offset of the first message at or after the time; None where there is none.

    Only ever back: where the group has not come as far as that time, it stays and skips nothing.
    """
    found = []
    for position in positions:
        target = first_since[position.topic, position.partition]
        if position.committed is not None and target is not None and target < position.committed:
            found.append(Move(position.topic, position.partition, position.committed, target))
    return found
