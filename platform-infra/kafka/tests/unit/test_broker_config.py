"""The configuration of the four places: safe wherever it is rendered, and complete or refused."""

from pathlib import Path
from string import Template

import pytest

from learning_kafka.broker_config import PLACES, config_folder, render, render_place
from learning_kafka.problems import WrongUsage

NEEDED = {
    "local": {"data": "/tmp/kafka", "certificates": "/tmp/certificates"},
    "compose": {},
    "kubernetes": {"rack": "eu-central-1a"},
    "ec2": {"rack": "eu-central-1a", "domain": "kafka.internal"},
}


def lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if not line.startswith("#")]


def properties(place: str, *, node: int = 1, nodes: int = 3, secured: bool = True, **settings: str) -> dict[str, str]:
    text = render_place(place, node=node, nodes=nodes, secured=secured, settings={**NEEDED[place], **settings})
    return dict(line.split("=", 1) for line in lines(text))


everywhere = pytest.mark.parametrize("place", sorted(PLACES))


@everywhere
def test_nothing_acknowledged_is_on_one_broker_alone(place: str) -> None:
    found = properties(place)
    assert found["default.replication.factor"] == found["offsets.topic.replication.factor"] == "3"
    assert found["min.insync.replicas"] == "2"
    assert found["unclean.leader.election.enable"] == "false"
    assert found["auto.create.topics.enable"] == "false"


@everywhere
def test_every_node_is_broker_and_controller_in_a_quorum_of_three(place: str) -> None:
    rendered = [properties(place, node=node) for node in (1, 2, 3)]
    assert {one["process.roles"] for one in rendered} == {"broker,controller"}
    assert [one["node.id"] for one in rendered] == ["1", "2", "3"]
    [voters] = {one["controller.quorum.voters"] for one in rendered}
    assert [voter.split("@")[0] for voter in voters.split(",")] == ["1", "2", "3"]


@everywhere
def test_all_is_encrypted_clients_have_passwords_and_brokers_certificates(place: str) -> None:
    found = properties(place)
    protocols = dict(one.split(":") for one in found["listener.security.protocol.map"].split(","))
    assert protocols.pop("BROKERS") == protocols.pop("CONTROLLER") == "SSL"
    assert set(protocols.values()) == {"SASL_SSL"}
    for listener in ("brokers", "controller"):
        assert found[f"listener.name.{listener}.ssl.client.auth"] == "required"
    for listener in protocols:
        assert found[f"listener.name.{listener.lower()}.sasl.enabled.mechanisms"] == "SCRAM-SHA-512"


@everywhere
def test_what_no_rule_allows_is_refused_and_only_operator_and_brokers_stand_above_rules(place: str) -> None:
    found = properties(place)
    assert found["authorizer.class.name"].endswith(".StandardAuthorizer")
    assert found["allow.everyone.if.no.acl.found"] == "false"
    assert found["super.users"] == "User:platform-operator;User:broker-1;User:broker-2;User:broker-3"


@everywhere
def test_every_listener_has_a_protocol_and_an_advertised_address_of_its_own_per_node(place: str) -> None:
    addresses: list[str] = []
    for node in (1, 2, 3):
        found = properties(place, node=node)
        listeners = {one.split("://")[0] for one in found["listeners"].split(",")}
        advertised = {one.split("://")[0]: one for one in found["advertised.listeners"].split(",")}
        protocols = {one.split(":")[0] for one in found["listener.security.protocol.map"].split(",")}
        assert listeners == protocols
        assert advertised.keys() == listeners - {"CONTROLLER"}
        assert "0.0.0.0" not in found["advertised.listeners"]
        addresses += advertised.values()
    assert len(addresses) == len(set(addresses))


@everywhere
def test_without_security_nothing_of_it_is_left(place: str) -> None:
    found = properties(place, secured=False)
    assert "SSL" not in found["listener.security.protocol.map"]
    assert "authorizer.class.name" not in found


def test_a_single_broker_asks_for_no_copies_that_it_cannot_have() -> None:
    found = properties("local", nodes=1)
    assert found["default.replication.factor"] == found["min.insync.replicas"] == "1"
    assert found["share.coordinator.state.topic.replication.factor"] == "1"


def test_the_places_name_their_brokers_as_they_are_found_there() -> None:
    assert "CLIENTS://kafka-3:9092" in properties("compose", node=3)["advertised.listeners"]
    assert "HOST://localhost:29094" in properties("compose", node=3)["advertised.listeners"]
    pods = properties("kubernetes", node=3, namespace="events")["advertised.listeners"]
    assert "CLIENTS://kafka-2.kafka.events.svc.cluster.local:9092" in pods
    assert "CLIENTS://kafka-3.kafka.internal:9092" in properties("ec2", node=3)["advertised.listeners"]
    assert "CLIENTS://127.0.0.1:29098" in properties("local", node=3)["advertised.listeners"]


def test_the_rule_for_names_in_certificates_survives_rendering() -> None:
    assert properties("ec2")["ssl.principal.mapping.rules"] == "RULE:^CN=([^,]+).*$/$1/"


@pytest.mark.parametrize(
    ("place", "settings", "named"),
    [("ec2", {"domain": "kafka.internal"}, "rack"), ("local", {}, "data"), ("compose", {"zone": "a"}, "zone")],
)
def test_a_missing_or_unknown_value_is_refused_by_name(place: str, settings: dict[str, str], named: str) -> None:
    with pytest.raises(WrongUsage, match=named):
        render_place(place, node=1, nodes=3, secured=True, settings=settings)


@pytest.mark.parametrize("node", [0, 4])
def test_a_node_outside_the_cluster_is_refused(node: int) -> None:
    with pytest.raises(WrongUsage, match="none of 1 to 3"):
        properties("compose", node=node)


def test_a_later_layer_replaces_a_line_of_an_earlier_one() -> None:
    rendered = lines(render_place("compose", node=1, nodes=3, secured=False, settings={}))
    keys = [line.partition("=")[0] for line in rendered]
    assert len(keys) == len(set(keys))
    [listeners] = [line for line in rendered if line.startswith("listeners=")]
    assert "HOST://" in listeners


def test_a_template_with_an_unknown_name_is_never_rendered_half() -> None:
    with pytest.raises(KeyError):
        render(["base"], {"bind": "127.0.0.1"})


@pytest.mark.parametrize("file", sorted(config_folder().rglob("*.properties")), ids=lambda file: file.stem)
def test_every_template_is_well_formed(file: Path) -> None:
    assert Template(file.read_text()).is_valid()
