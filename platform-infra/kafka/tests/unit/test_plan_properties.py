"""Whatever a cluster looks like: a plan leads to where it says, and takes nothing away that keeps events safe."""

from hypothesis import given
from hypothesis import strategies as st

from learning_kafka.declared import DeclaredTopic
from learning_kafka.offsets import Position, moves
from learning_kafka.topic_plan import TopicState, differences

CONFIGS = st.fixed_dictionaries(
    {
        "min.insync.replicas": st.sampled_from(["1", "2", "3"]),
        "retention.ms": st.sampled_from(["-1", "1000", "60000", "604800000"]),
    }
)
DECLARED = st.builds(DeclaredTopic, st.just("a"), st.integers(1, 12), st.integers(1, 3), CONFIGS).filter(
    lambda topic: topic.configs["retention.ms"] != "-1"
)
STATES = st.builds(TopicState, st.integers(1, 12), st.integers(1, 3), CONFIGS)


def carried_out(topic: DeclaredTopic, state: TopicState, *, grow: bool) -> TopicState:
    """What Kafka makes of the steps."""
    partitions, configs = state.partitions, dict(state.configs)
    for difference in differences([topic], {"a": state}, grow=grow):
        if difference.step == "grow":
            partitions = int(difference.declared)
        elif difference.step == "configure":
            configs[difference.what] = difference.declared
    return TopicState(partitions, state.replicas, configs)


@given(DECLARED, STATES, st.booleans())
def test_after_the_steps_only_what_cannot_be_changed_is_left(
    topic: DeclaredTopic, state: TopicState, grow: bool
) -> None:
    left = differences([topic], {"a": carried_out(topic, state, grow=grow)}, grow=grow)
    assert [difference for difference in left if difference.step] == []


@given(DECLARED, STATES, st.booleans())
def test_no_step_shrinks_a_topic_lowers_its_safety_or_makes_it_unwritable(
    topic: DeclaredTopic, state: TopicState, grow: bool
) -> None:
    after = carried_out(topic, state, grow=grow)
    assert after.partitions >= state.partitions
    assert grow or after.partitions == state.partitions
    before, now = (int(one.configs["min.insync.replicas"]) for one in (state, after))
    assert now >= before
    assert now == before or now <= after.replicas


@st.composite
def positions(draw: st.DrawFn) -> Position:
    start = draw(st.integers(0, 50))
    end = draw(st.integers(start, 100))
    return Position("a", 0, draw(st.none() | st.integers(0, end)), start, end)


@given(positions(), st.none() | st.integers(0, 100))
def test_going_back_never_skips_a_message(position: Position, first: int | None) -> None:
    for move in moves([position], {("a", 0): first}):
        assert move.target < move.committed
    assert 0 <= position.lag <= position.end - position.start
