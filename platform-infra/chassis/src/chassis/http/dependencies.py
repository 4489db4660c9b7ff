"""How routes get at what bootstrap made for them."""

from typing import Any

from starlette.requests import Request


def the_service(request: Request) -> Any:
    """`Api.service` of the process; a route takes it as `Annotated[Service, Depends(the_service)]`."""
    return request.app.state.service
