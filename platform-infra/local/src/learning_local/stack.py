"""Which parts the platform of one home consists of, and what environment each service gets.

A server that the environment names (POSTGRES_HOST, KAFKA_BOOTSTRAP_SERVERS, S3_ENDPOINT_URL, REDIS_HOST) is used
instead of starting one; an empty REDIS_HOST means no Redis.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from learning_local import java, ports
from learning_local.catalogue import Service
from learning_local.credentials import Credentials
from learning_local.downloads import JarStore
from learning_local.external import ExternalKafka, ExternalPostgres, ExternalRedis, ExternalS3
from learning_local.home import Home
from learning_local.kafka_shape import KafkaShape
from learning_local.keys import ISSUER, DevelopmentKey
from learning_local.parts import kafka_cluster
from learning_local.parts.base import LOOPBACK, External, Part
from learning_local.parts.gateway import FOLDER as GATEWAY_FOLDER
from learning_local.parts.gateway import Gateway
from learning_local.parts.kafka import ClassArchive, Kafka
from learning_local.parts.monitoring import EventMonitor, Prometheus, exporter_option
from learning_local.parts.postgres import Account, Postgres
from learning_local.parts.redis import Redis
from learning_local.parts.s3 import S3, BucketAccount
from learning_local.parts.service import ServicePart
from learning_local.problems import CannotContinue

# Other sources of verification keys: a service takes exactly one.
NOT_FOR_SERVICES = ("JWT_JWKS_URL", "JWT_PUBLIC_KEY")

MONITOR = "platform-monitor"  # the principal that looks and changes nothing


@dataclass(frozen=True)
class Stack:
    parts: Sequence[Part]
    gateway_url: str


@dataclass(frozen=True)
class KafkaAccess:
    """The parts that are Kafka, and the KAFKA_* settings with which a principal connects."""

    parts: Sequence[Part]
    settings_of: Callable[[str], Mapping[str, str]]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(part.name for part in self.parts)

    @property
    def bootstrap_servers(self) -> str:
        return ",".join(part.address for part in self.parts)


@dataclass(frozen=True)
class Needed:
    """Which embedded servers must be started, as the environment says."""

    postgres: bool
    kafka: bool
    s3: bool
    redis: bool

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Needed:
        return cls(
            postgres=not environment.get("POSTGRES_HOST"),
            kafka=not environment.get("KAFKA_BOOTSTRAP_SERVERS"),
            s3=not environment.get("S3_ENDPOINT_URL"),
            redis="REDIS_HOST" not in environment,
        )


class Builder:
    """Puts the stack together: `build()` once. Of the catalogue, the services that are in the checkout are started."""

    def __init__(self, home: Home, environment: Mapping[str, str], catalogue: Sequence[Service]) -> None:
        self._home = home
        self._given = environment
        self._catalogue = catalogue
        self._services = services = [service for service in catalogue if service.is_here]
        self._needed = Needed.from_environment(environment)
        self._credentials = Credentials(home.credentials_file)
        self._key = DevelopmentKey(home.keys)
        self._shape = KafkaShape.chosen(home, environment) if self._needed.kafka else KafkaShape()
        self._monitored = wants_monitoring(environment)
        names = ["postgres", *self._shape.port_names, "s3", "redis", *(service.name for service in services)]
        if self._monitored:
            names += ["prometheus", "event-monitor", "gateway-status", *map(exporter_name, self._shape.node_names)]
        self._ports = ports.choose(names, home.ports_file)
        self._gateway_port = int(environment.get("GATEWAY_PORT") or ports.DEFAULT_GATEWAY_PORT)

    def build(self) -> Stack:
        self._key.make()
        kafka = self._kafka()
        infrastructure = [self._postgres(), *kafka.parts, self._s3(), *self._redis()]
        services = [self._service(service, infrastructure, kafka) for service in self._services]
        gateway = [self._gateway()] if (GATEWAY_FOLDER / "pyproject.toml").is_file() else []
        for part in services:
            part.stopped_after = tuple(part.name for part in gateway)
        monitoring = self._monitoring(kafka) if self._monitored else []
        return Stack([*infrastructure, *services, *gateway, *monitoring], f"http://{LOOPBACK}:{self._gateway_port}")

    def _postgres(self) -> Part:
        accounts = [
            Account(service.database, self._credentials.password(service.database))
            for service in self._services
            if service.database is not None
        ]
        if self._needed.postgres:
            return Postgres(self._home, self._ports["postgres"], self._credentials, accounts)
        server = ExternalPostgres(self._given, accounts)
        return External("postgres", server.address, server.check, server.provision)

    def _kafka(self) -> KafkaAccess:
        groups = [service.name for service in self._services]
        if self._needed.kafka:
            return embedded_kafka(self._home, self._shape, self._ports, groups, self._agents())
        cluster = ExternalKafka(self._given, groups)
        part = External("kafka", self._given["KAFKA_BOOTSTRAP_SERVERS"], cluster.check, cluster.provision)
        return KafkaAccess([part], lambda _: {})  # a service inherits the settings

    def _agents(self) -> dict[str, tuple[str, ...]]:
        nodes = self._shape.node_names if self._monitored else ()
        return {node: exporter_option(self._home, self._ports[exporter_name(node)]) for node in nodes}

    def _monitoring(self, kafka: KafkaAccess) -> list[Part]:
        environment = {**self._inherited(), **kafka.settings_of(MONITOR)}
        parts: list[Part] = [EventMonitor(self._ports["event-monitor"], environment, kafka.names)]
        if program := shutil.which("prometheus"):
            port = self._ports["prometheus"]
            parts.append(Prometheus(self._home, program, port, self._targets(), self._inherited()))
        return parts

    def _targets(self) -> dict[str, list[dict[str, Any]]]:
        """What is scraped, by the name of Prometheus' file; a service is API and worker in one process here."""
        services = [
            {"targets": [self._at(service.name)], "labels": {"service": service.name, "role": "all"}}
            for service in self._services
        ]
        brokers = [self._at(exporter_name(node)) for node, agent in self._agents().items() if agent]
        return {
            "services": services,
            "gateway": [{"targets": [self._at("gateway-status")]}],
            "events": [{"targets": [self._at("event-monitor")]}],
            "brokers": [{"targets": brokers}] if self._needed.kafka and brokers else [],
        }

    def _at(self, name: str) -> str:
        return f"{LOOPBACK}:{self._ports[name]}"

    def _s3(self) -> Part:
        buckets = [service.bucket(self._environment_name) for service in self._services]
        if self._needed.s3:
            return S3(self._home, self._ports["s3"], [self._bucket_account(bucket) for bucket in buckets])
        store = ExternalS3(self._given, buckets)
        return External("s3", self._given["S3_ENDPOINT_URL"], store.check, store.provision)

    def _redis(self) -> list[Part]:
        if self._needed.redis:
            return [Redis(self._home, self._ports["redis"], self._credentials.password("redis"))]
        if not self._given["REDIS_HOST"]:
            return []
        server = ExternalRedis(self._given)
        return [External("redis", server.address, server.check, lambda: None)]

    def _service(self, service: Service, infrastructure: Sequence[Part], kafka: KafkaAccess) -> ServicePart:
        running = {part.name: (part.name,) for part in infrastructure} | {"kafka": kafka.names}
        needs = tuple(name for need in service.needs for name in running.get(need, ()))
        environment = {**self._service_environment(service), **kafka.settings_of(service.name)}
        return ServicePart(self._home, service, self._ports[service.name], environment, needs)

    def _gateway(self) -> Gateway:
        # Every service of the catalogue: kong.yml routes to all of them, and who is not here is not reached (502).
        urls = {
            f"{service.name.removesuffix('-service').replace('-', '_').upper()}_URL": (
                f"http://{LOOPBACK}:{self._ports.get(service.name, service.port)}"
            )
            for service in self._catalogue
        }
        verification = {"JWT_ISSUER": ISSUER, "JWT_KEY_ID": self._key.id, "JWT_PUBLIC_KEY": self._key.public_pem}
        environment = {**self._inherited(), **urls, **verification}
        return Gateway(self._home, self._gateway_port, environment, self._ports.get("gateway-status"))

    def _service_environment(self, service: Service) -> dict[str, str]:
        bucket = service.bucket(self._environment_name)
        values = {
            "ENVIRONMENT": self._environment_name,
            "HTTP_HOST": LOOPBACK,
            "HTTP_PORT": str(self._ports[service.name]),
            "JWT_JWKS_FILE": str(self._key.jwks_file),
            "JWT_ISSUERS": ISSUER,
            "S3_BUCKET": bucket,
        }
        if service.database is not None:
            values |= {
                "POSTGRES_DB": service.database,
                "POSTGRES_USER": service.database,
                "POSTGRES_PASSWORD": self._credentials.password(service.database),
            }
            if self._needed.postgres:
                values |= {
                    "POSTGRES_HOST": LOOPBACK,
                    "POSTGRES_PORT": str(self._ports["postgres"]),
                    "POSTGRES_SSLMODE": "disable",
                }
        if self._needed.s3:
            account = self._bucket_account(bucket)
            values |= {
                "S3_ENDPOINT_URL": f"http://{LOOPBACK}:{self._ports['s3']}",
                "S3_ACCESS_KEY_ID": account.access_key_id,
                "S3_SECRET_ACCESS_KEY": account.secret_access_key,
            }
        if self._needed.redis:
            values |= {
                "REDIS_HOST": LOOPBACK,
                "REDIS_PORT": str(self._ports["redis"]),
                "REDIS_PASSWORD": self._credentials.password("redis"),
            }
        return {**self._inherited(), **values}

    def _inherited(self) -> dict[str, str]:
        return {name: value for name, value in self._given.items() if name not in NOT_FOR_SERVICES}

    def _bucket_account(self, bucket: str) -> BucketAccount:
        return BucketAccount(bucket, self._credentials.access_key_id(bucket), self._credentials.password(bucket))

    @property
    def _environment_name(self) -> str:
        return self._given.get("ENVIRONMENT") or "dev"


def wants_monitoring(environment: Mapping[str, str]) -> bool:
    return environment.get("MONITORING") == "1"


def exporter_name(node: str) -> str:
    """Of the port where a broker's figures are."""
    return f"{node}-exporter"


def embedded_kafka(
    home: Home, shape: KafkaShape, chosen: Mapping[str, int], groups: Sequence[str] | None,
    agents: Mapping[str, tuple[str, ...]] = MappingProxyType({}),
) -> KafkaAccess:  # fmt: skip
    """`chosen`: its ports; `groups`: whose dead letters there are beside the contracts' topics, None: no topics.
    `agents`: Java's options for what watches a node, by its name.

    Raises CannotContinue if Java or the jars have not been fetched.
    """
    runtime, jars = java.find(home.cache), JarStore(home.cache)
    if runtime is None or not Path(jars.directory).is_dir():
        raise CannotContinue("Kafka has not been fetched: run `make -C platform-infra up`.")
    if shape.is_one_plain_node:
        pair = (chosen["kafka"], chosen["kafka-controller"])
        node = Kafka(home, pair, runtime, jars, groups or (), topics=groups is not None, agent=agents.get("kafka", ()))
        return KafkaAccess([node], lambda _: node.client_environment)
    plan, nodes = kafka_cluster.nodes(home, shape, chosen, agents, ClassArchive(runtime, jars, home), groups)
    return KafkaAccess(nodes, lambda principal: plan.clients[principal])
