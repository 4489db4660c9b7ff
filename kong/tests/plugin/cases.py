"""What the gateway must make of a request, whoever does it: the cases that the Lua plugin and its Python twin share."""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

ISSUER = "https://issuer.example/a"
OTHER_ISSUER = "https://issuer.example/b"
NOW = 1_800_000_000
GENERATED_ID = "0123456789abcdef0123456789abcdef"
# First 32 hex digits of SHA-256, computed with sha256sum: printf 'https://issuer.example/a\nalice' | sha256sum
ALICE_OF_A = "06cb55906c2c467baa7cb7daa9e30460"
ALICE_OF_B = "69fbf5b153b06345e15324866233b42c"
ZOE_OF_A = "0a3243a8b59516ec313534919a86edd7"  # Zoë Ωmega


@dataclass(frozen=True)
class Request:
    """`headers` in the order sent; the token's signature is taken to be good; `custom_id` is its key's consumer."""

    headers: Sequence[tuple[str, str]] = ()
    custom_id: str = ISSUER
    path: str = "/v1/api/documents"


@dataclass(frozen=True)
class Outcome:
    """`refused`: status of the gateway's own answer; `upstream`: what the service would get, names in lower case."""

    refused: int | None = None
    upstream: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Answer:
    """A reply on its way to the client, `headers` with names in lower case. None as body: left as it is."""

    headers: Mapping[str, str]
    body: bytes | None


class GatewayPlugin(Protocol):
    def handle(self, request: Request) -> Outcome: ...

    def answer(self, status: int, *, path: str = "/v1/api/documents", given_id: str | None = None) -> Answer:
        """The gateway's own answer with this status."""
        ...


def bearer(header: object, claims: object) -> tuple[str, str]:
    parts = (base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in (header, claims))
    return "Authorization", f"Bearer {'.'.join(parts)}.c2lnbmF0dXJl"


def token(**changes: object) -> tuple[str, str]:
    """A good token of alice's with `changes` to its claims; a value of None leaves the claim out."""
    claims = {"iss": ISSUER, "sub": "alice", "exp": NOW + 60, **changes}
    return bearer(
        {"alg": "RS256", "kid": "key-1"}, {name: value for name, value in claims.items() if value is not None}
    )
