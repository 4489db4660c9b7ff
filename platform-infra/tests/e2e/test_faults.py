"""Nothing accepted is lost and nothing happens twice, whatever is killed meanwhile."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import materials
import pytest
from confluent_kafka import Consumer, Message, Producer, TopicPartition
from stack import Learner, Stack


def unique_text(number: int) -> bytes:
    return f"Lecture number {number}. {materials.SENTENCES}".encode()


@pytest.fixture
def kafka_address(stack: Stack) -> str:
    return stack.parts()["kafka"].address


def test_a_service_killed_between_upload_and_notes_finishes_the_document(stack: Stack, learner: Learner) -> None:
    accepted = learner.upload_surely("long.pdf", materials.long_pdf(800))
    stack.kill("document-reader-service")
    document = learner.document(accepted["document_id"], seconds=90)
    assert document["status"] == "completed", document["error"]
    assert learner.notes(accepted["document_id"])["version"] == 1


def test_a_killed_quiz_service_finishes_the_quiz(stack: Stack, learner: Learner) -> None:
    accepted = learner.upload_surely("lecture.pdf", materials.pdf(3))
    quiz_id = learner.quiz_for(accepted["document_id"])
    stack.kill("quiz-service")
    assert learner.quiz(quiz_id, seconds=90)["status"] == "completed"


def test_uploads_while_kafka_is_down_for_20_seconds_are_all_finished(stack: Stack, learner: Learner) -> None:
    killed: list[int] = []
    outage = threading.Thread(target=lambda: killed.append(stack.keep_down("kafka", 20)))
    outage.start()
    accepted: list[str] = []
    while outage.is_alive():
        accepted.append(learner.upload_surely("lecture.txt", unique_text(len(accepted)))["document_id"])
        time.sleep(1)
    outage.join()
    assert killed[0] >= 1
    assert len(accepted) >= 5
    quizzes = [learner.quiz_for(document_id, question_count=2) for document_id in accepted]
    ends = [learner.quiz(quiz_id, seconds=120) for quiz_id in quizzes]
    assert [quiz["status"] for quiz in ends] == ["completed"] * len(accepted), [quiz["error"] for quiz in ends]


def test_postgresql_killed_during_uploads_loses_none(stack: Stack, learner: Learner) -> None:
    accepted: list[str] = []
    for number in range(6):
        if number == 2:
            stack.kill("postgres")
        accepted.append(learner.upload_surely("lecture.txt", unique_text(100 + number))["document_id"])
    for document_id in accepted:
        assert learner.document(document_id, seconds=60)["status"] == "completed"
    assert len(learner.http.get("/documents").json()["items"]) == len(accepted)


def test_a_message_delivered_twice_changes_nothing(stack: Stack, learner: Learner, kafka_address: str) -> None:
    accepted = learner.upload_surely("lecture.pdf", materials.pdf(3))
    quiz_before = learner.quiz(learner.quiz_for(accepted["document_id"]))
    learner.notes(accepted["document_id"])
    copies = deliver_again(kafka_address, accepted["document_id"], quiz_before["quiz_id"])
    assert copies >= 4, "the upload, its text, its notes and the quiz request at the least"
    after = learner.upload_surely("later.txt", unique_text(200))
    learner.quiz(learner.quiz_for(after["document_id"]))
    assert learner.http.get(f"/quiz/{quiz_before['quiz_id']}").json() == quiz_before
    assert len(learner.http.get("/quiz/history").json()["items"]) == 2


def test_a_poison_message_lands_in_the_dead_letters_and_harms_nobody(
    stack: Stack, learner: Learner, kafka_address: str
) -> None:
    producer = Producer({"bootstrap.servers": kafka_address})
    for partition in range(6):
        producer.produce("document.processed", b"{not json", key=b"poison", partition=partition)
    assert producer.flush(10) == 0
    accepted = learner.upload_surely("lecture.pdf", materials.pdf(2))
    assert learner.quiz(learner.quiz_for(accepted["document_id"]))["status"] == "completed"
    dead = [message for message in read_all(kafka_address, "quiz-service.dlq") if message.value() == b"{not json"]
    assert len(dead) == 6
    headers: Any = dead[0].headers()
    assert ("dlq_topic", b"document.processed") in headers


def test_after_a_power_cut_everything_is_still_there(stack: Stack, learner: Learner) -> None:
    original = materials.pdf(5)
    accepted = learner.upload_surely("lecture.pdf", original)
    before = learner.notes(accepted["document_id"])
    stack.power_cut()
    stack.up()
    assert learner.notes(accepted["document_id"]) == before
    assert learner.http.get(f"/documents/{accepted['document_id']}/original").content == original


def deliver_again(address: str, *keys: str) -> int:
    """Produce every event of these keys once more, byte for byte; how many there were."""
    topics = ["document.uploaded", "document.processed", "notes.generated", "quiz.requested", "quiz.generated"]
    wanted = {key.encode() for key in keys}
    messages = [message for topic in topics for message in read_all(address, topic) if message.key() in wanted]
    producer = Producer({"bootstrap.servers": address})
    for message in messages:
        producer.produce(str(message.topic()), message.value(), key=message.key(), headers=message.headers())
    assert producer.flush(10) == 0
    return len(messages)


def read_all(address: str, topic: str) -> Iterator[Message]:
    """Every message now in the topic."""
    consumer = Consumer({"bootstrap.servers": address, "group.id": "e2e-reader", "enable.auto.commit": False})
    try:
        partitions: dict[int, Any] = consumer.list_topics(topic, timeout=10).topics[topic].partitions
        for partition in partitions:
            low, high = consumer.get_watermark_offsets(TopicPartition(topic, partition), timeout=10)
            consumer.assign([TopicPartition(topic, partition, low)])
            while low < high:
                message = consumer.poll(10)
                assert message is not None
                assert message.error() is None, message.error()
                low = (message.offset() or 0) + 1
                yield message
    finally:
        consumer.close()
