"""`/health`: the process lives. `/ready`: it can serve, each dependency asked. `/metrics`: for Prometheus.

They stand outside authentication, so they tell no secrets: of an unexpected failure only the kind.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import structlog
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from chassis.errors import Problem
from chassis.metrics import CHECK_OK, exposition

# Longer than the two seconds that checks give their own clients: those say better what is wrong.
CHECK_TIMEOUT_SECONDS = 3.0
PATHS = ("/health", "/ready", "/metrics")

Check = Callable[[], Awaitable[object]]
"""Asks one dependency; it raises when that cannot be used."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class CheckResult:
    ok: bool
    detail: str
    latency_seconds: float

    def to_dict(self) -> dict[str, Any]:
        return {
            "status": "ok" if self.ok else "failed",
            "detail": self.detail,
            "latency_seconds": round(self.latency_seconds, 4),
        }


async def run_checks(checks: Mapping[str, Check], timeout_seconds: float) -> dict[str, CheckResult]:
    """Ask all at once; a slow one fails alone."""
    results = await asyncio.gather(*(_run(name, check, timeout_seconds) for name, check in checks.items()))
    for name, result in zip(checks, results, strict=True):
        CHECK_OK.labels(name).set(result.ok)
    return dict(zip(checks, results, strict=True))


async def _run(name: str, check: Check, timeout_seconds: float) -> CheckResult:
    started = perf_counter()
    try:
        async with asyncio.timeout(timeout_seconds):
            await check()
    except TimeoutError:
        detail = f"no answer within {timeout_seconds:g} s"
    except Problem as problem:
        detail = problem.detail
    except Exception as error:
        log.warning("health.check_failed", check=name, exc_info=error)
        detail = type(error).__name__
    else:
        return CheckResult(True, "", perf_counter() - started)
    return CheckResult(False, detail, perf_counter() - started)


def health_routes(checks: Mapping[str, Check], timeout_seconds: float = CHECK_TIMEOUT_SECONDS) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get("/health")
    async def health() -> dict[str, str]:
        return {"status": "alive"}

    @router.get("/ready")
    async def ready(request: Request) -> Response:
        draining = request.app.state.draining.is_set()
        results = await run_checks(checks, timeout_seconds)
        up = not draining and all(result.ok for result in results.values())
        document = {
            "status": "draining" if draining else "ready" if up else "not ready",
            "checks": {name: result.to_dict() for name, result in results.items()},
        }
        return JSONResponse(document, 200 if up else 503, {} if up else {"Retry-After": "5"})

    @router.get("/metrics")
    async def metrics() -> Response:
        text, content_type = exposition()
        return Response(text, headers={"Content-Type": content_type})

    return router
