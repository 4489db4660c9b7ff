import json
import socket
from pathlib import Path

import pytest

from learning_local import ports
from learning_local.problems import CannotContinue


def listen(port: int = 0) -> socket.socket:
    listener = socket.socket()
    listener.bind(("127.0.0.1", port))
    listener.listen()
    return listener


def test_ports_are_remembered_between_starts(tmp_path: Path) -> None:
    remembered = tmp_path / "ports.json"
    first = ports.choose(["postgres", "kafka"], remembered)
    assert len(set(first.values())) == 2
    assert ports.choose(["kafka", "postgres"], remembered) == first


def test_a_port_that_somebody_else_took_is_chosen_again_and_the_others_stay(tmp_path: Path) -> None:
    remembered = tmp_path / "ports.json"
    before = ports.choose(["postgres", "kafka"], remembered)
    with listen(before["kafka"]):
        after = ports.choose(["postgres", "kafka"], remembered)
    assert after["kafka"] != before["kafka"]
    assert after["postgres"] == before["postgres"]
    assert json.loads(remembered.read_text()) == after


def test_a_service_that_comes_later_gets_a_port_of_its_own(tmp_path: Path) -> None:
    remembered = tmp_path / "ports.json"
    before = ports.choose(["postgres"], remembered)
    after = ports.choose(["postgres", "quiz-service"], remembered)
    assert after["postgres"] == before["postgres"]
    assert after["quiz-service"] != after["postgres"]


def test_a_damaged_file_is_no_obstacle(tmp_path: Path) -> None:
    remembered = tmp_path / "ports.json"
    remembered.write_text('{"postgres": "5432", ')
    assert ports.choose(["postgres"], remembered)["postgres"] in ports.CANDIDATES


def test_a_taken_gateway_port_is_refused_in_one_line_that_names_the_way_out() -> None:
    with listen() as listener, pytest.raises(CannotContinue) as refusal:
        ports.gateway_port(str(listener.getsockname()[1]))
    assert "GATEWAY_PORT" in str(refusal.value)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("setting", ["http", "0", "65536", "-1"])
def test_a_gateway_port_that_is_none_is_refused(setting: str) -> None:
    with pytest.raises(CannotContinue, match="not a port"):
        ports.gateway_port(setting)
