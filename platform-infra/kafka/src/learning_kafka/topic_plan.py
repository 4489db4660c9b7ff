"""From what is declared and what is there to what must change: pure, so every rule of it is tested without a cluster.

Partitions never shrink, and grow only when asked; copies and the number of copies a write needs are never lowered.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from learning_kafka.declared import DeclaredTopic

Step = Literal["create", "configure", "grow"]


@dataclass(frozen=True, slots=True)
class TopicState:
    """A topic as the cluster has it. `replicas` is the lowest number of copies of any partition."""

    partitions: int
    replicas: int
    configs: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Difference:
    """`step` removes it; None: nothing that this tool does, `remark` says why and what does."""

    topic: str
    what: str
    declared: str
    actual: str
    step: Step | None
    remark: str = ""


def differences(
    declared: Iterable[DeclaredTopic], current: Mapping[str, TopicState], *, grow: bool = False
) -> Sequence[Difference]:
    """`current` by name. With `grow`, more partitions are a step; without, only a difference."""
    found: list[Difference] = []
    for topic in declared:
        state = current.get(topic.name)
        if state is None:
            shape = f"{topic.partitions} partitions, {topic.replicas} copies"
            found.append(Difference(topic.name, "topic", shape, "missing", "create"))
        else:
            found += _of_partitions(topic, state, grow)
            found += _of_replicas(topic, state)
            found += _of_configs(topic, state)
    return found


def _of_partitions(topic: DeclaredTopic, state: TopicState, grow: bool) -> Iterator[Difference]:
    if topic.partitions == state.partitions:
        return
    step: Step | None = None
    if topic.partitions < state.partitions:
        remark = "partitions never shrink: declare as many, or move to a new topic"
    elif grow:
        step, remark = "grow", "keys move to other partitions: their order before and after is lost"
    else:
        remark = "needs --grow-partitions; keys move to other partitions, which breaks their order"
    yield Difference(topic.name, "partitions", str(topic.partitions), str(state.partitions), step, remark)


def _of_replicas(topic: DeclaredTopic, state: TopicState) -> Iterator[Difference]:
    if topic.replicas != state.replicas:
        more = topic.replicas > state.replicas
        remark = "add copies with kafka-reassign-partitions" if more else "copies are never taken away here"
        yield Difference(topic.name, "replicas", str(topic.replicas), str(state.replicas), None, remark)


def _of_configs(topic: DeclaredTopic, state: TopicState) -> Iterator[Difference]:
    for name, wanted in topic.configs.items():
        actual = state.configs.get(name, "")
        if wanted == actual:
            continue
        step: Step | None = "configure"
        remark = ""
        if name == "min.insync.replicas" and actual.isdigit() and int(wanted) < int(actual):
            step, remark = None, "safety is never lowered here"
        elif name == "min.insync.replicas" and int(wanted) > state.replicas:
            step, remark = None, "no write would succeed with so few copies: add copies first"
        elif name == "retention.ms" and _shorter(wanted, actual):
            remark = "what is older is deleted"
        yield Difference(topic.name, name, wanted, actual, step, remark)


def _shorter(wanted: str, actual: str) -> bool:
    """-1 keeps for ever."""
    return actual == "-1" or (actual.isdigit() and int(wanted) < int(actual))
