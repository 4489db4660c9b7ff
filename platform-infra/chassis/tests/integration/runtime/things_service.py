"""A whole service in one file, run as a process by the tests: `python things_service.py COMMAND`."""

import argparse
import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from chassis.cli import Command, main
from chassis.http.app import create_app
from chassis.http.auth import build_verifier
from chassis.http.snapshots import Snapshot
from chassis.http.status_stream import status_stream
from chassis.http.uploads import UploadInterrupted, open_upload
from chassis.runtime import Application, Role
from chassis.settings import ServiceSettings

router = APIRouter(prefix="/api/things")


@router.get("/slow")
async def slow() -> dict[str, bool]:
    await asyncio.sleep(1)
    return {"whole": True}


@router.get("/events")
async def events(request: Request) -> Response:
    async def fetch() -> Snapshot:
        return Snapshot(1, {"status": "processing"}, final=False)

    return await status_stream(request, fetch, poll_seconds=0.05)


@router.post("/upload")
async def upload(request: Request) -> int:
    try:
        file = await open_upload(request, max_file_bytes=10**9)
        return sum([len(chunk) async for chunk in file.chunks()])
    except UploadInterrupted:
        print("upload cleaned up", flush=True)
        raise


class Worker:
    """A component that behaves as the environment says."""

    name = "worker"

    async def run(self, stop: asyncio.Event) -> None:
        behaviour = os.environ.get("WORKER", "drains")
        if behaviour == "dies":
            await asyncio.sleep(0.2)
            raise RuntimeError("lost its mind")
        if behaviour == "returns":
            return
        await stop.wait()
        if behaviour == "hangs":
            await asyncio.sleep(3600)
        await asyncio.sleep(0.2)
        print("worker drained", flush=True)


@asynccontextmanager
async def build(settings: ServiceSettings, role: Role) -> AsyncIterator[Application]:
    async def close() -> None:
        print("closed", flush=True)

    async def works() -> None:
        pass

    verifier = build_verifier(settings.auth)
    app = create_app(
        settings,
        title="things",
        version="1",
        routers=[router] if role in ("api", "all") else [],
        verifier=verifier,
        checks={"nothing": works},
    )
    yield Application(app, [Worker()] if role in ("worker", "all") else [], close)


async def greet(settings: ServiceSettings, options: argparse.Namespace) -> int:
    print(f"{options.greeting} from {settings.postgres.db}")
    return 3


COMMANDS = {"greet": Command("say something", greet, lambda parser: parser.add_argument("greeting") and None)}

if __name__ == "__main__":
    raise SystemExit(main("things-service", ServiceSettings, build, COMMANDS))
