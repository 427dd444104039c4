"""Where RabbitMQ and PostgreSQL come from (URLs, Docker, private servers), and the folder of a private run."""

import os
import re
import shutil
import stat
import tempfile
import time
from collections.abc import Generator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from deploy.services.environment import Services, check_urls, given_urls
from deploy.services.errors import echo
from deploy.services.postgresql import create_database, free_shared_memory, private_postgresql
from deploy.services.processes import MARK, end_processes, ending_on_signals, start_time, undisturbed
from deploy.services.programs import THIS_MACHINE, Programs, needed_programs, programs_of
from deploy.services.rabbitmq import private_cluster
from deploy.services.server import Server

#: A file system in memory, on Linux; servers of a test run need far less than so many bytes of it.
MEMORY = Path("/dev/shm")  # noqa: S108 - the folder inside is ours alone
ENOUGH = 4 << 30
NAME = re.compile(r"sms-services-(?P<pid>\d+)-(?P<started>\d+)-\w+")


def new_folder(*, durable: bool) -> Path:
    """An empty folder that belongs to this process, and that PostgreSQL's account can enter too.

    What need not outlive the machine lies in memory where there is plenty: a copy of our schema's 400 files then takes
    20 ms instead of the 400 ms that it took on ext4.
    """
    prefix = f"sms-services-{os.getpid()}-{start_time(os.getpid())}-"
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=temporary_folder() if durable else short_lived_folder()))
    folder.chmod(0o711)
    return folder


def remove_folder(folder: Path) -> None:
    """End every process started for this folder, then remove it."""
    end_processes(folder)
    free_shared_memory(folder)
    shutil.rmtree(folder, ignore_errors=True)


def remove_leftovers() -> None:
    """Remove the folders that killed owners have left, with their servers."""
    for path in {temporary_folder(), MEMORY}:
        for folder in left_over(path, os.geteuid()) if path.is_dir() else ():
            remove_folder(folder)
            echo(f"removed {folder}, which a killed run had left, and ended its servers")


def left_over(path: Path, account: int) -> list[Path]:
    """This account's run folders in this path whose owners are dead; never the one that we live in ourselves."""
    return [folder for folder in path.iterdir() if not _in_use(folder) and _is_owned(folder, account)]


def _is_owned(folder: Path, account: int) -> bool:
    with suppress(OSError):
        status = folder.lstat()
        return stat.S_ISDIR(status.st_mode) and status.st_uid == account
    return False


def _in_use(folder: Path) -> bool:
    match = NAME.fullmatch(folder.name)
    if match is None or str(folder) == os.environ.get(MARK):
        return True
    return start_time(int(match["pid"])) == int(match["started"])


def temporary_folder() -> Path:
    """The temporary folder, or /tmp for root where PostgreSQL's account could not enter the other."""
    chosen = Path(tempfile.gettempdir()).resolve()
    enterable = all(path.stat().st_mode & stat.S_IXOTH for path in (chosen, *chosen.parents))
    return chosen if enterable or os.geteuid() != 0 else Path("/tmp")  # noqa: S108 - the folder inside is ours alone


def short_lived_folder() -> Path:
    """Memory where there is enough of it, else the temporary folder."""
    with suppress(OSError):
        is_writable = os.access(MEMORY, os.W_OK | os.X_OK)
        if is_writable and min(shutil.disk_usage(MEMORY).free, _free_memory()) >= ENOUGH:
            return MEMORY
    return temporary_folder()


def _free_memory() -> int:
    """Bytes available without swapping; proc(5)."""
    lines = dict(line.split(":") for line in Path("/proc/meminfo").read_text().splitlines())
    return int(lines["MemAvailable"].split()[0]) << 10


@dataclass(frozen=True, slots=True)
class Pair(Services):
    """Private servers, ready, to kill and to start again, and their folder."""

    rabbitmq: Server
    postgresql: Server
    folder: Path


@contextmanager
def private_servers(programs: Programs, *, durable: bool) -> Generator[Pair]:
    """Both servers for as long as the context lasts; then they and their folder are removed.

    What earlier runs left when they were killed goes first.
    """
    remove_leftovers()
    owner, began = os.getpid(), time.monotonic()
    versions = f"private RabbitMQ {programs.rabbitmq.version} and PostgreSQL {programs.postgresql.version}"
    echo(f"starting {versions} (up to 8 s)")
    endings = ExitStack()
    try:
        folder = new_folder(durable=durable)
        endings.callback(remove_folder, folder)
        pair = _start_pair(folder, programs, endings, durable=durable)
        echo(f"{versions} in {folder} (ready in {time.monotonic() - began:.1f} s)")
        yield pair
    finally:
        if os.getpid() == owner:  # a forked child that unwinds must not end its parent's servers
            with undisturbed():
                endings.close()


def _start_pair(folder: Path, programs: Programs, endings: ExitStack, *, durable: bool) -> Pair:
    cluster = private_cluster(folder, programs.rabbitmq)
    (broker,), (amqp_url,) = cluster.nodes, cluster.urls
    endings.callback(cluster.port_mapper.kill)
    endings.callback(broker.kill)
    cluster.port_mapper.start()
    broker.begin()
    # RabbitMQ needs seconds of its own; PostgreSQL is ready long before it.
    postgresql = private_postgresql(folder, programs.postgresql, durable=durable)
    endings.callback(postgresql.server.kill)
    postgresql.server.start()
    create_database(postgresql)
    broker.await_ready()
    return Pair(amqp_url, postgresql.url, broker, postgresql.server, folder)


@contextmanager
def local_services(*, durable: bool = False, for_tests: bool = False, tree: Path | None = None) -> Generator[Services]:
    """RabbitMQ and PostgreSQL for as long as the context lasts; what was started for it ends afterwards.

    SMS_AMQP_URL and SMS_DATABASE_URL win; then Docker, if a daemon answers; then private instances of the
    installed programs, which are installed first where that is possible. `durable` makes PostgreSQL wait for
    the disk (fsync), as it does in production. A database URL from the environment is used as it is; `for_tests` asks
    whether its role has the rights that our tests need.
    Where the files of another system are given, as a `tree`, it is the programs in it that are started.

    Raises ServicesError with the remedy when none of these ways is open.
    """
    urls = given_urls(os.environ) if tree is None else None
    if urls:
        echo(check_urls(urls, for_tests=for_tests))
        yield urls
        return
    with ending_on_signals(), _started(durable=durable, tree=tree) as services:
        yield services


def _started(*, durable: bool, tree: Path | None) -> AbstractContextManager[Services]:
    if tree is not None:
        return private_servers(programs_of(tree), durable=durable)
    from deploy.services.containers import containers, docker_answers  # noqa: PLC0415 (costs as much as all else)

    if docker_answers():
        return containers(durable=durable)
    return private_servers(needed_programs(THIS_MACHINE), durable=durable)
