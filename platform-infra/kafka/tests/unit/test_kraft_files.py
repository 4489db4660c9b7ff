"""What a cluster's home holds before its first start: safe to prepare again, impossible to mistake for another."""

import json
import stat
from pathlib import Path
from typing import Any, cast

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from learning_kafka.access import OPERATOR
from learning_kafka.cluster.certificates import Authority
from learning_kafka.cluster.jvm import Jvm
from learning_kafka.cluster.kraft import KraftCluster, loopback_addresses, new_cluster_id
from learning_kafka.cluster.zookeeper import JARS_LOCK
from learning_local.downloads import read_lock
from learning_local.problems import CannotContinue

PORTS = [(21000, 21001, 21002), (21010, 21011, 21012), (21020, 21021, 21022)]
NO_JAVA = cast(Jvm, None)  # preparing a plain cluster starts no process


class FormattingJvm:
    """Stands in for Kafka's own formatting tool: `argument` is what it was called with."""

    def __init__(self) -> None:
        self.arguments: list[str] = []

    def command(self, _memory: Any, _logging: str, _program: str, argument: str) -> tuple[str, ...]:
        file = Path(argument.removeprefix("@"))
        self.mode = stat.S_IMODE(file.stat().st_mode)
        self.arguments = file.read_text().splitlines()
        data = file.parent / "data"
        (data / "bootstrap.checkpoint").write_bytes(b"users")
        (data / "meta.properties").write_text("version=1\n")
        return ("true",)


def plain(home: Path, nodes: int = 3) -> KraftCluster:
    return KraftCluster(home, loopback_addresses(PORTS[:nodes]), NO_JAVA)


def secured(home: Path, jvm: FormattingJvm) -> KraftCluster:
    return KraftCluster(home, loopback_addresses(PORTS), cast(Jvm, jvm), principals=["quiz-service"])


def properties(home: Path, node: int) -> dict[str, str]:
    text = (home / f"node-{node}" / "server.properties").read_text()
    return dict(line.split("=", 1) for line in text.splitlines() if "=" in line)


def test_all_nodes_belong_to_one_cluster_each_with_its_number(tmp_path: Path) -> None:
    plain(tmp_path).prepare()
    metas = [(tmp_path / f"node-{node}" / "data" / "meta.properties").read_text() for node in (1, 2, 3)]
    assert len({meta.splitlines()[1] for meta in metas}) == 1
    assert [meta.splitlines()[2] for meta in metas] == ["node.id=1", "node.id=2", "node.id=3"]


def test_a_cluster_id_is_never_taken_for_an_option_of_kafkas_tools() -> None:
    ids = [new_cluster_id() for _ in range(1000)]
    assert {len(each) for each in ids} == {22}
    assert not [each for each in ids if each.startswith("-")]


def test_preparing_again_keeps_the_cluster_also_on_other_ports(tmp_path: Path) -> None:
    plain(tmp_path).prepare()
    known = (tmp_path / "cluster.json").read_text()
    moved = [(client + 5, broker + 5, controller + 5) for client, broker, controller in PORTS]
    KraftCluster(tmp_path, loopback_addresses(moved), NO_JAVA).prepare()
    assert (tmp_path / "cluster.json").read_text() == known
    assert "127.0.0.1:21005" in properties(tmp_path, 1)["advertised.listeners"]


def test_another_number_of_brokers_is_refused_and_the_way_out_named(tmp_path: Path) -> None:
    plain(tmp_path, nodes=1).prepare()
    with pytest.raises(CannotContinue, match=r"1 broker,.*3 brokers.*reset.*LEARNING_HOME"):
        plain(tmp_path, nodes=3).prepare()


def test_another_kind_of_security_is_refused(tmp_path: Path) -> None:
    plain(tmp_path).prepare()
    with pytest.raises(CannotContinue, match=r"plain cluster.*secured cluster"):
        secured(tmp_path, FormattingJvm()).prepare()


def test_the_operators_password_is_on_no_command_line_and_in_no_file_that_others_can_read(tmp_path: Path) -> None:
    jvm = FormattingJvm()
    cluster = secured(tmp_path, jvm)
    cluster.prepare()
    password = cluster.passwords[OPERATOR]
    assert any(f"name={OPERATOR},password={password}" in argument for argument in jvm.arguments)
    assert jvm.mode == 0o600
    holders = [file for file in tmp_path.rglob("*") if file.is_file() and password in file.read_text(errors="replace")]
    assert holders
    assert {stat.S_IMODE(file.stat().st_mode) for file in holders} == {0o600}
    assert not any("format" in file.name for file in holders)


def test_every_node_knows_the_operator_from_the_start_and_is_formatted_once(tmp_path: Path) -> None:
    secured(tmp_path, FormattingJvm()).prepare()
    for node in (1, 2, 3):
        assert (tmp_path / f"node-{node}" / "data" / "bootstrap.checkpoint").read_bytes() == b"users"
    again = FormattingJvm()
    secured(tmp_path, again).prepare()
    assert again.arguments == []


def test_each_principal_connects_with_its_own_password(tmp_path: Path) -> None:
    cluster = secured(tmp_path, FormattingJvm())
    cluster.prepare()
    quiz, operator = (cluster.client_environment(name) for name in ("quiz-service", OPERATOR))
    assert quiz["KAFKA_SASL_PASSWORD"] != operator["KAFKA_SASL_PASSWORD"]
    assert quiz["KAFKA_SECURITY_PROTOCOL"] == "SASL_SSL"
    assert Path(quiz["KAFKA_SSL_CA_LOCATION"]).is_file()
    file = tmp_path / "clients" / "quiz-service.env"
    assert dict(line.split("=", 1) for line in file.read_text().splitlines()) == quiz


def test_a_brokers_certificate_names_it_and_its_address_and_is_signed_by_the_authority(tmp_path: Path) -> None:
    text = Authority(tmp_path).issue("broker-1", ["127.0.0.1"], ["localhost"])
    assert text.startswith("-----BEGIN PRIVATE KEY-----")
    own, authority = x509.load_pem_x509_certificates(text[text.index("-----BEGIN CERTIFICATE") :].encode())
    assert own.subject.rfc4514_string() == "CN=broker-1"
    names = own.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert [str(one) for one in names.get_values_for_type(x509.IPAddress)] == ["127.0.0.1"]
    own.verify_directly_issued_by(authority)


def test_the_authority_is_made_once_and_its_key_is_private(tmp_path: Path) -> None:
    first = Authority(tmp_path).certificate_pem
    assert Authority(tmp_path).certificate_pem == first
    assert stat.S_IMODE((tmp_path / "ca-key.pem").stat().st_mode) == 0o600
    key = x509.load_pem_x509_certificate(first.encode()).public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)


def test_the_remembered_shape_is_readable_by_people(tmp_path: Path) -> None:
    plain(tmp_path).prepare()
    assert {"nodes": 3, "secured": False}.items() <= json.loads((tmp_path / "cluster.json").read_text()).items()


def test_the_jars_of_the_zookeeper_layout_are_pinned_once_each() -> None:
    jars = read_lock(JARS_LOCK)
    assert {"kafka_2.13-3.9.2.jar", "zookeeper-3.8.4.jar"} <= {jar.name for jar in jars}
    versions = {Path(jar.path).parent for jar in jars}
    artifacts = {version.parent for version in versions}
    assert len(artifacts) == len(versions), "two versions of one library on a class path"
