"""What is started and what each service is told, for different environments."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from learning_local import stack as module
from learning_local.catalogue import Service, all_services
from learning_local.home import Home
from learning_local.kafka_shape import KafkaShape
from learning_local.parts.base import External, Part
from learning_local.parts.redis import Redis
from learning_local.stack import Builder, KafkaAccess, Needed, Stack

Agents = dict[str, tuple[str, ...]]


class FakeKafka(Part):
    def __init__(self, name: str, address: str) -> None:
        self.name = name
        self._address = address

    @property
    def address(self) -> str:
        return self._address

    def check(self) -> None:
        pass


def fake_kafka(home: Home, shape: KafkaShape, chosen: dict[str, int], groups: list[str], agents: Agents) -> KafkaAccess:
    """As many parts as the real one, without Java."""
    names = shape.node_names
    parts = [FakeKafka(name, f"127.0.0.1:{chosen[name]}") for name in names]
    addresses = ",".join(part.address for part in parts)
    return KafkaAccess(
        parts, lambda principal: {"KAFKA_BOOTSTRAP_SERVERS": addresses, "KAFKA_SASL_USERNAME": principal}
    )


@pytest.fixture
def catalogue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Service, ...]:
    """Two of the services are in this checkout."""
    for name, package in (("quiz-service", "quiz_service"), ("tts-service", "tts_service")):
        folder = tmp_path / "checkout" / name / "src" / package
        folder.mkdir(parents=True)
        (folder / "__main__.py").touch()
    monkeypatch.setattr("learning_local.catalogue.REPOSITORY", tmp_path / "checkout")
    monkeypatch.setattr(module, "embedded_kafka", fake_kafka)
    return all_services()


def build(home: Home, catalogue: tuple[Service, ...], **environment: str) -> Stack:
    return Builder(home, environment, catalogue).build()


def named(stack: Stack, name: str) -> Any:
    return next(part for part in stack.parts if part.name == name)


def environment_of(stack: Stack, service: str) -> dict[str, str]:
    return dict(named(stack, service).command().environment)


def test_services_that_are_not_in_the_checkout_are_not_started(home: Home, catalogue: tuple[Service, ...]) -> None:
    names = [part.name for part in build(home, catalogue).parts]
    assert names == ["postgres", "kafka", "s3", "redis", "tts-service", "quiz-service", "gateway"]


def test_a_service_gets_its_own_database_bucket_and_keys(home: Home, catalogue: tuple[Service, ...]) -> None:
    stack = build(home, catalogue)
    quiz, tts = environment_of(stack, "quiz-service"), environment_of(stack, "tts-service")
    assert (quiz["POSTGRES_DB"], quiz["POSTGRES_USER"]) == ("quiz_service", "quiz_service")
    assert quiz["S3_BUCKET"] == "quiz-service-storage-dev"
    assert quiz["KAFKA_BOOTSTRAP_SERVERS"]
    assert quiz["JWT_ISSUERS"] == "https://learning-platform.local/dev"
    assert Path(quiz["JWT_JWKS_FILE"]).is_file()
    assert not [name for name in tts if name.startswith("POSTGRES_")]
    for name in ("S3_ACCESS_KEY_ID", "S3_SECRET_ACCESS_KEY", "S3_BUCKET", "HTTP_PORT"):
        assert quiz[name] != tts[name]


def test_the_same_home_gives_the_same_ports_and_passwords_again(home: Home, catalogue: tuple[Service, ...]) -> None:
    first = environment_of(build(home, catalogue), "quiz-service")
    assert environment_of(build(home, catalogue), "quiz-service") == first


def test_three_brokers_are_three_parts_that_services_need_and_are_told_of(
    home: Home, catalogue: tuple[Service, ...]
) -> None:
    stack = build(home, catalogue, BROKERS="3")
    nodes = [part for part in stack.parts if part.name.startswith("kafka")]
    assert [node.name for node in nodes] == ["kafka-1", "kafka-2", "kafka-3"]
    environment = environment_of(stack, "quiz-service")
    assert environment["KAFKA_BOOTSTRAP_SERVERS"] == ",".join(node.address for node in nodes)
    assert len({node.address for node in nodes}) == 3
    assert set(named(stack, "quiz-service").needs) >= {"kafka-1", "kafka-2", "kafka-3"}
    again = build(home, catalogue, BROKERS="3")
    assert environment_of(again, "quiz-service") == environment


def test_a_service_connects_to_kafka_by_its_own_name(home: Home, catalogue: tuple[Service, ...]) -> None:
    stack = build(home, catalogue)
    for service in ("quiz-service", "tts-service"):
        assert environment_of(stack, service)["KAFKA_SASL_USERNAME"] == service


def test_a_cluster_that_the_environment_names_is_asked_for_no_number_of_brokers(
    home: Home, catalogue: tuple[Service, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", "b:9092")  # the settings of the chassis are read from there
    stack = build(home, catalogue, KAFKA_BOOTSTRAP_SERVERS="b:9092", BROKERS="3")
    assert [part.name for part in stack.parts if "kafka" in part.name] == ["kafka"]
    assert environment_of(stack, "quiz-service")["KAFKA_BOOTSTRAP_SERVERS"] == "b:9092"


def test_monitoring_scrapes_every_part_that_has_figures_at_the_port_where_it_is(
    home: Home, catalogue: tuple[Service, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.which", lambda _: "/usr/bin/prometheus")
    monkeypatch.setattr(module, "exporter_option", lambda _, port: (f"-javaagent:exporter.jar={port}",))
    stack = build(home, catalogue, MONITORING="1", BROKERS="3")
    prometheus, monitor = named(stack, "prometheus"), named(stack, "event-monitor")
    prometheus.prepare()
    directory = home.root / "prometheus"

    def scraped(name: str) -> list[str]:
        return [address for one in read(directory / "targets" / f"{name}.yml") for address in one["targets"]]

    ports = read(home.ports_file)
    assert scraped("brokers") == [f"127.0.0.1:{ports[f'kafka-{node}-exporter']}" for node in (1, 2, 3)]
    assert scraped("events") == [f"127.0.0.1:{ports['event-monitor']}"]
    assert scraped("gateway") == [f"127.0.0.1:{ports['gateway-status']}"]
    assert scraped("services") == [f"127.0.0.1:{ports[service]}" for service in ("tts-service", "quiz-service")]
    assert scraped("alertmanagers") == []
    assert str(ports["gateway-status"]) in named(stack, "gateway").command().arguments
    assert monitor.command().environment["KAFKA_SASL_USERNAME"] == "platform-monitor"
    assert prometheus.address.removeprefix("http://") in (directory / "prometheus.yml").read_text()
    assert list((directory / "rules").glob("*.yml"))


def test_without_the_program_everything_but_prometheus_is_started(
    home: Home, catalogue: tuple[Service, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.which", lambda _: None)
    names = {part.name for part in build(home, catalogue, MONITORING="1").parts}
    assert "prometheus" not in names
    assert "event-monitor" in names


def test_without_monitoring_nothing_of_it_runs(home: Home, catalogue: tuple[Service, ...]) -> None:
    stack = build(home, catalogue)
    assert not {"prometheus", "event-monitor"} & {part.name for part in stack.parts}
    assert "--status-port" not in named(stack, "gateway").command().arguments


def read(file: Path) -> Any:
    return yaml.safe_load(file.read_text())


def test_an_empty_redis_host_means_no_redis(home: Home, catalogue: tuple[Service, ...]) -> None:
    stack = build(home, catalogue, REDIS_HOST="")
    assert "redis" not in {part.name for part in stack.parts}
    assert environment_of(stack, "quiz-service")["REDIS_HOST"] == ""
    assert "redis" not in named(stack, "quiz-service").needs


def test_a_server_that_the_environment_names_is_used_and_none_is_started(
    home: Home, catalogue: tuple[Service, ...]
) -> None:
    stack = build(home, catalogue, POSTGRES_HOST="db", POSTGRES_PASSWORD="administrator", REDIS_HOST="cache")
    postgres, redis = named(stack, "postgres"), named(stack, "redis")
    assert isinstance(postgres, External)
    assert postgres.address == "db:5432"
    assert postgres.command() is None
    assert isinstance(redis, External)
    environment = environment_of(stack, "quiz-service")
    assert (environment["POSTGRES_HOST"], environment["REDIS_HOST"]) == ("db", "cache")
    assert environment["POSTGRES_PASSWORD"] != "administrator", "a service gets the password of its own role"


def test_other_sources_of_keys_do_not_reach_a_service(home: Home, catalogue: tuple[Service, ...]) -> None:
    stack = build(home, catalogue, JWT_JWKS_URL="https://login.example/keys", QUIZ_ENGINE="openai")
    environment = environment_of(stack, "quiz-service")
    assert "JWT_JWKS_URL" not in environment
    assert environment["QUIZ_ENGINE"] == "openai"


def test_every_service_of_the_catalogue_has_an_address_for_the_gateway(
    home: Home, catalogue: tuple[Service, ...]
) -> None:
    gateway = named(build(home, catalogue), "gateway").command().environment
    assert {"TTS_URL", "STT_URL", "CHAT_URL", "DOCUMENT_READER_URL", "QUIZ_URL"} <= gateway.keys()
    assert gateway["JWT_PUBLIC_KEY"].startswith("-----BEGIN PUBLIC KEY-----")


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, Needed(postgres=True, kafka=True, s3=True, redis=True)),
        ({"POSTGRES_HOST": "", "S3_ENDPOINT_URL": ""}, Needed(postgres=True, kafka=True, s3=True, redis=True)),
        ({"KAFKA_BOOTSTRAP_SERVERS": "b:9092"}, Needed(postgres=True, kafka=False, s3=True, redis=True)),
        ({"S3_ENDPOINT_URL": "http://s3"}, Needed(postgres=True, kafka=True, s3=False, redis=True)),
        ({"REDIS_HOST": ""}, Needed(postgres=True, kafka=True, s3=True, redis=False)),
    ],
)
def test_what_must_be_started_follows_from_the_environment(environment: dict[str, str], expected: Needed) -> None:
    assert Needed.from_environment(environment) == expected


def test_the_password_of_redis_is_not_on_its_command_line(home: Home) -> None:
    part = Redis(home, 1234, "hidden-password")
    part.prepare()
    assert "hidden-password" not in " ".join(part.command().arguments)
    configuration = home.root / "redis" / "redis.conf"
    assert "requirepass hidden-password" in configuration.read_text()
    assert configuration.stat().st_mode & 0o077 == 0
