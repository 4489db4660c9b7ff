"""Lag, members and dead letters of every consumer group for Prometheus, asked of Kafka at each scrape.

A consumer that has died cannot tell that it lags. Nothing is remembered here, so nothing can be told that is old.
Connects by the KAFKA_* settings; on a secured cluster as `platform-monitor`, which may look and change nothing.
"""

import argparse
import logging
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from confluent_kafka import KafkaException
from learning_kafka import declared, group_admin
from learning_kafka.connection import Connection, connect
from learning_kafka.offsets import Position
from learning_kafka.problems import CannotContinue
from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.metrics_core import GaugeMetricFamily
from prometheus_client.registry import Collector

from chassis.kafka.client_config import dead_letter_topic

log = logging.getLogger("event_monitor")


@dataclass(frozen=True, slots=True)
class GroupFigures:
    """One consumer group. `dead_letters`: those neither redriven nor dropped."""

    group: str
    members: int
    positions: Sequence[Position]
    dead_letters: int


def read_figures(connection: Connection) -> list[GroupFigures]:
    """Of every group that has ever joined; raises KafkaException, CannotContinue or TimeoutError."""
    return [figures for group in declared.consuming_services() if (figures := _read_group(connection, group))]


def _read_group(connection: Connection, group: str) -> GroupFigures | None:
    state = group_admin.read_state(connection, group)
    if state.name == "absent":
        return None  # a service that is not installed here lags behind nothing
    positions = group_admin.read_positions(connection, group, declared.topics_read_by(group))
    # A redrive commits how far it came as a group of its own.
    letters = group_admin.read_positions(connection, f"{group}.redrive", [dead_letter_topic(group)])
    return GroupFigures(group, len(state.members), positions, sum(position.lag for position in letters))


class EventCollector(Collector):
    """When Kafka does not answer, `learning_kafka_collector_up` is 0 and stands alone."""

    def __init__(self, read: Callable[[], Sequence[GroupFigures]]) -> None:
        self._read = read

    def describe(self) -> Sequence[GaugeMetricFamily]:
        return ()  # else registering would ask Kafka

    def collect(self) -> Iterator[GaugeMetricFamily]:
        figures: Sequence[GroupFigures] = ()
        try:
            figures = self._read()
            up = 1.0
        except (KafkaException, CannotContinue, TimeoutError) as error:
            log.warning("Kafka was not read: %s", error)
            up = 0.0
        yield GaugeMetricFamily("learning_kafka_collector_up", "1 when Kafka answered everything.", value=up)
        yield from _families(figures)


def _families(figures: Sequence[GroupFigures]) -> Iterator[GaugeMetricFamily]:
    lag = GaugeMetricFamily(
        "learning_kafka_group_lag_messages", "Messages not read yet.", labels=["group", "topic", "partition"]
    )
    members = GaugeMetricFamily("learning_kafka_group_members", "Members of the group.", labels=["group"])
    letters = GaugeMetricFamily(
        "learning_kafka_dead_letters_messages", "Dead letters neither redriven nor dropped.", labels=["group"]
    )
    for one in figures:
        for position in one.positions:
            lag.add_metric([one.group, position.topic, str(position.partition)], position.lag)
        members.add_metric([one.group], one.members)
        letters.add_metric([one.group], one.dead_letters)
    yield from (lag, members, letters)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=9308)
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("librdkafka").addHandler(logging.NullHandler())  # its complaints are in our own
    connection = connect()
    registry = CollectorRegistry()
    registry.register(EventCollector(lambda: read_figures(connection)))
    server, thread = start_http_server(options.port, options.host, registry)
    log.info("on http://%s:%d/metrics, of %s", options.host, options.port, connection.settings.bootstrap_servers)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    stop.wait()
    server.shutdown()
    thread.join()


if __name__ == "__main__":
    main()
