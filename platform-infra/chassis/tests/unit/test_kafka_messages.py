"""Kafka without a broker: settings, names and what a failure means."""

import psycopg
import pytest
from confluent_kafka import Producer
from psycopg_pool import PoolTimeout

from chassis.errors import Conflict, ServiceUnavailable
from chassis.kafka.client_config import client_config, prefixed
from chassis.kafka.errors import classify
from chassis.kafka.topics import declared_topics
from chassis.settings import KafkaSettings
from chassis.storage import ObjectNotFound, StorageUnavailable
from chassis.transient import Transient
from learning_contracts import registry
from learning_contracts.codec import UnknownEventType, UnusableMessage


def settings(**values: str) -> KafkaSettings:
    return KafkaSettings.model_validate({"bootstrap_servers": "broker:9093"} | values)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (UnusableMessage("no JSON"), "unusable"),
        (UnknownEventType("from the future"), "unusable"),
        (Transient("later"), "transient"),
        (psycopg.OperationalError("server closed the connection"), "transient"),
        (psycopg.errors.DeadlockDetected(), "transient"),
        (psycopg.errors.LockNotAvailable(), "transient"),
        (PoolTimeout(), "transient"),
        (StorageUnavailable(), "transient"),
        (ServiceUnavailable(), "transient"),
        (ConnectionResetError(), "transient"),
        (TimeoutError(), "transient"),
        (psycopg.errors.UniqueViolation(), "failed"),
        (ObjectNotFound("key"), "failed"),
        (Conflict(), "failed"),
        (KeyError("a bug"), "failed"),
    ],
)
def test_a_failure_is_classed_by_its_type(error: Exception, expected: str) -> None:
    assert classify(error) == expected


def test_a_secured_cluster_gets_user_password_and_authority() -> None:
    config = client_config(
        settings(
            security_protocol="SASL_SSL",
            sasl_mechanism="SCRAM-SHA-512",
            sasl_username="quiz",
            sasl_password="hidden",
            ssl_ca_location="/etc/ca.pem",
        )
    )
    assert config["security.protocol"] == "SASL_SSL"
    assert (config["sasl.mechanism"], config["sasl.username"]) == ("SCRAM-SHA-512", "quiz")
    assert (config["sasl.password"], config["ssl.ca.location"]) == ("hidden", "/etc/ca.pem")


def test_a_plain_cluster_gets_no_credentials_and_the_names_are_librdkafkas() -> None:
    config = client_config(settings())
    assert not [name for name in config if name.startswith(("sasl.", "ssl."))]
    Producer(config)  # refuses a name it does not know


def test_every_name_gets_the_prefix_of_the_installation() -> None:
    assert prefixed(settings(topic_prefix="pr-17."), "quiz.generated") == "pr-17.quiz.generated"


def test_every_topic_of_the_contracts_and_the_groups_dead_letters_are_declared() -> None:
    declared = {topic.name: topic for topic in declared_topics(["quiz-service"])}
    assert set(declared) == {topic.name for topic in registry.topics()} | {"quiz-service.dlq"}
    assert declared["quiz-service.dlq"].retention_days == 30
    assert declared["document.processed"].partitions == registry.topic("document.processed").partitions
