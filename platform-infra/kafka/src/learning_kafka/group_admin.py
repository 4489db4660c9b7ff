"""Consumer groups on the cluster, by the admin API alone: nothing here joins a group and so disturbs it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from confluent_kafka import ConsumerGroupState, ConsumerGroupTopicPartitions, KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin import OffsetSpec

from learning_kafka.connection import REQUEST_SECONDS, Connection
from learning_kafka.offsets import Move, Place, Position
from learning_kafka.problems import CannotContinue

_INACTIVE = {ConsumerGroupState.EMPTY, ConsumerGroupState.DEAD}
_CHANGED_MEANWHILE = {KafkaError.UNKNOWN_MEMBER_ID, KafkaError.NON_EMPTY_GROUP}


@dataclass(frozen=True, slots=True)
class GroupState:
    """`name` as Kafka calls it, such as `stable`; `absent` for a group that never was, or is forgotten."""

    name: str
    active: bool
    members: Sequence[str]


def read_state(connection: Connection, group: str) -> GroupState:
    name = connection.name(group)
    try:
        description = connection.ask_coordinator(
            lambda: connection.admin.describe_consumer_groups([name], request_timeout=REQUEST_SECONDS)
        )
    except KafkaException as error:
        if error.args[0].code() == KafkaError.GROUP_ID_NOT_FOUND:
            return GroupState("absent", active=False, members=())
        raise
    members = [f"{member.client_id} at {member.host.lstrip('/')}" for member in description.members]
    state = description.state
    shown = "absent" if state is ConsumerGroupState.DEAD else state.name.lower().replace("_", " ")
    return GroupState(shown, state not in _INACTIVE, members)


def read_positions(connection: Connection, group: str, topics: Iterable[str]) -> Sequence[Position]:
    """On every partition of these topics (without prefix). Raises CannotContinue where one does not exist."""
    places = _places(connection, topics)
    committed = committed_offsets(connection, group, places)
    starts = _offsets(connection, places, OffsetSpec.earliest())
    ends = _offsets(connection, places, OffsetSpec.latest())
    return [Position(*place, committed[place], starts[place] or 0, ends[place] or 0) for place in places]


def first_since(connection: Connection, places: Iterable[Place], moment: datetime) -> Mapping[Place, int | None]:
    """The offset of the first message at or after the moment, None where there is none."""
    return _offsets(connection, list(places), OffsetSpec.for_timestamp(int(moment.timestamp() * 1000)))


def committed_offsets(connection: Connection, group: str, places: Sequence[Place]) -> Mapping[Place, int | None]:
    if not places:
        return {}
    asked = [TopicPartition(connection.name(topic), partition) for topic, partition in places]
    request = ConsumerGroupTopicPartitions(connection.name(group), asked)
    answer = connection.ask_coordinator(
        lambda: connection.admin.list_consumer_group_offsets([request], request_timeout=REQUEST_SECONDS)
    )
    found: dict[Place, int | None] = dict.fromkeys(places)
    for place in answer.topic_partitions or []:
        if place.error is not None:
            raise KafkaException(place.error)
        if place.offset >= 0:
            found[connection.unprefixed(place.topic), place.partition] = place.offset
    return found


def rewind(connection: Connection, group: str, moves: Iterable[Move]) -> None:
    """Set the group's offsets, all or none. Raises CannotContinue when somebody has joined it meanwhile."""
    places = [TopicPartition(connection.name(move.topic), move.partition, move.target) for move in moves]
    request = ConsumerGroupTopicPartitions(connection.name(group), places)
    try:
        answer = connection.ask_coordinator(
            lambda: connection.admin.alter_consumer_group_offsets([request], request_timeout=REQUEST_SECONDS)
        )
    except KafkaException as error:
        if error.args[0].code() in _CHANGED_MEANWHILE:
            raise CannotContinue(f"{group} has become active meanwhile: nothing was changed.") from error
        raise
    for place in answer.topic_partitions or []:
        if place.error is not None:
            if place.error.code() in _CHANGED_MEANWHILE:
                raise CannotContinue(f"{group} has become active meanwhile: nothing was changed.")
            raise KafkaException(place.error)


def _places(connection: Connection, topics: Iterable[str]) -> list[Place]:
    try:
        metadata = connection.admin.list_topics(timeout=REQUEST_SECONDS).topics
    except KafkaException as error:
        raise connection.explained(error) from error
    places: list[Place] = []
    for topic in topics:
        if connection.name(topic) not in metadata:
            raise CannotContinue(f"There is no topic {topic}, or it may not be seen: run `topics verify`.")
        places += [(topic, partition) for partition in sorted(metadata[connection.name(topic)].partitions)]
    return places


def _offsets(connection: Connection, places: Sequence[Place], spec: OffsetSpec) -> Mapping[Place, int | None]:
    if not places:
        return {}
    asked = {TopicPartition(connection.name(topic), partition): spec for topic, partition in places}
    answers = connection.admin.list_offsets(asked, request_timeout=REQUEST_SECONDS)
    found: dict[Place, int | None] = {}
    for place, future in answers.items():
        offset = connection.wait(future).offset
        found[connection.unprefixed(place.topic), place.partition] = offset if offset >= 0 else None
    return found
