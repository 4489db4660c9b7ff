"""The HTTP application over fakes or real servers, and clients that speak to it in this process."""

from collections.abc import Sequence
from typing import Any

import httpx
from chassis.settings import (
    AuthSettings,
    HttpSettings,
    KafkaSettings,
    PlatformSettings,
    PostgresSettings,
    RedisSettings,
    S3Settings,
    TelemetrySettings,
)
from chassis.testing.tokens import JwtIssuer

from quiz_service.settings import QuizSettings, Settings

READ_AND_WRITE = ("quiz:read", "quiz:write")


def settings(auth: AuthSettings, **groups: Any) -> Settings:
    """Settings whose servers do not exist, unless given."""
    return Settings(
        **{
            "platform": PlatformSettings(),
            "http": HttpSettings(),
            "kafka": KafkaSettings(bootstrap_servers="nowhere:9092"),
            "postgres": PostgresSettings(db="none", user="nobody"),
            "s3": S3Settings(bucket="none"),
            "redis": RedisSettings(),
            "auth": auth,
            "telemetry": TelemetrySettings(),
            "quiz": QuizSettings(),
            **groups,
        }
    )


def client_for(
    app: Any, issuer: JwtIssuer, subject: str | None = "alice", scopes: Sequence[str] = READ_AND_WRITE
) -> httpx.AsyncClient:
    """A client that is signed in as `subject`; None for one without a token."""
    headers = issuer.headers(subject, scopes) if subject else {}
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://service", headers=headers, timeout=30)
