"""Keyset pagination: a page is `limit` rows after an opaque cursor; rows added meanwhile shift nothing."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, Query
from starlette.requests import Request

from chassis.errors import FieldError, ValidationFailed
from chassis.http.links import same_page_with

Kind = type[datetime] | Callable[[str], Any]
"""How one value of a cursor is parsed: `datetime`, or anything that takes the text (`UUID`, `int`, `str`)."""

DEFAULT_LIMIT = 20
MAX_LIMIT = 100


@dataclass(frozen=True, slots=True)
class Page:
    """What the client asked for: at most `limit` items after `cursor` (None = from the start)."""

    limit: int = DEFAULT_LIMIT
    cursor: str | None = None

    def after(self, *kinds: Kind) -> tuple[Any, ...] | None:
        """The values of the cursor, e.g. `page.after(datetime, UUID)`; None on the first page."""
        return None if self.cursor is None else decode_cursor(self.cursor, *kinds)


def _page(
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT, description="Most items on the page")] = DEFAULT_LIMIT,
    cursor: Annotated[str | None, Query(max_length=1024, description="From `next` of the page before")] = None,
) -> Page:
    return Page(limit, cursor)


PageQuery = Annotated[Page, Depends(_page)]
"""The parameter of a list route: `async def list_things(page: PageQuery, …)`."""


def encode_cursor(*values: object) -> str:
    """The sort key of the last row shown (numbers, text, UUIDs, aware times) as URL-safe text."""
    texts = [value.isoformat() if isinstance(value, datetime) else str(value) for value in values]
    return urlsafe_b64encode(json.dumps(texts, separators=(",", ":")).encode()).decode().rstrip("=")


def decode_cursor(cursor: str, *kinds: Kind) -> tuple[Any, ...]:
    """The values given to `encode_cursor`, each parsed by its kind. Raises ValidationFailed for anything else."""
    try:
        texts = json.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if not isinstance(texts, list) or len(texts) != len(kinds):
            raise ValueError("another number of values")
        return tuple(_parse(kind, text) for kind, text in zip(kinds, texts, strict=True))
    except (ValueError, TypeError, AttributeError) as error:
        complaint = FieldError("/query/cursor", "not a cursor of this list; take it from `next`")
        raise ValidationFailed(errors=[complaint]) from error


def _parse(kind: Kind, text: Any) -> Any:
    if not isinstance(text, str) or "\x00" in text:
        raise ValueError("not a text")
    value = datetime.fromisoformat(text) if kind is datetime else kind(text)  # type: ignore[call-arg,arg-type]
    if isinstance(value, datetime) and value.tzinfo is None:
        raise ValueError("a naive time")
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        raise ValueError("outside the range of a database integer")
    return value


def page_body(items: Sequence[Any], next_cursor: str | None, request: Request) -> dict[str, Any]:
    """The body of every list: `{"items": […], "next": address of the next page or null}`."""
    return {
        "items": list(items),
        "next": None if next_cursor is None else same_page_with(request, cursor=next_cursor),
    }
