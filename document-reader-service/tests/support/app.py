"""The HTTP application over a scene, and clients that speak to it in this process."""

from collections.abc import Sequence
from typing import Any

import httpx
from chassis.postgres import Wakeups
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
from fastapi import FastAPI

from document_reader_service.adapters.readers import SUPPORTED, detect_media_type
from document_reader_service.api.dependencies import Service
from document_reader_service.bootstrap import build_app
from document_reader_service.settings import DocumentsSettings, Settings
from support.scene import Scene

READ_AND_WRITE = ("documents:read", "documents:write")


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
            "documents": DocumentsSettings(),
            **groups,
        }
    )


def app_over(scene: Scene, auth: AuthSettings, documents: DocumentsSettings | None = None) -> FastAPI:
    documents = documents or DocumentsSettings()
    service = Service(
        uow_factory=scene.unit_of_work,
        reads=scene.reads,
        storage=scene.storage,
        wakeups=Wakeups.silent(),
        settings=documents,
        media_type_of=detect_media_type,
        supported=SUPPORTED,
    )
    return build_app(settings(auth, documents=documents), service, {"storage": scene.storage.check})


def client_for(
    app: Any, issuer: JwtIssuer, subject: str | None = "alice", scopes: Sequence[str] = READ_AND_WRITE
) -> httpx.AsyncClient:
    """A client that is signed in as `subject`; None for one without a token."""
    headers = issuer.headers(subject, scopes) if subject else {}
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://service", headers=headers, timeout=30)
