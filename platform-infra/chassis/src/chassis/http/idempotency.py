"""`Idempotency-Key`: the same request sent twice has one effect, and the same reply.

The reply is stored in the transaction of its effect, so there is never one without the other. While the first request
runs, a lock of its transaction answers the second; it dies with the process that held it.
"""

import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol, TypeVar

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from chassis.errors import FieldError, IdempotencyKeyReused, RequestInProgress, ValidationFailed
from chassis.http.auth import User
from chassis.replies import IdempotencyStore, StoredReply

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
_MAX_LENGTH = 255
_KEPT_HEADERS = ("content-type", "location", "content-location", "etag", "retry-after")


class RemembersReplies(Protocol):
    """What `once` needs of a unit of work."""

    @property
    def idempotency(self) -> IdempotencyStore: ...


U = TypeVar("U", bound=RemembersReplies)


def body_fingerprint(request: Request, body: BaseModel | Mapping[str, Any] | None) -> str:
    """Method, path and the JSON body in canonical form (sorted keys, only the fields that were sent)."""
    sent = body.model_dump(mode="json", exclude_unset=True) if isinstance(body, BaseModel) else body
    return _fingerprint(request, {"json": sent})


def form_fingerprint(request: Request, fields: Mapping[str, str], file_sha256: str) -> str:
    """Method, path, form fields and the SHA-256 of the file; the multipart boundary differs between retries."""
    return _fingerprint(request, {"form": dict(fields), "sha256": file_sha256})


def _fingerprint(request: Request, content: Mapping[str, Any]) -> str:
    canonical = json.dumps(
        [request.method, request.url.path, content], sort_keys=True, separators=(",", ":"), ensure_ascii=False
    )
    return hashlib.sha256(canonical.encode()).hexdigest()


def idempotency_key(request: Request) -> str | None:
    """The key sent, None without one. Raises ValidationFailed unless it has 1–255 printable characters."""
    key = request.headers.get(HEADER)
    if key is None:
        return None
    if not 1 <= len(key) <= _MAX_LENGTH or not key.isprintable():
        complaint = FieldError(f"/header/{HEADER}", f"must have 1 to {_MAX_LENGTH} printable characters")
        raise ValidationFailed(errors=[complaint])
    return key


async def once(
    request: Request,
    user: User,
    uow_factory: Callable[[], AbstractAsyncContextManager[U]],
    fingerprint: str,
    action: Callable[[U], Awaitable[Response]],
) -> Response:
    """Run `action` in one unit of work, at most once per Idempotency-Key of this user.

    The same request again gets the stored reply. Raises IdempotencyKeyReused when the key was used for another request
    and RequestInProgress while the first one runs. Only 2xx replies are kept.
    """
    key = idempotency_key(request)
    async with uow_factory() as uow:
        if key is None:
            return await action(uow)
        if not await uow.idempotency.claim(user.owner_id, key):
            raise RequestInProgress(retry_after_seconds=1)
        earlier = await uow.idempotency.find(user.owner_id, key)
        if earlier is not None:
            return _replay(earlier, fingerprint)
        response = await action(uow)
        if 200 <= response.status_code < 300:
            await uow.idempotency.store(user.owner_id, key, _keep(response, fingerprint))
        return response


def _keep(response: Response, fingerprint: str) -> StoredReply:
    headers = {name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers}
    return StoredReply(fingerprint, response.status_code, headers, bytes(response.body))


def _replay(earlier: StoredReply, fingerprint: str) -> Response:
    if earlier.fingerprint != fingerprint:
        raise IdempotencyKeyReused(f"This {HEADER} belongs to a request with another body; use a new key.")
    return Response(earlier.body, earlier.status, {**earlier.headers, REPLAYED: "true"})
