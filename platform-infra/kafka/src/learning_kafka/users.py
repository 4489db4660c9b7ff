"""SCRAM users on a secured cluster: the passwords of the principals whom the rules of access name."""

from collections.abc import Mapping, Sequence
from concurrent.futures import Future

from confluent_kafka.admin import (
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialAlteration,
    UserScramCredentialUpsertion,
)

from learning_kafka.connection import REQUEST_SECONDS, Connection

ITERATIONS = 4096


def existing(connection: Connection) -> Sequence[str]:
    """Everybody who has a password on the cluster."""
    answer = connection.admin.describe_user_scram_credentials(request_timeout=REQUEST_SECONDS)
    assert isinstance(answer, Future), "one answer for all of them"
    return sorted(connection.wait(answer))


def ensure(connection: Connection, passwords: Mapping[str, str]) -> Sequence[str]:
    """Give a password to everybody who has none yet; returns whom. Passwords that are there stay as they are."""
    there = existing(connection)
    new = {name: password for name, password in passwords.items() if name not in there}
    set_passwords(connection, new)
    return list(new)


def set_passwords(connection: Connection, passwords: Mapping[str, str]) -> None:
    """Also in place of an earlier one; connections that are open stay open."""
    alterations: list[UserScramCredentialAlteration] = [
        UserScramCredentialUpsertion(
            name, ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, ITERATIONS), password.encode()
        )
        for name, password in passwords.items()
    ]
    if alterations:
        futures = connection.admin.alter_user_scram_credentials(alterations, request_timeout=REQUEST_SECONDS)
        for future in futures.values():
            connection.wait(future)
