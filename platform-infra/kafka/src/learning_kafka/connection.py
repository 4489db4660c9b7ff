"""The way to the cluster, by the same KAFKA_* settings as a service's."""

import logging
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from typing import Any, TypeVar

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient
from pydantic import ValidationError

from chassis.kafka.client_config import client_config, prefixed
from chassis.settings import KafkaSettings
from learning_kafka.problems import CannotContinue, WrongUsage

REQUEST_SECONDS = 15.0
COORDINATOR_SECONDS = 0.2

Answer = TypeVar("Answer")

_UNREACHABLE = {
    KafkaError._TRANSPORT,
    KafkaError._TIMED_OUT,
    KafkaError._ALL_BROKERS_DOWN,
    KafkaError.REQUEST_TIMED_OUT,
}
# The first question about any group makes Kafka create the topic in which it keeps their positions.
_COORDINATOR_MOVES = {
    KafkaError.COORDINATOR_LOAD_IN_PROGRESS,
    KafkaError.COORDINATOR_NOT_AVAILABLE,
    KafkaError.NOT_COORDINATOR,
}


class Connection:
    """An admin client and the names of this installation. Blocking: commands do one thing after the other."""

    def __init__(self, settings: KafkaSettings) -> None:
        self.settings = settings
        self._trouble: str | None = None
        options = {"error_cb": self._on_error, "logger": logging.getLogger("librdkafka")}
        self.admin = AdminClient(client_config(settings) | options)

    def name(self, name: str) -> str:
        """The name of a topic or a group on this cluster."""
        return prefixed(self.settings, name)

    def is_ours(self, name: str) -> bool:
        """Whether a name on the cluster may belong to this installation."""
        return name.startswith(self.settings.topic_prefix)

    def unprefixed(self, name: str) -> str:
        return name.removeprefix(self.settings.topic_prefix)

    def wait(self, future: "Future[Answer]") -> Answer:
        """The answer. Raises KafkaException, CannotContinue when the cluster does not answer or lets nobody in."""
        try:
            return future.result(REQUEST_SECONDS * 2)
        except KafkaException as error:
            raise self.explained(error) from error
        except TimeoutError as error:
            raise CannotContinue(self._silence()) from error

    def ask_coordinator(self, request: "Callable[[], Mapping[Any, Future[Answer]]]") -> Answer:
        """The answer to a request for one group. A coordinator that is only just being found is asked again."""
        deadline = time.monotonic() + REQUEST_SECONDS
        while True:
            [future] = request().values()
            try:
                return self.wait(future)
            except KafkaException as error:
                if error.args[0].code() not in _COORDINATOR_MOVES or time.monotonic() > deadline:
                    raise
                time.sleep(COORDINATOR_SECONDS)

    def explained(self, error: KafkaException) -> Exception:
        """The same error, or a CannotContinue with the cause where librdkafka tells it only on the side."""
        reason: KafkaError = error.args[0]
        if reason.code() in _UNREACHABLE:
            return CannotContinue(self._silence())
        if reason.code() == KafkaError.SECURITY_DISABLED:
            return CannotContinue(
                "This cluster has no authorizer (authorizer.class.name): rules of access mean nothing."
            )
        return error

    def _silence(self) -> str:
        self.admin.poll(0.5)  # the errors of connections arrive here
        cause = self._trouble or "no answer"
        return f"Kafka at {self.settings.bootstrap_servers} does not answer: {cause}"

    def _on_error(self, error: KafkaError) -> None:
        # "All brokers are down" comes after the error that says why.
        if self._trouble is None or error.code() != KafkaError._ALL_BROKERS_DOWN:
            self._trouble = error.str()


def connect() -> Connection:
    """By the environment. Raises WrongUsage, naming the variables."""
    return Connection(settings_from_environment())


def settings_from_environment(**defaults: Any) -> KafkaSettings:
    try:
        return KafkaSettings(**defaults)
    except ValidationError as error:
        lines = []
        for item in error.errors(include_input=False, include_url=False):
            field = str(item["loc"][0]) if item["loc"] else ""
            variable = KafkaSettings.variable(field) if field in KafkaSettings.model_fields else field
            lines.append(f"{variable}: {'required, but not set' if item['type'] == 'missing' else item['msg']}")
        raise WrongUsage("; ".join(lines)) from error
