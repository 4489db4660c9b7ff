"""Settings from the environment: flat upper-case names, one group per concern, read once at start.

A wrong or missing value is one clear line naming the variable, and default secrets refuse to start outside `dev`.
"""

from typing import Annotated, Any, Literal, Self
from urllib.parse import quote

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator
from pydantic import model_validator as validated
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

Environment = Literal["dev", "staging", "prod"]
DEVELOPMENT: Literal["dev"] = "dev"

# Passwords everybody knows: fine on a laptop, refused everywhere else.
WELL_KNOWN_SECRETS = frozenset({"postgres", "password", "secret", "changeme", "admin", "minioadmin", "test", "guest"})


class SettingsError(Exception):
    """The environment does not make a valid configuration; the message has one line per variable."""


class SettingsGroup(BaseSettings):
    """Base of every group: field `pool_max_size` under the prefix `POSTGRES_` reads `POSTGRES_POOL_MAX_SIZE`.

    An empty variable counts as absent.
    """

    model_config = SettingsConfigDict(extra="ignore", frozen=True, env_ignore_empty=True, populate_by_name=True)

    @classmethod
    def variable(cls, field: str) -> str:
        """The environment variable that a field is read from (the first one, where there are several)."""
        alias = cls.model_fields[field].validation_alias
        if isinstance(alias, AliasChoices):
            alias = str(alias.choices[0])
        return str(alias) if alias else f"{cls.model_config.get('env_prefix', '')}{field}".upper()


class PlatformSettings(SettingsGroup):
    environment: Environment = Field(DEVELOPMENT, description="Which installation this is")
    aws_region: str = Field("eu-central-1", description="AWS region of the installation")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="Least severe level logged")
    drain_seconds: float = Field(25.0, gt=0, description="Seconds to finish running work after SIGTERM")


class HttpSettings(SettingsGroup):
    http_host: str = Field("127.0.0.1", description="Address to listen on (`0.0.0.0` in a container)")
    http_port: int = Field(8000, ge=0, le=65535, description="Port to listen on")
    public_base_path: str = Field(
        "/v1", description="What the gateway strips, so that links and `Location` carry it; `/` = nothing"
    )

    @field_validator("public_base_path")
    @classmethod
    def _without_trailing_slash(cls, value: str) -> str:
        if not value.startswith("/"):
            raise ValueError("must start with /")
        return value.rstrip("/")


class KafkaSettings(SettingsGroup):
    model_config = SettingsConfigDict(env_prefix="KAFKA_")

    bootstrap_servers: str = Field(description="Brokers, `host:port` separated by commas")
    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = Field(
        "PLAINTEXT", description="How the brokers are spoken to"
    )
    sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] | None = Field(
        None, description="SASL mechanism, with a SASL protocol"
    )
    sasl_username: str | None = Field(None, description="SASL user")
    sasl_password: SecretStr | None = Field(None, description="SASL password")
    ssl_ca_location: str | None = Field(None, description="File with the CA certificates of the brokers")
    topic_prefix: str = Field("", description="Put before every topic and group name (tests, shared clusters)")
    group_instance_id: str | None = Field(
        None, description="Static membership: a name this replica keeps over restarts; absent = dynamic"
    )


class PostgresSettings(SettingsGroup):
    model_config = SettingsConfigDict(env_prefix="POSTGRES_")

    host: str = Field("127.0.0.1", description="Database host")
    port: int = Field(5432, ge=1, le=65535, description="Database port")
    db: str = Field(description="Database name")
    user: str = Field(description="Database role")
    password: SecretStr = Field(SecretStr("postgres"), description="Password of the role")
    sslmode: Literal["disable", "allow", "prefer", "require", "verify-ca", "verify-full"] = Field(
        "prefer", description="libpq `sslmode`"
    )
    pool_min_size: int = Field(1, ge=0, description="Connections kept open")
    pool_max_size: int = Field(10, ge=1, description="Most connections of one process")

    @property
    def dsn(self) -> str:
        """A libpq URI, password included: for connecting, never for logging."""
        credentials = f"{quote(self.user, safe='')}:{quote(self.password.get_secret_value(), safe='')}"
        host = f"[{self.host}]" if ":" in self.host else quote(self.host, safe="")
        return f"postgresql://{credentials}@{host}:{self.port}/{quote(self.db, safe='')}?sslmode={self.sslmode}"


class S3Settings(SettingsGroup):
    model_config = SettingsConfigDict(env_prefix="S3_")

    bucket: str = Field(description="The service's own bucket")
    endpoint_url: str | None = Field(None, description="An S3 other than AWS; absent = AWS")
    access_key_id: str | None = Field(None, description="Access key; absent = the role of the process")
    secret_access_key: SecretStr | None = Field(None, description="Secret key; absent = the role of the process")
    region: str = Field(
        "eu-central-1",
        validation_alias=AliasChoices("S3_REGION", "AWS_REGION"),
        description="Region of the bucket; absent = `AWS_REGION`",
    )


class RedisSettings(SettingsGroup):
    model_config = SettingsConfigDict(env_prefix="REDIS_")

    host: str = Field("", description="Redis host; empty = no Redis: everything works, slower")
    port: int = Field(6379, ge=1, le=65535, description="Redis port")
    password: SecretStr | None = Field(None, description="Redis password")


class AuthSettings(SettingsGroup):
    jwt_jwks_url: str | None = Field(None, description="Where the issuer publishes its public keys (JWKS)")
    jwt_jwks_file: str | None = Field(None, description="File with the public keys (JWKS), read again when it changes")
    jwt_public_key: str | None = Field(None, description="One public key (PEM)")
    jwt_issuers: Annotated[tuple[str, ...], NoDecode] = Field(
        min_length=1, description="Accepted `iss` values, separated by commas"
    )
    jwt_audience: str | None = Field(None, description="Required `aud`; absent = not checked")

    @field_validator("jwt_issuers", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @validated(mode="after")
    def _one_source_of_keys(self) -> Self:
        if sum(source is not None for source in (self.jwt_jwks_url, self.jwt_jwks_file, self.jwt_public_key)) != 1:
            raise ValueError("set exactly one of JWT_JWKS_URL, JWT_JWKS_FILE, JWT_PUBLIC_KEY")
        return self


class TelemetrySettings(SettingsGroup):
    otel_exporter_otlp_endpoint: str | None = Field(
        None, description="OpenTelemetry collector (OTLP over HTTP, e.g. `http://collector:4318`); absent = no traces"
    )


class ServiceSettings(BaseModel):
    """The groups every service has. A service subclasses this and adds its own group as one more attribute."""

    model_config = ConfigDict(frozen=True)

    platform: PlatformSettings
    http: HttpSettings
    kafka: KafkaSettings
    postgres: PostgresSettings
    s3: S3Settings
    redis: RedisSettings
    auth: AuthSettings
    telemetry: TelemetrySettings

    @classmethod
    def groups(cls) -> dict[str, type[SettingsGroup]]:
        """The groups by attribute name, in the order of their declaration."""
        return {
            name: field.annotation
            for name, field in cls.model_fields.items()
            if isinstance(field.annotation, type) and issubclass(field.annotation, SettingsGroup)
        }

    @classmethod
    def from_environment(cls) -> Self:
        """Read every group; SettingsError tells everything that is wrong at once."""
        values: dict[str, SettingsGroup] = {}
        complaints: list[str] = []
        for name, group in cls.groups().items():
            try:
                values[name] = group()
            except ValidationError as error:
                complaints += _complaints(group, error)
        if not complaints:
            settings = cls.model_validate(values)
            complaints = list(settings.insecure())
        if complaints:
            raise SettingsError("\n".join(complaints))
        return settings

    def insecure(self) -> list[str]:
        """What must not run outside development: secrets left at their default, or known to everybody."""
        if self.platform.environment == DEVELOPMENT:
            return []
        return [
            f"{group.variable(field)}: a default or well-known secret; set your own outside {DEVELOPMENT}"
            for name, group in self.groups().items()
            for field, definition in group.model_fields.items()
            if isinstance(value := getattr(getattr(self, name), field), SecretStr)
            and (value == definition.default or value.get_secret_value().lower() in WELL_KNOWN_SECRETS)
        ]


def _complaints(group: type[SettingsGroup], error: ValidationError) -> list[str]:
    lines = []
    for item in error.errors(include_input=False, include_url=False):
        where = str(item["loc"][0]) if item["loc"] else ""
        variable = group.variable(where) if where in group.model_fields else where
        message = "required, but not set" if item["type"] == "missing" else item["msg"].removeprefix("Value error, ")
        lines.append(f"{variable}: {message}" if variable else message)
    return lines
