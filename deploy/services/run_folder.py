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

NAME = re.compile(r"sms-services-(?P<pid>\d+)-(?P<started>\d+)-\w+")


def new_folder() -> Path:
    """An empty folder that belongs to this process, and that PostgreSQL's account can enter too."""
    prefix = f"sms-services-{os.getpid()}-{start_time(os.getpid())}-"
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=temporary_place()))
    folder.chmod(0o711)
    return folder


def remove_folder(folder: Path) -> None:
    """Ends every process started for this folder, then removes it."""
    end_processes(folder)
    forget_shared_memory(folder)
    shutil.rmtree(folder, ignore_errors=True)


def remove_leftovers() -> None:
    """Does the same to the folders that killed owners have left."""
    for folder in left_over(temporary_place(), os.geteuid()):
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
