"""Where the public contract is, and the service as the gateway presents it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from fastapi import FastAPI

CONTRACT = Path(__file__).parents[3] / "contracts" / "openapi.yaml"


def behind_the_gateway(app: FastAPI) -> Callable[..., Any]:
    """Strips /v1, as the gateway does."""

    async def stripped(scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            path = scope["path"].removeprefix("/v1")
            scope = {**scope, "path": path, "raw_path": path.encode()}
        await app(scope, receive, send)

    return stripped
