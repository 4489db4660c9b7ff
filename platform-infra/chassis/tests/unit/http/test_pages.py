"""Pages follow each other without gap or overlap, and a cursor that is not ours is refused."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi import APIRouter
from starlette.requests import Request

from chassis.errors import ValidationFailed
from chassis.http.links import location
from chassis.http.pages import Page, PageQuery, decode_cursor, encode_cursor, page_body


@pytest.fixture
def router() -> APIRouter:
    router = APIRouter(prefix="/api/things")

    @router.get("")
    async def numbers(request: Request, page: PageQuery, kind: str = "all") -> dict[str, Any]:
        after = page.after(int)
        start = after[0] + 1 if after else 0
        items = list(range(start, min(start + page.limit, 45)))
        return page_body(items, encode_cursor(items[-1]) if items[-1] < 44 else None, request)

    return router


async def test_following_next_visits_everything_once(client_for, router) -> None:
    seen, address = [], "/v1/api/things?kind=a%26b&limit=20"
    async with client_for(router) as client:
        while address:
            assert address.startswith("/v1/api/things?kind=a%26b&limit=20")
            page = (await client.get(address.removeprefix("/v1"))).json()
            seen += page["items"]
            address = page["next"]
    assert seen == list(range(45))


async def test_a_page_has_20_items_unless_asked_otherwise(client_for, router) -> None:
    async with client_for(router) as client:
        assert len((await client.get("/api/things")).json()["items"]) == 20
        assert len((await client.get("/api/things?limit=1")).json()["items"]) == 1


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=101", "limit=ten", "cursor=!", "cursor=", "cursor=WzFd", "cursor=bnVsbA"]
)
async def test_a_bad_page_is_422(client_for, router, query) -> None:
    async with client_for(router) as client:
        reply = await client.get(f"/api/things?{query}")
    assert reply.status_code == 422
    assert reply.json()["errors"][0]["pointer"] == f"/query/{query.split('=')[0]}"


def test_a_cursor_carries_times_and_ids_exactly() -> None:
    moment, thing_id = datetime(2026, 1, 31, 9, 30, 0, 123456, UTC), uuid4()
    page = Page(cursor=encode_cursor(moment, thing_id))
    assert page.after(datetime, UUID) == (moment, thing_id)
    assert Page().after(datetime, UUID) is None


@pytest.mark.parametrize(
    ("values", "kinds"),
    [
        (["x"], (UUID,)),
        ([1, 2], (int,)),
        ([], (int,)),
        ([2**63], (int,)),
        (["2026-01-31T09:30:00"], (datetime,)),
        (["a\x00b"], (str,)),
    ],
)
def test_a_cursor_of_other_values_is_refused(values, kinds) -> None:
    with pytest.raises(ValidationFailed):
        decode_cursor(encode_cursor(*values), *kinds)


async def test_a_location_carries_the_public_prefix(client_for) -> None:
    router = APIRouter()

    @router.get("/api/where")
    async def where(request: Request) -> str:
        return location(request, "/api/things/1")

    async with client_for(router) as client:
        assert (await client.get("/api/where")).json() == "/v1/api/things/1"
