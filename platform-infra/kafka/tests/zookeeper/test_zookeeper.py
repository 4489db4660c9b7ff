"""The guide's layout at work: what the platform needs of a cluster holds on three ZooKeepers and Kafka 3.9 too."""

from collections.abc import Iterator

import pytest
from support.answer import Tool
from support.traffic import event_ids, example, publish, read_as

from learning_kafka.cluster.jvm import Jvm
from learning_kafka.cluster.kraft import loopback_addresses
from learning_kafka.cluster.runner import RunningCluster, running, settings_of
from learning_kafka.cluster.zookeeper import JARS_LOCK, ZookeeperCluster
from learning_local import ports

pytestmark = pytest.mark.zookeeper

NODES = 3
GROUP, TOPIC = "quiz-service", "quiz.requested"


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[ZookeeperCluster, RunningCluster]]:
    home = tmp_path_factory.mktemp("zookeeper")
    names = [str(number) for number in range(6 * NODES)]
    chosen = iter(ports.choose(names, home / "ports.json").values())
    triples = list(zip(chosen, chosen, chosen, strict=True))
    addresses = loopback_addresses(triples[:NODES])
    described = ZookeeperCluster(home, addresses, triples[NODES:], Jvm.ready(lock=JARS_LOCK))
    with running(described) as processes:
        yield described, processes
        processes.kill_all()  # its data is thrown away


def test_topics_are_made_events_flow_and_a_lost_zookeeper_and_a_lost_broker_stop_nothing(
    tool: Tool, cluster: tuple[ZookeeperCluster, RunningCluster]
) -> None:
    described, processes = cluster
    environment = described.client_environment()
    settings = settings_of(environment)
    assert tool(environment, "topics", "create").code == 0
    assert tool(environment, "topics", "verify").code == 0
    shown = tool(environment, "topics", "describe").rows
    assert {(row["replicas"], row["min_in_sync"]) for row in shown} == {(3, 2)}

    event = example(TOPIC)
    ids = publish(settings, event)
    assert event_ids(read_as(settings, GROUP, TOPIC, 1)) == ids
    processes.kill("zookeeper-1")
    ids = publish(settings, event)
    processes.kill("broker-1")
    ids += publish(settings, event)
    assert event_ids(read_as(settings, GROUP, TOPIC, 2)) == ids
    lag = tool(environment, "groups", "lag", "--group", GROUP).rows
    assert {row["lag"] for row in lag} == {0}
