"""The FastAPI application of every service: what is the same for all of them is put together here, once."""

import asyncio
from collections.abc import Mapping, Sequence

from fastapi import APIRouter, FastAPI

from chassis.http.auth import TokenVerifier
from chassis.http.health import PATHS, Check, health_routes
from chassis.http.middleware import Authentication, BodyLimit, RequestScope
from chassis.http.problems import install_problem_handlers
from chassis.settings import ServiceSettings

MAX_BODY_BYTES = 1024 * 1024
_DOCUMENTATION = ("/docs", "/openapi.json")


def create_app(
    settings: ServiceSettings,
    *,
    title: str,
    version: str,
    routers: Sequence[APIRouter],
    verifier: TokenVerifier,
    checks: Mapping[str, Check],
    max_body_bytes: int = MAX_BODY_BYTES,
) -> FastAPI:
    """Routes with problems, request ids, authentication, measurements, health and documentation around them.

    `max_body_bytes` bounds every body but multipart uploads. `app.state` has `settings` and `draining`, an event that
    the runtime sets when the process is asked to stop.
    """
    app = FastAPI(
        title=title,
        version=version,
        docs_url="/docs",
        redoc_url=None,
        openapi_url="/openapi.json",
        # A redirect would name the address behind the gateway.
        redirect_slashes=False,
    )
    app.state.settings = settings
    app.state.draining = asyncio.Event()
    install_problem_handlers(app)
    # The one added last is the outermost.
    app.add_middleware(BodyLimit, max_bytes=max_body_bytes)
    app.add_middleware(Authentication, verifier=verifier, public_paths=(*PATHS, *_DOCUMENTATION))
    app.add_middleware(RequestScope)
    app.include_router(health_routes(checks))
    for router in routers:
        app.include_router(router)
    return app
