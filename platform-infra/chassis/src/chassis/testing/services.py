"""A whole service in the process of the test: its settings, its components at work, clients that speak to it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import httpx

from chassis.runtime import Application
from chassis.settings import AuthSettings, KafkaSettings, PostgresSettings, S3Settings, ServiceSettings
from chassis.testing.tokens import JwtIssuer

DRAIN_SECONDS = 20.0

S = TypeVar("S", bound=ServiceSettings)


def settings_of(settings_class: type[S], auth: AuthSettings, **groups: Any) -> S:
    """Settings whose servers do not exist, and whose other groups have their defaults, unless given."""
    nowhere = {
        "auth": auth,
        "kafka": KafkaSettings.model_validate({"bootstrap_servers": "nowhere:9092"}),
        "postgres": PostgresSettings.model_validate({"db": "none", "user": "nobody"}),
        "s3": S3Settings.model_validate({"bucket": "none"}),
    }
    defaults = {name: group() for name, group in settings_class.groups().items() if name not in nowhere | groups}
    return settings_class.model_validate(nowhere | defaults | groups)


def client_for(
    app: Any,
    issuer: JwtIssuer,
    subject: str | None = "alice",
    *,
    scopes: Iterable[str],
    base_url: str = "http://service",
) -> httpx.AsyncClient:
    """A client of the ASGI application that is signed in as `subject`; None for one without a token."""
    headers = issuer.headers(subject, scopes) if subject else {}
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=base_url, headers=headers, timeout=30)


def behind_the_gateway(app: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
    """The ASGI application below /v1, which the gateway strips."""

    async def stripped(scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            path = scope["path"].removeprefix("/v1")
            scope = {**scope, "path": path, "raw_path": path.encode()}
        await app(scope, receive, send)

    return stripped


@asynccontextmanager
async def at_work(application: Application) -> AsyncIterator[None]:
    """Run the components as the runtime does; at the end each must drain in time and without an error."""
    stop = asyncio.Event()
    tasks = [asyncio.create_task(component.run(stop), name=component.name) for component in application.components]
    try:
        yield
    finally:
        stop.set()
        done, late = await asyncio.wait(tasks, timeout=DRAIN_SECONDS)
        for task in late:
            task.cancel()
        assert not late, f"did not drain: {[task.get_name() for task in late]}"
        for task in done:
            task.result()
