"""A process starts with a whole configuration or says in one line per variable what is wrong."""

import os
from typing import Any

import pytest
from psycopg.conninfo import conninfo_to_dict
from pydantic import Field, SecretStr

from chassis.settings import PostgresSettings, ServiceSettings, SettingsError, SettingsGroup

ENVIRONMENT = {
    "KAFKA_BOOTSTRAP_SERVERS": "kafka:9092",
    "POSTGRES_DB": "things",
    "POSTGRES_USER": "things",
    "S3_BUCKET": "things-storage-dev",
    "JWT_ISSUERS": "https://a.test, https://b.test",
    "JWT_JWKS_FILE": "/keys/jwks.json",
}


class EngineSettings(SettingsGroup):
    model_config = SettingsGroup.model_config | {"env_prefix": "ENGINE_"}

    name: str = Field("plain", description="Which engine")
    api_key: SecretStr | None = Field(None, description="Key of the engine")


class ThingSettings(ServiceSettings):
    engine: EngineSettings


@pytest.fixture
def environment(monkeypatch) -> Any:
    """The environment has exactly what the test sets."""
    for name in list(os.environ):
        monkeypatch.delenv(name)

    def set_to(**changes: str | None) -> None:
        for name, value in (ENVIRONMENT | changes).items():
            monkeypatch.delenv(name, raising=False) if value is None else monkeypatch.setenv(name, value)

    set_to()
    return set_to


def test_settings_come_from_the_names_the_platform_fixes(environment) -> None:
    environment(
        ENVIRONMENT="staging",
        AWS_REGION="eu-west-3",
        LOG_LEVEL="DEBUG",
        POSTGRES_HOST="db",
        POSTGRES_PORT="5433",
        POSTGRES_PASSWORD="f8a7",
        REDIS_HOST="cache",
        REDIS_PORT="6380",
        HTTP_PORT="8004",
        ENGINE_NAME="fine",
    )
    settings = ThingSettings.from_environment()
    assert (settings.platform.environment, settings.platform.aws_region, settings.platform.log_level) == (
        "staging",
        "eu-west-3",
        "DEBUG",
    )
    assert (settings.postgres.host, settings.postgres.port) == ("db", 5433)
    assert (settings.redis.host, settings.redis.port) == ("cache", 6380)
    assert settings.http.http_port == 8004
    assert settings.s3.region == "eu-west-3"
    assert settings.auth.jwt_issuers == ("https://a.test", "https://b.test")
    assert settings.engine.name == "fine"


def test_everything_that_is_wrong_is_told_at_once_one_line_a_variable(environment) -> None:
    environment(POSTGRES_DB=None, KAFKA_BOOTSTRAP_SERVERS=None, POSTGRES_PORT="many", ENVIRONMENT="produktion")
    with pytest.raises(SettingsError) as caught:
        ThingSettings.from_environment()
    lines = str(caught.value).splitlines()
    assert "POSTGRES_DB: required, but not set" in lines
    assert "KAFKA_BOOTSTRAP_SERVERS: required, but not set" in lines
    assert {line.split(":")[0] for line in lines} == {
        "POSTGRES_DB",
        "KAFKA_BOOTSTRAP_SERVERS",
        "POSTGRES_PORT",
        "ENVIRONMENT",
    }


def test_an_empty_variable_counts_as_absent(environment) -> None:
    environment(REDIS_HOST="", POSTGRES_DB="")
    with pytest.raises(SettingsError, match="POSTGRES_DB: required"):
        ThingSettings.from_environment()
    environment(REDIS_HOST="")
    assert ThingSettings.from_environment().redis.host == ""


@pytest.mark.parametrize("keys", [{"JWT_JWKS_FILE": None}, {"JWT_JWKS_URL": "https://a.test/jwks"}])
def test_exactly_one_source_of_keys_is_required(environment, keys) -> None:
    environment(**keys)
    with pytest.raises(SettingsError, match="exactly one of JWT_JWKS_URL, JWT_JWKS_FILE, JWT_PUBLIC_KEY"):
        ThingSettings.from_environment()


@pytest.mark.parametrize("password", [None, "postgres", "Changeme"])
def test_a_default_or_well_known_secret_starts_in_dev_only(environment, password) -> None:
    environment(POSTGRES_PASSWORD=password)
    assert ThingSettings.from_environment().platform.environment == "dev"
    for name in ("staging", "prod"):
        environment(POSTGRES_PASSWORD=password, ENVIRONMENT=name)
        with pytest.raises(SettingsError, match=r"^POSTGRES_PASSWORD: "):
            ThingSettings.from_environment()


def test_a_services_own_secrets_are_held_to_the_same(environment) -> None:
    environment(POSTGRES_PASSWORD="f8a7", ENVIRONMENT="prod", ENGINE_API_KEY="secret")
    with pytest.raises(SettingsError, match=r"^ENGINE_API_KEY: "):
        ThingSettings.from_environment()


def test_a_secret_is_in_no_error_and_no_representation(environment) -> None:
    environment(POSTGRES_PASSWORD="f8a7b6", POSTGRES_PORT="many", HTTP_PORT="x")
    with pytest.raises(SettingsError) as caught:
        ThingSettings.from_environment()
    assert "f8a7b6" not in str(caught.value)
    environment(POSTGRES_PASSWORD="f8a7b6", POSTGRES_PORT=None, HTTP_PORT=None)
    assert "f8a7b6" not in repr(ThingSettings.from_environment())


@pytest.mark.parametrize(("given", "base"), [("/v1", "/v1"), ("/", ""), ("/a/b/", "/a/b")])
def test_the_public_prefix_has_no_trailing_slash(environment, given, base) -> None:
    environment(PUBLIC_BASE_PATH=given)
    assert ThingSettings.from_environment().http.public_base_path == base


def test_a_dsn_survives_every_character() -> None:
    settings = PostgresSettings(host="::1", db="a/b?c", user="me@home", password=SecretStr("p:a/s#s?w%40rd "))
    parts = conninfo_to_dict(settings.dsn)
    assert (parts["host"], parts["dbname"], parts["user"], parts["password"]) == (
        "::1",
        "a/b?c",
        "me@home",
        "p:a/s#s?w%40rd ",
    )
