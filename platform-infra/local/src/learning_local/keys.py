"""The development key pair (RS256), made on first use: tokens are signed with it, everybody verifies with it."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Sequence
from pathlib import Path

from learning_local.files import write_json, write_text

ISSUER = "https://learning-platform.local/dev"
SUBJECT = "alice"
SCOPES = tuple(f"{area}:{right}" for area in ("documents", "quiz", "tts", "stt", "chat") for right in ("read", "write"))
LIFETIME_SECONDS = 3600


class DevelopmentKey:
    """`private.pem` (0600), `public.pem` and `jwks.json` in one directory; the key id follows from the public key."""

    def __init__(self, directory: Path) -> None:
        self._private_file = directory / "private.pem"
        self._public_file = directory / "public.pem"
        self.jwks_file = directory / "jwks.json"

    def make(self) -> None:
        """Nothing if it is there. (The libraries are imported where they are needed: the supervisor only reads.)"""
        if self._private_file.is_file():
            return
        from cryptography.hazmat.primitives import serialization
        from cryptography.hazmat.primitives.asymmetric import rsa
        from jwt.algorithms import RSAAlgorithm

        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        public = key.public_key()
        public_pem = public.public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        ).decode()
        private_pem = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode()
        self.jwks_file.parent.mkdir(parents=True, exist_ok=True)
        jwk = {**RSAAlgorithm.to_jwk(public, as_dict=True), "kid": key_id(public_pem), "use": "sig", "alg": "RS256"}
        jwk.pop("key_ops", None)  # beside `use` it says nothing new, and RFC 7517 wants only one of them
        write_json(self.jwks_file, {"keys": [jwk]})
        write_text(self._public_file, public_pem)
        write_text(self._private_file, private_pem, mode=0o600)  # last: its presence says that the pair is whole

    @property
    def public_pem(self) -> str:
        return self._public_file.read_text()

    @property
    def id(self) -> str:
        return str(json.loads(self.jwks_file.read_text())["keys"][0]["kid"])

    def token(
        self, subject: str = SUBJECT, scopes: Sequence[str] = SCOPES, lifetime_seconds: int = LIFETIME_SECONDS
    ) -> str:
        """A signed JWT; a negative lifetime gives an expired one."""
        import jwt

        now = int(time.time())
        claims = {
            "iss": ISSUER,
            "sub": subject,
            "scope": " ".join(scopes),
            "iat": min(now, now + lifetime_seconds),
            "exp": now + lifetime_seconds,
        }
        return jwt.encode(claims, self._private_file.read_text(), algorithm="RS256", headers={"kid": self.id})


def key_id(public_pem: str) -> str:
    return f"dev-{hashlib.sha256(public_pem.encode()).hexdigest()[:16]}"
