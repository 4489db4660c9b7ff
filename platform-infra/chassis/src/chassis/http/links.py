"""Addresses as the client sees them: behind the gateway, with its prefix."""

from urllib.parse import urlencode

from starlette.requests import Request


def public_path(request: Request, path: str) -> str:
    """`/api/things/1` → `/v1/api/things/1`: the form of `Location` and of links in bodies."""
    base: str = request.app.state.settings.http.public_base_path
    return base + path


location = public_path


def same_page_with(request: Request, **query: str) -> str:
    """The address of this request with some query parameters replaced."""
    kept = [(name, value) for name, value in request.query_params.multi_items() if name not in query]
    return f"{public_path(request, request.url.path)}?{urlencode([*kept, *query.items()])}"
