"""A token issuer for tests: its public keys in a JWKS file, as the services read them in development."""

import json
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from chassis.settings import AuthSettings

ISSUER = "https://issuer.test"
KEY_ID = "test-key"


class JwtIssuer:
    def __init__(self, directory: Path, issuer: str = ISSUER) -> None:
        self.issuer = issuer
        self.jwks_file = directory / "jwks.json"
        self._private_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        public_key = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self._private_key.public_key()))
        keys = {"keys": [public_key | {"kid": KEY_ID, "use": "sig", "alg": "RS256"}]}
        self.jwks_file.write_text(json.dumps(keys))

    @property
    def settings(self) -> AuthSettings:
        """What makes a service accept these tokens."""
        return AuthSettings.model_validate({"jwt_jwks_file": str(self.jwks_file), "jwt_issuers": (self.issuer,)})

    def token(
        self, subject: str = "alice", scopes: Iterable[str] = (), *, ttl_seconds: int = 3600, **claims: Any
    ) -> str:
        """A signed token; a claim given as None is left out."""
        now = int(time.time())
        payload = {
            "iss": self.issuer,
            "sub": subject,
            "iat": now,
            "exp": now + ttl_seconds,
            "scope": " ".join(scopes),
        } | claims
        present = {name: value for name, value in payload.items() if value is not None}
        return jwt.encode(present, self._private_key, algorithm="RS256", headers={"kid": KEY_ID})

    def headers(self, subject: str = "alice", scopes: Iterable[str] = ()) -> dict[str, str]:
        """Request headers that carry a token."""
        return {"Authorization": f"Bearer {self.token(subject, scopes)}"}
