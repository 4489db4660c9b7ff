import pytest

from learning_contracts import registry
from learning_contracts.event import type_with_version
from learning_contracts.events import QuizSubmitted


def test_the_ten_topics_are_there() -> None:
    assert {topic.name for topic in registry.topics()} == {
        "document.uploaded",
        "document.processed",
        "notes.generated",
        "quiz.requested",
        "quiz.generated",
        "audio.transcription.requested",
        "audio.transcription.completed",
        "audio.generation.requested",
        "audio.generation.completed",
        "chat.message",
    }


def test_every_event_class_is_found_by_its_type_and_lies_on_its_topic() -> None:
    on_topics = {event_type: topic.name for topic in registry.topics() for event_type in topic.event_types}
    assert set(on_topics) == set(registry.event_types())
    for event_type, topic_name in on_topics.items():
        event_class = registry.event_class(event_type)
        assert type_with_version(event_class) == event_type
        assert topic_name == event_class.TOPIC


def test_a_topic_tells_what_operations_need_to_know() -> None:
    topic = registry.topic("quiz.generated")
    assert (topic.key, topic.partitions, topic.retention_days) == ("quiz_id", 6, 7)
    assert topic.producers == ("quiz-service",)
    assert registry.event_class("quiz.submitted.v1") is QuizSubmitted


def test_an_unknown_topic_or_type_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        registry.topic("quiz.forgotten")
    with pytest.raises(KeyError):
        registry.event_class("quiz.submitted")
