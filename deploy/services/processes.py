"""Processes of a run, read from Linux's /proc; how they are ended, their account, and signals that end us."""

import os
import pwd
import signal
import threading
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from deploy.services.errors import ServicesError

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
Handler = Callable[[int, FrameType | None], None] | signal.Handlers


@contextmanager
def handled(numbers: Sequence[signal.Signals], handler: Handler) -> Generator[None]:
    """Handle signals so meanwhile, where we are the main thread."""
    is_main = threading.current_thread() is threading.main_thread()
    before = {number: signal.signal(number, handler) for number in numbers} if is_main else {}
    try:
        yield
    finally:
        for number, action in before.items():
            signal.signal(number, signal.SIG_DFL if action is None else action)


def ending_on_signals() -> AbstractContextManager[None]:
    """SIGTERM and SIGHUP raise KeyboardInterrupt as Ctrl-C does, unless the program has its own way with them."""
    return handled([number for number in ENDING if signal.getsignal(number) is signal.SIG_DFL], _interrupt)


def undisturbed() -> AbstractContextManager[None]:
    """Ending signals that come meanwhile are ignored: the program is ending already."""
    return handled(ENDING, signal.SIG_IGN)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


@dataclass(frozen=True, slots=True)
class Account:
    """A Unix account by its numbers."""

    user: int
    group: int


def unprivileged_account() -> Account | None:
    """For root, the distribution's account for PostgreSQL or else `nobody`; None when we are not root."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name: Account(entry.pw_uid, entry.pw_gid) for entry in pwd.getpwall()}
    return names.get("postgres") or names["nobody"]


MARK = "SMS_SERVICES_FOLDER"
PROC = Path("/proc")
PATIENCE = 10.0


def start_time(pid: int) -> int | None:
    """When the process started, in clock ticks since boot; None when there is no such living process.

    With the pid it names a process for good: field 22 of /proc/<pid>/stat, see proc_pid_stat(5).
    """
    try:
        state, *rest = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if state in "ZX" else int(rest[18])


def own_processes(folder: Path) -> list[int]:
    """The pids of everything started for this folder or one inside it, whatever its parent or session is now."""
    return [int(entry.name) for entry in PROC.iterdir() if entry.name.isdecimal() and _belongs(entry, folder)]


def end_processes(folder: Path) -> None:
    """Kills all of them, and returns when none is left.

    Raises ServicesError when one of them outlives SIGKILL by ten seconds.
    """
    deadline = time.monotonic() + PATIENCE
    while left := own_processes(folder):
        for pid in left:
            _kill(pid, folder)
        if time.monotonic() > deadline:
            raise ServicesError(f"processes {left} of {folder} do not end")
        time.sleep(0.01)


def _kill(pid: int, folder: Path) -> None:
    with suppress(OSError):
        handle = os.pidfd_open(pid)
        try:
            # The handle cannot pass to another process, so what is true of it now is true of what dies.
            if _belongs(PROC / str(pid), folder):
                signal.pidfd_send_signal(handle, signal.SIGKILL)
        finally:
            os.close(handle)


def _belongs(process: Path, folder: Path) -> bool:
    try:
        marks = [
            Path(os.fsdecode(entry.partition(b"=")[2]))
            for entry in (process / "environ").read_bytes().split(b"\0")
            if entry.startswith(MARK.encode() + b"=")
        ]
        if not marks and (process / "comm").read_text().strip() == "postgres":
            # PostgreSQL's backends write their titles over their environment, but stay in the data folder.
            marks = [(process / "cwd").readlink()]
    except OSError:
        return False
    return any(mark.is_relative_to(folder) for mark in marks)
