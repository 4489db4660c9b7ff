"""Servers that the environment names: asked whether they answer, and given our databases, topics and buckets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from urllib.parse import quote, urlsplit

import psycopg

from learning_local.parts.base import check_port
from learning_local.parts.kafka import brokers, make_topics
from learning_local.parts.postgres import Account, provision
from learning_local.parts.redis import ping
from learning_local.problems import NotReady


class ExternalPostgres:
    """POSTGRES_USER and POSTGRES_PASSWORD are those of a role that may create roles and databases."""

    def __init__(self, environment: Mapping[str, str], accounts: Iterable[Account]) -> None:
        host, port = environment["POSTGRES_HOST"], environment.get("POSTGRES_PORT") or "5432"
        user = environment.get("POSTGRES_USER") or "postgres"
        password = environment.get("POSTGRES_PASSWORD") or ""
        database = environment.get("POSTGRES_DB") or "postgres"
        mode = environment.get("POSTGRES_SSLMODE") or "prefer"
        credentials = f"{quote(user, safe='')}:{quote(password, safe='')}"
        self._dsn = f"postgresql://{credentials}@{host}:{port}/{quote(database, safe='')}?sslmode={mode}"
        self._accounts = tuple(accounts)
        self.address = f"{host}:{port}"

    def check(self) -> None:
        try:
            psycopg.connect(self._dsn, connect_timeout=2).close()
        except psycopg.OperationalError as error:
            raise NotReady(str(error).strip().splitlines()[-1]) from error

    def provision(self) -> None:
        provision(self._dsn, self._accounts)


class ExternalKafka:
    """Spoken to with the KAFKA_* settings of the environment, as the services do."""

    def __init__(self, environment: Mapping[str, str], groups: Iterable[str]) -> None:
        from chassis.kafka.client_config import client_config  # 20 MB that an embedded Kafka does not need
        from chassis.settings import KafkaSettings

        self._client_config = client_config(KafkaSettings())
        self._environment = environment
        self._groups = tuple(groups)
        self._brokers = 0

    def check(self) -> None:
        self._brokers = brokers(self._client_config)

    def provision(self) -> None:
        make_topics(self._environment, self._groups, replicas=min(3, self._brokers))


class ExternalS3:
    def __init__(self, environment: Mapping[str, str], buckets: Iterable[str]) -> None:
        self._environment = environment
        self._buckets = tuple(buckets)
        url = urlsplit(environment["S3_ENDPOINT_URL"])
        self._host, self._port = url.hostname or "", url.port or (443 if url.scheme == "https" else 80)

    def check(self) -> None:
        check_port(self._host, self._port)

    def provision(self) -> None:
        import boto3  # a hundred milliseconds and 30 MB that the embedded store does not need
        from botocore.config import Config
        from botocore.exceptions import ClientError

        client = boto3.client(
            "s3",
            endpoint_url=self._environment["S3_ENDPOINT_URL"],
            aws_access_key_id=self._environment.get("S3_ACCESS_KEY_ID"),
            aws_secret_access_key=self._environment.get("S3_SECRET_ACCESS_KEY"),
            region_name=self._environment.get("AWS_REGION") or "eu-central-1",
            config=Config(s3={"addressing_style": "path"}),
        )
        for bucket in self._buckets:
            try:
                client.create_bucket(Bucket=bucket)
            except ClientError as error:
                if error.response["Error"]["Code"] not in {"BucketAlreadyOwnedByYou", "BucketAlreadyExists"}:
                    raise


class ExternalRedis:
    def __init__(self, environment: Mapping[str, str]) -> None:
        self._host = environment["REDIS_HOST"]
        self._port = int(environment.get("REDIS_PORT") or 6379)
        self._password = environment.get("REDIS_PASSWORD")
        self.address = f"{self._host}:{self._port}"

    def check(self) -> None:
        ping(self._host, self._port, self._password)
