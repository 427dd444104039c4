"""Programs: where they are (Debian and Fedora keep servers out of PATH), and how missing ones are installed."""

import os
import platform
import re
import shutil
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from deploy.services.errors import ServicesError, echo
from deploy.services.processes import Account

SCRIPT = Path(__file__).with_name("install.sh")
COMMANDS = {
    "apt-get": "sudo apt-get install -y",
    "dnf": "sudo dnf install -y",
    "zypper": "sudo zypper install -y",
    "pacman": "sudo pacman -S --noconfirm",
}
#: What other distributions call a package of Debian's.
NAMES = {
    ("dnf", "postgresql"): "postgresql-server",
    ("dnf", "prometheus"): "golang-github-prometheus",
    ("zypper", "postgresql"): "postgresql-server",
    ("zypper", "prometheus"): "golang-github-prometheus-prometheus",
    ("pacman", "rabbitmq-server"): "rabbitmq",
}


def install(packages: tuple[str, ...], *, path: str, otherwise: str = "") -> None:
    """Install Debian or Ubuntu packages as root or with a sudo that asks nothing; start none of their services.

    Raises ServicesError with the command to type, and what to do otherwise, when that is not possible or fails.
    """
    become_root = _become_root(path)
    missing = " and ".join(packages)
    if become_root is None or not shutil.which("apt-get", path=path):
        raise ServicesError(f"{missing}: not on this machine. {remedy(packages, path=path, otherwise=otherwise)}")
    echo(f"installing {missing} with apt-get (once, about a minute); their system services stay stopped")
    if _finish([*become_root, "sh", str(SCRIPT), *packages]) != 0:
        advice = remedy(packages, path=path, otherwise=otherwise)
        raise ServicesError(f"apt-get could not install {missing}: see above. {advice}")


def remedy(packages: tuple[str, ...], *, path: str, otherwise: str = "") -> str:
    """What a person can do, as one command where the package manager is known."""
    commands = [
        " ".join((command, *(NAMES.get((manager, package), package) for package in packages)))
        for manager, command in COMMANDS.items()
        if shutil.which(manager, path=path)
    ]
    them = "it" if len(packages) == 1 else "them"
    install_them = f"Install {them}: {commands[0]}" if commands else f"Install {' and '.join(packages)}"
    return f"{install_them} {otherwise}".strip() + "."


def _become_root(path: str) -> list[str] | None:
    if os.geteuid() == 0:
        return []
    sudo = shutil.which("sudo", path=path)
    if not sudo:
        return None
    asked = subprocess.run((sudo, "-n", "true"), capture_output=True, check=False)  # noqa: S603 - fixed words
    return [sudo, "-n"] if asked.returncode == 0 else None


def _finish(command: list[str]) -> int:
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL)  # noqa: S603 - our own script
    try:
        return process.wait()
    except BaseException:
        # Half an installation is worse than a late exit: the script puts things in order before it ends.
        with suppress(OSError):
            process.terminate()
        process.wait()
        raise


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


#: PATH of the programs in a tree.
PATH_OF_ROOT = "/usr/sbin:/usr/bin:/sbin:/bin"
ENTERED = Path(__file__).with_name("entered.sh")


@dataclass(frozen=True, slots=True)
class Machine:
    """Where programs are looked for: the folders of PATH, and the usual ones under a root.

    Attributes:
        is_tree: the root holds another system's files, such as a newer Debian's: only root can run its programs, and
            only inside it.
    """

    path: str
    root: Path = Path("/")
    is_tree: bool = False

    def arguments(self, program: Path, account: Account | None = None) -> tuple[str, ...]:
        """The command that runs a program; inside a tree it takes the account itself."""
        if not self.is_tree:
            return (str(program),)
        user = f"{account.user}:{account.group}" if account else "0:0"
        inner = "/" / program.relative_to(self.root)
        return ("unshare", "--mount", "sh", str(ENTERED), str(self.root), user, str(inner))


@dataclass(frozen=True, slots=True)
class RabbitMqPrograms:
    """The inner start script and Erlang's port mapper."""

    server: Path
    epmd: Path
    version: str
    machine: Machine


@dataclass(frozen=True, slots=True)
class PostgreSqlPrograms:
    """The folder with postgres, initdb, pg_dump and the others."""

    folder: Path
    version: str
    machine: Machine


@dataclass(frozen=True, slots=True)
class Programs:
    rabbitmq: RabbitMqPrograms
    postgresql: PostgreSqlPrograms


def programs_of(tree: Path) -> Programs:
    """The newest RabbitMQ and PostgreSQL of another system's tree.

    Raises ServicesError when one of them is not there, or we are not root.
    """
    if os.geteuid() != 0:
        raise ServicesError(f"{tree}: only root can run the programs of another system. Use sudo.")
    machine = Machine(PATH_OF_ROOT, tree.resolve(), is_tree=True)
    rabbitmq, postgresql = find_rabbitmq(machine), find_postgresql(machine)
    if rabbitmq is None or postgresql is None:
        raise ServicesError(f"{tree}: no RabbitMQ and PostgreSQL there. Make it: sh deploy/services/newer.sh {tree}")
    return Programs(rabbitmq, postgresql)


THIS_MACHINE = Machine(os.environ.get("PATH", os.defpath))


def needed_programs(machine: Machine) -> Programs:
    """The newest RabbitMQ and PostgreSQL of this machine, installed first where they are missing and that is possible.

    Raises ServicesError with the command that installs them.
    """
    if platform.system() != "Linux":
        raise ServicesError("private servers need Linux. Start Docker, or set SMS_AMQP_URL and SMS_DATABASE_URL.")
    if missing := _missing(machine):
        install(missing, path=machine.path, otherwise=OTHERWISE)
    rabbitmq, postgresql = find_rabbitmq(machine), find_postgresql(machine)
    if rabbitmq is None or postgresql is None:
        raise _not_found(_missing(machine), machine, OTHERWISE)
    return Programs(rabbitmq, postgresql)


def find_rabbitmq(machine: Machine) -> RabbitMqPrograms | None:
    """The newest RabbitMQ with an Erlang to run it."""
    servers = _beside(machine, "rabbitmq-server", RABBITMQ_FOLDERS)
    inner = [server for server in servers if (server.parent / NEIGHBOUR).exists()]
    mappers = _beside(machine, "epmd", EPMD_FOLDERS)
    if not inner or not mappers or not _has_erlang(machine):
        return None
    server = max(inner, key=lambda path: _order(_rabbitmq_version(path)))
    return RabbitMqPrograms(server, mappers[0], _rabbitmq_version(server), machine)


def find_postgresql(machine: Machine) -> PostgreSqlPrograms | None:
    """The newest PostgreSQL server."""
    candidates = [
        PostgreSqlPrograms(program.parent, _postgresql_version(machine, program), machine)
        for program in _beside(machine, "postgres", POSTGRESQL_FOLDERS)
        if (program.parent / "initdb").exists()
    ]
    return max(candidates, key=lambda programs: _order(programs.version), default=None)


def _missing(machine: Machine) -> tuple[str, ...]:
    rabbitmq = () if find_rabbitmq(machine) else ("rabbitmq-server",)
    postgresql = () if find_postgresql(machine) else ("postgresql",)
    return rabbitmq + postgresql


def _beside(machine: Machine, program: str, patterns: tuple[str, ...]) -> list[Path]:
    on_path = None if machine.is_tree else shutil.which(program, path=machine.path)
    usual = [folder / program for pattern in patterns for folder in sorted(machine.root.glob(pattern))]
    candidates = [Path(on_path).resolve(), *usual] if on_path else usual
    return [candidate for candidate in candidates if os.access(candidate, os.X_OK)]


def _rabbitmq_version(server: Path) -> str:
    names = [entry.name.removesuffix(".ez") for entry in server.parent.parent.glob("plugins/rabbit-*")]
    return names[0].removeprefix("rabbit-") if names else ""


def _has_erlang(machine: Machine) -> bool:
    if machine.is_tree:
        return (machine.root / "usr/bin/erl").is_symlink()
    return shutil.which("erl", path=machine.path) is not None


def _postgresql_version(machine: Machine, program: Path) -> str:
    completed = subprocess.run((*machine.arguments(program), "--version"), capture_output=True, text=True, check=False)  # noqa: S603 - found
    match = re.search(r"\d+(?:\.\d+)?", completed.stdout)
    return match[0] if match else ""


def _order(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version))


#: The Debian package of each.
PACKAGES: Mapping[str, str] = {
    "prometheus": "prometheus",
    "promtool": "prometheus",
    "systemd-analyze": "systemd",
    "pgbouncer": "pgbouncer",
}
#: Where daemons are, which a person's PATH may leave out.
DAEMONS = "/usr/sbin"


def needed_program(name: str, machine: Machine = THIS_MACHINE) -> Path:
    """Where one of `PACKAGES` is, installed first where it is missing and that is possible; its service stays stopped.

    Raises ServicesError with the command that installs it.
    """
    search_path = f"{machine.path}:{DAEMONS}"
    if not shutil.which(name, path=search_path):
        install((PACKAGES[name],), path=machine.path)
    program = shutil.which(name, path=search_path)
    if program is None:
        raise _not_found((PACKAGES[name],), machine)
    return Path(program)


def _not_found(packages: tuple[str, ...], machine: Machine, otherwise: str = "") -> ServicesError:
    advice = remedy(packages, path=machine.path, otherwise=otherwise)
    return ServicesError(f"installed, but not found: {' '.join(packages)}. {advice}")
