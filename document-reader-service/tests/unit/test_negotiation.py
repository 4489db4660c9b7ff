"""Which form a client gets."""

import pytest
from chassis.errors import NotAcceptable
from starlette.requests import Request

from document_reader_service.api.negotiation import JSON, MARKDOWN, preferred


def asking(*accept: str) -> Request:
    headers = [(b"accept", value.encode()) for value in accept]
    return Request({"type": "http", "method": "GET", "path": "/", "headers": headers})


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        ([], JSON),
        (["*/*"], JSON),
        (["text/markdown"], MARKDOWN),
        (["text/*"], MARKDOWN),
        (["Text/Markdown; charset=utf-8"], MARKDOWN),
        (["application/json;q=0.5, text/markdown;q=0.9"], MARKDOWN),
        (["text/markdown;q=0.1, */*"], JSON),
        (["text/html", "text/markdown"], MARKDOWN),
        (["application/json;q=0, */*"], MARKDOWN),
    ],
)
def test_the_client_gets_what_it_likes_best_and_json_if_it_does_not_care(accept: list[str], chosen: str) -> None:
    assert preferred(asking(*accept), JSON, MARKDOWN) == chosen


@pytest.mark.parametrize("accept", ["image/png", "*/*;q=0", "text/markdown;q=much"])
def test_nothing_acceptable_is_said_so_and_what_there_is(accept: str) -> None:
    with pytest.raises(NotAcceptable, match=JSON):
        preferred(asking(accept), JSON, MARKDOWN)
