"""Who calls: every request carries an RS256 token, and the owner of everything is derived from its issuer and subject.

The service verifies the token itself, whatever stands before it. Every path needs one, except the few named public.
"""

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jwt
from fastapi import Security
from fastapi.security import HTTPBearer, SecurityScopes
from starlette.requests import Request

from chassis import context
from chassis.errors import InsufficientScope, Unauthenticated
from chassis.http.keys import KeySource, key_source
from chassis.settings import AuthSettings

ALGORITHM = "RS256"
_REQUIRED_CLAIMS = ("iss", "sub", "exp")
_MOST_REMEMBERED = 4096


@dataclass(frozen=True, slots=True)
class User:
    """The caller. `owner_id` (32 hex digits) is what rows, events and object keys carry."""

    owner_id: str
    subject: str
    issuer: str
    scopes: frozenset[str]


def derive_owner_id(issuer: str, subject: str) -> str:
    """The first 32 hex digits of SHA-256(iss + newline + sub): two issuers never share an owner."""
    return hashlib.sha256(f"{issuer}\n{subject}".encode()).hexdigest()[:32]


class TokenVerifier:
    """Turns a bearer token into a User, or raises Unauthenticated.

    A token found good is remembered, at most a minute and never past its `exp`: checking a signature costs as much as
    a short query, and clients send the same token again and again.
    """

    def __init__(
        self,
        keys: KeySource,
        issuers: tuple[str, ...],
        audience: str | None = None,
        *,
        remembered_seconds: float = 60.0,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._keys = keys
        self._issuers = issuers
        self._audience = audience
        self._remembered_seconds = remembered_seconds
        self._now = now
        self._good: dict[bytes, tuple[float, User]] = {}

    async def verify(self, token: str) -> User:
        """Raises Unauthenticated, or ServiceUnavailable while no keys could be had at all."""
        digest = hashlib.sha256(token.encode()).digest()
        remembered = self._good.get(digest)
        if remembered is not None and self._now() < remembered[0]:
            return remembered[1]
        claims = await self._claims(token)
        user = _user(claims)
        if len(self._good) >= _MOST_REMEMBERED:
            self._good.clear()
        self._good[digest] = (min(int(claims["exp"]), self._now() + self._remembered_seconds), user)
        return user

    async def close(self) -> None:
        await self._keys.close()

    async def _claims(self, token: str) -> dict[str, Any]:
        try:
            key = await self._keys.key(_key_id(token))
            return jwt.decode(
                token,
                key,
                algorithms=[ALGORITHM],
                issuer=self._issuers,
                audience=self._audience,
                # `iat` a second ahead is clock skew, not an attack; `exp` and `nbf` are checked.
                options={
                    "require": list(_REQUIRED_CLAIMS),
                    "verify_aud": self._audience is not None,
                    "verify_iat": False,
                },
            )
        except (jwt.InvalidTokenError, ValueError, OverflowError) as error:
            # PyJWT lets int() fail on its own for `"exp": Infinity` and the like.
            raise Unauthenticated("The token is not valid or has expired.") from error


def build_verifier(settings: AuthSettings) -> TokenVerifier:
    return TokenVerifier(key_source(settings), settings.jwt_issuers, settings.jwt_audience)


def _key_id(token: str) -> str | None:
    header = jwt.get_unverified_header(token)
    if header.get("alg") != ALGORITHM:
        raise jwt.InvalidAlgorithmError(f"only {ALGORITHM} is accepted")
    kid = header.get("kid")
    if kid is not None and not isinstance(kid, str):
        raise jwt.InvalidTokenError("kid is not text")
    return kid


def _user(claims: dict[str, Any]) -> User:
    subject, issuer, scope = claims["sub"], claims["iss"], claims.get("scope", "")
    if not isinstance(subject, str) or not subject.strip() or not subject.isprintable():
        raise Unauthenticated("The token's subject is not usable.")
    if not isinstance(scope, str):
        raise Unauthenticated("The token's scope is not text.")
    return User(derive_owner_id(issuer, subject), subject, issuer, frozenset(scope.split()))


def bearer_token(authorization: str | None) -> str:
    """The token of an `Authorization: Bearer …` header. Raises Unauthenticated."""
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthenticated("Send `Authorization: Bearer <token>`.")
    return token.strip()


# auto_error off: the middleware has refused already; this one only puts the scheme into the OpenAPI document.
_bearer_scheme = HTTPBearer(bearerFormat="JWT", auto_error=False)


async def _current_user(request: Request, needed: SecurityScopes, _: Any = Security(_bearer_scheme)) -> User:  # noqa: B008
    user = request.scope.get("user")
    if not isinstance(user, User):
        raise Unauthenticated
    missing = [scope for scope in needed.scopes if scope not in user.scopes]
    if missing:
        raise InsufficientScope(f"The token lacks the scope {' '.join(missing)}.")
    return user


def requires(*scopes: str) -> Any:
    """A parameter's dependency: `user: Annotated[User, requires("quiz:write")]`. Missing scope: 403."""
    return Security(_current_user, scopes=list(scopes))


async def authenticate(request: Request, verifier: TokenVerifier) -> User:
    """Verify the request's token and bind its owner to the context of logs and events."""
    user = await verifier.verify(bearer_token(request.headers.get("authorization")))
    context.owner_id.set(user.owner_id)
    return user
