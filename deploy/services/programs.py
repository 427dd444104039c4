"""Where the server programs of this machine are; Debian and Fedora keep them out of PATH."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from deploy.services.errors import ServicesError
from deploy.services.install import install, remedy

# Distributions put a wrapper on PATH that insists on RabbitMQ's own account; the inner program has this neighbour.
NEIGHBOUR = "rabbitmq-defaults"
RABBITMQ_FOLDERS = (
    "usr/lib/rabbitmq/lib/rabbitmq_server-*/sbin",
    "opt/rabbitmq*/sbin",
    "usr/local/lib/rabbitmq/lib/rabbitmq_server-*/sbin",
)
EPMD_FOLDERS = ("usr/lib/erlang/erts-*/bin", "usr/lib64/erlang/erts-*/bin", "usr/local/lib/erlang/erts-*/bin")
OTHERWISE = "(or start Docker, or set SMS_AMQP_URL and SMS_DATABASE_URL)"
POSTGRESQL_FOLDERS = ("usr/lib/postgresql/*/bin", "usr/pgsql-*/bin", "usr/local/pgsql/bin")


@dataclass(frozen=True, slots=True)
class Machine:
    """Where programs are looked for: the folders of PATH, and the usual ones under a root."""

    path: str
    root: Path = Path("/")


@dataclass(frozen=True, slots=True)
class RabbitMqPrograms:
    """The inner start script and Erlang's port mapper."""

    server: Path
    epmd: Path
    version: str
    path: str


@dataclass(frozen=True, slots=True)
class PostgreSqlPrograms:
    """The folder with postgres, initdb, pg_dump and the others."""

    folder: Path
    version: str
    path: str


@dataclass(frozen=True, slots=True)
class Programs:
    """Everything that private servers need."""

    rabbitmq: RabbitMqPrograms
    postgresql: PostgreSqlPrograms


THIS_MACHINE = Machine(os.environ.get("PATH", os.defpath))


def needed_programs(machine: Machine) -> Programs:
    """The newest RabbitMQ and PostgreSQL of this machine, installed first where they are missing and that is possible.

    Raises ServicesError with the command that installs them.
    """
    if platform.system() != "Linux":
        raise ServicesError("private servers need Linux. Start Docker, or set SMS_AMQP_URL and SMS_DATABASE_URL.")
    missing = _missing(machine)
    if missing:
        install(missing, path=machine.path, otherwise=OTHERWISE)
    rabbitmq, postgresql = find_rabbitmq(machine), find_postgresql(machine)
    if rabbitmq is None or postgresql is None:
        missing = _missing(machine)
        advice = remedy(missing, path=machine.path, otherwise=OTHERWISE)
        raise ServicesError(f"installed, but not found: {' '.join(missing)}. {advice}")
    return Programs(rabbitmq, postgresql)


def find_rabbitmq(machine: Machine) -> RabbitMqPrograms | None:
    """The newest RabbitMQ with an Erlang to run it."""
    servers = _beside(machine, "rabbitmq-server", RABBITMQ_FOLDERS)
    inner = [server for server in servers if (server.parent / NEIGHBOUR).exists()]
    mappers = _beside(machine, "epmd", EPMD_FOLDERS)
    if not inner or not mappers or not shutil.which("erl", path=machine.path):
        return None
    server = max(inner, key=lambda found: _order(_rabbitmq_version(found)))
    return RabbitMqPrograms(server, mappers[0], _rabbitmq_version(server), machine.path)


def find_postgresql(machine: Machine) -> PostgreSqlPrograms | None:
    """The newest PostgreSQL server."""
    found = [
        PostgreSqlPrograms(program.parent, _postgresql_version(program), machine.path)
        for program in _beside(machine, "postgres", POSTGRESQL_FOLDERS)
        if (program.parent / "initdb").exists()
    ]
    return max(found, key=lambda programs: _order(programs.version), default=None)


def _missing(machine: Machine) -> tuple[str, ...]:
    rabbitmq = () if find_rabbitmq(machine) else ("rabbitmq-server",)
    postgresql = () if find_postgresql(machine) else ("postgresql",)
    return rabbitmq + postgresql


def _beside(machine: Machine, program: str, patterns: tuple[str, ...]) -> list[Path]:
    on_path = shutil.which(program, path=machine.path)
    usual = [folder / program for pattern in patterns for folder in sorted(machine.root.glob(pattern))]
    candidates = [Path(on_path).resolve(), *usual] if on_path else usual
    return [candidate for candidate in candidates if os.access(candidate, os.X_OK)]


def _rabbitmq_version(server: Path) -> str:
    names = [entry.name.removesuffix(".ez") for entry in server.parent.parent.glob("plugins/rabbit-*")]
    return names[0].removeprefix("rabbit-") if names else ""


def _postgresql_version(program: Path) -> str:
    said = subprocess.run((program, "--version"), capture_output=True, text=True, check=False)  # noqa: S603 - found
    match = re.search(r"\d+(?:\.\d+)?", said.stdout)
    return match[0] if match else ""


def _order(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version))
