"""The issuer of the suite's tokens: good ones, and every kind of bad one."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

ISSUER = "https://conformance.example/issuer"
KEY_ID = "conformance-1"


def new_key() -> RSAPrivateKey:
    return generate_private_key(public_exponent=65537, key_size=2048)


@dataclass(frozen=True)
class Issuer:
    key: RSAPrivateKey = field(default_factory=new_key)

    @property
    def public_pem(self) -> str:
        return self.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()

    @property
    def private_pem(self) -> bytes:
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    def claims(self, subject: str = "alice", **changes: object) -> dict[str, object]:
        now = int(time.time())
        claims = {"iss": ISSUER, "sub": subject, "iat": now, "exp": now + 600, "scope": "documents:read", **changes}
        return {name: value for name, value in claims.items() if value is not None}

    def token(self, subject: str = "alice", *, kid: object = KEY_ID, **changes: object) -> str:
        """Signed with the right key; a claim changed to None is left out."""
        return self.signed({"alg": "RS256", "kid": kid}, self.claims(subject, **changes))

    def bearer(self, subject: str = "alice", **changes: object) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token(subject, **changes)}"}

    def signed(self, header: Mapping[str, object], claims: object) -> str:
        """By hand, because a JWT library refuses to make what must be refused."""
        signing_input = f"{_part(header)}.{_part(claims)}"
        signature = jwt.get_algorithm_by_name("RS256").sign(signing_input.encode(), self.key)
        return f"{signing_input}.{_encoded(signature)}"

    def unsigned(self) -> str:
        return f"{_part({'alg': 'none', 'kid': KEY_ID})}.{_part(self.claims())}."

    def signed_with_the_public_key(self) -> str:
        signing_input = f"{_part({'alg': 'HS256', 'kid': KEY_ID})}.{_part(self.claims())}"
        digest = hmac.new(self.public_pem.encode(), signing_input.encode(), hashlib.sha256).digest()
        return f"{signing_input}.{_encoded(digest)}"

    def tampered(self) -> str:
        header, _, signature = self.token().split(".")
        return f"{header}.{_part(self.claims('mallory'))}.{signature}"


def owner_id(subject: str) -> str:
    return hashlib.sha256(f"{ISSUER}\n{subject}".encode()).hexdigest()[:32]


def _part(value: object) -> str:
    return _encoded(json.dumps(value).encode())


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
