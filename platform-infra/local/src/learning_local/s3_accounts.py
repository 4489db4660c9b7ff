"""Answers rclone's question which directory and secret belong to an access key id.

Run as a script by `rclone serve s3 --auth-proxy`: JSON on standard input and output. An unknown key gets no secret,
and rclone refuses the request.
"""

import json
import sys
from pathlib import Path


def answer(user: str, accounts: dict[str, dict[str, str]]) -> dict[str, str]:
    account = accounts.get(user)
    if account is None:
        return {}
    return {"type": "local", "_root": account["root"], "_secret_access_key": account["secret"]}


if __name__ == "__main__":
    known = json.loads(Path(sys.argv[1]).read_text())
    json.dump(answer(json.load(sys.stdin)["user"], known), sys.stdout)
