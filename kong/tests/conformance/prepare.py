"""What the suite needs around a gateway: `python tests/conformance/prepare.py DIRECTORY` writes it for a real Kong."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from issuer import ISSUER, KEY_ID, Issuer

from kong_stand_in.render import render

TEMPLATE = Path(__file__).parents[2] / "kong.yml"
READS_PER_MINUTE = 30
WRITES_PER_MINUTE = 5
UPLOAD_LIMIT_BYTES = 64 * 2**20
READ_TIMEOUT_SECONDS = 2.0
ALLOWED_ORIGIN = "https://app.example"
# For a real Kong, which must know them before the suite runs; nothing listens on the second.
UPSTREAM_PORT, DEAD_PORT = 18090, 18091


def settings(issuer: Issuer, upstream_url: str, dead_url: str) -> Mapping[str, str]:
    """Limits small enough to be reached by a test."""
    return {
        "DOCUMENT_READER_URL": upstream_url,
        "QUIZ_URL": dead_url,
        "JWT_ISSUER": ISSUER,
        "JWT_KEY_ID": KEY_ID,
        "JWT_PUBLIC_KEY": issuer.public_pem,
        "JWT_MAXIMUM_LIFETIME_SECONDS": "3600",
        "CORS_ORIGINS": ALLOWED_ORIGIN,
        "RATE_LIMIT_PER_MINUTE": str(READS_PER_MINUTE),
        "RATE_LIMIT_WRITE_PER_MINUTE": str(WRITES_PER_MINUTE),
        "UPLOAD_LIMIT_MEGABYTES": str(UPLOAD_LIMIT_BYTES // 2**20),
        "READ_TIMEOUT_MILLISECONDS": str(int(READ_TIMEOUT_SECONDS * 1000)),
    }


def write(directory: Path, issuer: Issuer, upstream_url: str, dead_url: str) -> Path:
    """The rendered file and, beside it, the key that signs the suite's tokens."""
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "issuer.pem").write_bytes(issuer.private_pem)
    rendered = directory / "kong.yml"
    rendered.write_text(render(TEMPLATE.read_text(), settings(issuer, upstream_url, dead_url)))
    return rendered


if __name__ == "__main__":
    host = os.environ.get("CONFORMANCE_UPSTREAM_HOST", "127.0.0.1")
    print(write(Path(sys.argv[1]), Issuer(), f"http://{host}:{UPSTREAM_PORT}", f"http://{host}:{DEAD_PORT}"))
