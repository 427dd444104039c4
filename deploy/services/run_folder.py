"""The folder of one run: named after its owner, so that the next run finds what a killed owner has left."""

from __future__ import annotations

import os
import re
import shutil
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

from deploy.services.errors import say
from deploy.services.postgresql import forget_shared_memory
from deploy.services.processes import MARK, end_processes, start_time

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
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=temporary_place() if durable else short_lived_place()))
    folder.chmod(0o711)
    return folder


def remove_folder(folder: Path) -> None:
    """Ends every process started for this folder, then removes it."""
    end_processes(folder)
    forget_shared_memory(folder)
    shutil.rmtree(folder, ignore_errors=True)


def remove_leftovers() -> None:
    """Does the same to the folders that killed owners have left."""
    for place in {temporary_place(), MEMORY}:
        for folder in left_over(place, os.geteuid()) if place.is_dir() else ():
            remove_folder(folder)
            say(f"removed {folder}, which a killed run had left, and ended its servers")


def left_over(place: Path, account: int) -> list[Path]:
    """This account's run folders in this place whose owners are dead; never the one that we live in ourselves."""
    return [folder for folder in place.iterdir() if _owned(folder, account) and not _in_use(folder)]


def _owned(folder: Path, account: int) -> bool:
    with suppress(OSError):
        status = folder.lstat()
        return stat.S_ISDIR(status.st_mode) and status.st_uid == account
    return False


def _in_use(folder: Path) -> bool:
    match = NAME.fullmatch(folder.name)
    if match is None or str(folder) == os.environ.get(MARK):
        return True
    return start_time(int(match["pid"])) == int(match["started"])


def temporary_place() -> Path:
    """The temporary folder, or /tmp for root where PostgreSQL's account could not enter the other."""
    chosen = Path(tempfile.gettempdir()).resolve()
    enterable = all(path.stat().st_mode & stat.S_IXOTH for path in (chosen, *chosen.parents))
    return chosen if enterable or os.geteuid() != 0 else Path("/tmp")  # noqa: S108 - the folder inside is ours alone


def short_lived_place() -> Path:
    """Memory where there is enough of it, else the temporary folder."""
    with suppress(OSError):
        if (
            os.access(MEMORY, os.W_OK | os.X_OK)
            and shutil.disk_usage(MEMORY).free >= ENOUGH
            and free_memory() >= ENOUGH
        ):
            return MEMORY
    return temporary_place()


def free_memory() -> int:
    """What the kernel says is available without swapping, in bytes; proc(5)."""
    lines = dict(line.split(":") for line in Path("/proc/meminfo").read_text().splitlines())
    return int(lines["MemAvailable"].split()[0]) << 10
