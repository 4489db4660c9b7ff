"""How many brokers: chosen once, kept with the data, never changed under it."""

import pytest

from learning_local import up
from learning_local.files import write_json
from learning_local.home import Home
from learning_local.kafka_shape import KafkaShape, remembered
from learning_local.problems import CannotContinue
from learning_local.state import SupervisorLock


def cluster_in(home: Home, nodes: int, secured: bool = False) -> None:
    (home.root / "kafka").mkdir()
    write_json(home.root / "kafka" / "cluster.json", {"id": "x", "nodes": nodes, "secured": secured})


def single_node_in(home: Home) -> None:
    data = home.root / "kafka" / "data"
    data.mkdir(parents=True)
    (data / "meta.properties").touch()


def test_without_a_word_it_is_one_plain_node(home: Home) -> None:
    assert KafkaShape.chosen(home, {}).is_one_plain_node
    assert KafkaShape.chosen(home, {"BROKERS": "", "KAFKA_SECURE": ""}).is_one_plain_node
    assert remembered(home) is None, "nothing is kept before there is data"


def test_an_empty_home_takes_what_is_asked_for(home: Home) -> None:
    assert KafkaShape.chosen(home, {"BROKERS": "3"}) == KafkaShape(3, secured=False)
    assert KafkaShape.chosen(home, {"KAFKA_SECURE": "1"}) == KafkaShape(1, secured=True)


def test_a_home_keeps_its_number_and_its_security_without_being_told_again(home: Home) -> None:
    cluster_in(home, nodes=3, secured=True)
    assert KafkaShape.chosen(home, {}) == KafkaShape(3, secured=True)
    assert KafkaShape.chosen(home, {"BROKERS": "3"}) == KafkaShape(3, secured=True)


@pytest.mark.parametrize("asked", [{"BROKERS": "1"}, {"KAFKA_SECURE": "1"}])
def test_another_shape_than_that_of_the_data_is_refused_in_one_line_with_both_ways_out(
    home: Home, asked: dict[str, str]
) -> None:
    cluster_in(home, nodes=3)
    with pytest.raises(CannotContinue) as refusal:
        KafkaShape.chosen(home, asked)
    line = str(refusal.value)
    assert "3 plain brokers" in line
    assert "reset" in line
    assert "LEARNING_HOME" in line
    assert "\n" not in line


def test_data_of_the_single_node_is_known_too(home: Home) -> None:
    single_node_in(home)
    assert KafkaShape.chosen(home, {}).is_one_plain_node
    with pytest.raises(CannotContinue, match="holds 1 plain broker, not 3 plain brokers"):
        KafkaShape.chosen(home, {"BROKERS": "3"})


@pytest.mark.parametrize(
    ("asked", "told"),
    [({"BROKERS": "2"}, "BROKERS=2 .* 1 or 3"), ({"BROKERS": "many"}, "many"), ({"KAFKA_SECURE": "yes"}, "0 or 1")],
)
def test_what_is_no_shape_is_refused_with_what_is(home: Home, asked: dict[str, str], told: str) -> None:
    with pytest.raises(CannotContinue, match=told):
        KafkaShape.chosen(home, asked)


def test_up_refuses_another_number_also_while_the_platform_runs(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    cluster_in(home, nodes=3)
    lock = SupervisorLock(home)
    assert lock.take()
    monkeypatch.setenv("BROKERS", "1")
    with pytest.raises(CannotContinue, match="3 plain brokers"):
        up.bring_up(home)
    lock.release()


def test_each_node_of_a_cluster_has_three_ports_of_its_own() -> None:
    assert KafkaShape().port_names == ("kafka", "kafka-controller")
    names = KafkaShape(3).port_names
    assert len(set(names)) == 9
    assert names[:3] == ("kafka-1", "kafka-1-brokers", "kafka-1-controllers")
