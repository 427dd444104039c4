"""A private PostgreSQL: own port, superuser, data and log; TCP on the loopback interface only."""

import base64
import hashlib
import hmac
import os
import secrets
import signal
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg

from deploy.services.errors import ServicesError
from deploy.services.processes import Account, unprivileged_account
from deploy.services.programs import PostgreSqlPrograms
from deploy.services.server import Launch, Server, answers_sql, free_ports

USER, DATABASE = "sms", "sms"
MAX_CONNECTIONS = 200
# What was committed still outlives the death of the server, though not that of the machine.
NOT_DURABLE = ("fsync=off", "full_page_writes=off")


@dataclass(frozen=True, slots=True)
class PrivatePostgreSql:
    """The server and the URL of its database, which `create_database` makes."""

    server: Server
    url: str
    maintenance_url: str


def private_postgresql(folder: Path, programs: PostgreSqlPrograms, *, durable: bool) -> PrivatePostgreSql:
    """Make a cluster in a new folder inside this one (initdb, half a second); start nothing."""
    (port,) = free_ports(1)
    password = secrets.token_hex(16)
    home = folder / "postgresql"
    account = unprivileged_account()
    _make_home(home, password, account)
    # Inside a tree a program takes its account itself.
    launch_as = None if programs.machine.is_tree else account
    _make_cluster(home, programs, launch_as, account)
    command = (
        *programs.machine.arguments(programs.folder / "postgres", account),
        "-D",
        str(home / "data"),
        *_options(port, durable=durable),
    )
    address = f"postgresql://{USER}:{password}@127.0.0.1:{port}"
    launch = Launch(command, _environment(programs), launch_as, signal.SIGINT)
    server = Server("PostgreSQL", programs.version, home, launch, lambda: answers_sql(f"{address}/postgres"))
    return PrivatePostgreSql(server, f"{address}/{DATABASE}", f"{address}/postgres")


def create_database(postgresql: PrivatePostgreSql) -> None:
    """Create the database of the URL in the running server."""
    with psycopg.connect(postgresql.maintenance_url, autocommit=True) as connection:
        connection.execute(f"create database {DATABASE}")


def free_shared_memory(folder: Path) -> None:
    """Remove the System V segment that a killed server leaves: a few bytes which no process's end frees.

    Its key and id are in line 7 of postmaster.pid; only a segment of that key and id without users is removed.
    """
    with suppress(OSError, IndexError, ValueError):
        key, number = (folder / "postgresql/data/postmaster.pid").read_text().splitlines()[6].split()
        for line in Path("/proc/sysvipc/shm").read_text().splitlines()[1:]:
            fields = line.split()
            if (fields[0], fields[1], fields[6]) == (key, number, "0"):
                remove = ("/usr/bin/ipcrm", "--shmem-id", number)
                subprocess.run(remove, check=False, capture_output=True)  # noqa: S603 - fixed words


def _make_home(home: Path, password: str, account: Account | None) -> None:
    home.mkdir(mode=0o700)
    secret = home / "password"
    secret.touch(mode=0o600)
    secret.write_text(_verifier(password))
    for path in (home, secret):
        os.chown(path, account.user if account else -1, account.group if account else -1)


def _verifier(password: str) -> str:
    """What PostgreSQL keeps of a password (RFC 5802), with one round instead of 4096.

    Rounds are for passwords that can be guessed; each cost every connection its part of 3 ms.
    """
    salt = secrets.token_bytes(16)
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, iterations=1)
    stored = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    server = hmac.digest(salted, b"Server Key", "sha256")
    in_base64 = [base64.b64encode(part).decode() for part in (salt, stored, server)]
    return "SCRAM-SHA-256$1:{}${}:{}".format(*in_base64)


def _make_cluster(home: Path, programs: PostgreSqlPrograms, launch_as: Account | None, account: Account | None) -> None:
    secret = home / "password"
    command = (
        *programs.machine.arguments(programs.folder / "initdb", account),
        *("-D", str(home / "data"), "--encoding=UTF8", "--locale=C.UTF-8"),
        *("--no-sync", "--auth=scram-sha-256", f"--username={USER}", f"--pwfile={secret}"),
    )
    launch = Launch(command, _environment(programs), launch_as)
    result = subprocess.run(command, **launch.options(home), capture_output=True, text=True, check=False)  # noqa: S603 - a program we have found
    secret.unlink()
    if result.returncode != 0:
        raise ServicesError(f"initdb could not make a PostgreSQL cluster in {home}:\n{result.stderr.strip()}")


def _options(port: int, *, durable: bool) -> tuple[str, ...]:
    settings = (
        f"port={port}",
        "listen_addresses=127.0.0.1",
        "unix_socket_directories=",
        f"max_connections={MAX_CONNECTIONS}",
        "dynamic_shared_memory_type=mmap",  # in the data folder: nothing stays in /dev/shm after SIGKILL
        *(() if durable else NOT_DURABLE),
    )
    return tuple(text for setting in settings for text in ("-c", setting))


def _environment(programs: PostgreSqlPrograms) -> Mapping[str, str]:
    return {"PATH": programs.machine.path, "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}
