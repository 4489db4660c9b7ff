"""What passes between the phases of one request, and how a phase ends it early."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from multidict import CIMultiDict


class Exit(Exception):
    """The gateway answers itself, with this status, instead of asking the service."""

    def __init__(self, status: int, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(status)
        self.status = status
        self.headers = dict(headers or {})


@dataclass(slots=True)
class Exchange:
    """One request on its way: what the service will be told, what is added to the reply, what the log says."""

    method: str
    raw_path: str
    client_ip: str
    request_id: str
    headers: CIMultiDict[str]
    response_headers: CIMultiDict[str] = field(default_factory=CIMultiDict)
    user_id: str | None = None
    service: str | None = None
    route: str | None = None
    source: str = "exit"
    status: int = 0
    bytes_in: int = 0
    bytes_out: int = 0
    upstream_seconds: float = 0.0
