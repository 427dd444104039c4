"""Runs one command as a shell runs a foreground job: signals reach it exactly once, whoever they were meant for."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress
from types import FrameType

from deploy.services.interrupts import ENDING


def run_in_foreground(command: list[str], environment: Mapping[str, str]) -> int:
    """Runs the command in a process group of its own and returns its exit code, 128+n when signal n ended it.

    The group gets the terminal if we have it, so Ctrl-C goes to the command alone; what is sent to us is passed
    on to it. Either way it has its time to finish before its services go. Ctrl-Z stops both.
    """
    terminal = _our_terminal()
    default = [number for number in signal.valid_signals() if number not in _ignored()]
    pid = os.posix_spawnp(command[0], command, dict(environment), setpgroup=0, setsigdef=default)
    with _passing_on_to(pid):
        _lend(terminal, pid)
        try:
            return _exit_code(pid, terminal)
        finally:
            _take_back(terminal)


def _exit_code(pid: int, terminal: int | None) -> int:
    while True:
        _, status = os.waitpid(pid, os.WUNTRACED)
        if not os.WIFSTOPPED(status):
            code = os.waitstatus_to_exitcode(status)
            return code if code >= 0 else 128 - code
        if terminal is not None:
            _take_back(terminal)
            os.kill(0, signal.SIGTSTP)  # our own group, as the terminal would have done; `fg` goes on from here
            _lend(terminal, pid)


@contextmanager
def _passing_on_to(pid: int) -> Generator[None]:
    def pass_on(number: int, _frame: FrameType | None) -> None:
        with suppress(ProcessLookupError):
            os.killpg(pid, number)

    before = {number: signal.signal(number, pass_on) for number in ENDING if number not in _ignored()}
    try:
        yield
    finally:
        for number, action in before.items():
            signal.signal(number, action)


def _our_terminal() -> int | None:
    """The terminal's descriptor, if there is one and we are its foreground job."""
    with suppress(OSError, ValueError):
        descriptor = sys.stdin.fileno()
        return descriptor if os.tcgetpgrp(descriptor) == os.getpgrp() else None
    return None


def _lend(terminal: int | None, pid: int) -> None:
    if terminal is not None:
        _set_foreground(terminal, pid)
        with suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGCONT)  # it may have reached for the terminal before it was its own


def _take_back(terminal: int | None) -> None:
    if terminal is not None:
        _set_foreground(terminal, os.getpgrp())


def _set_foreground(terminal: int, group: int) -> None:
    before = signal.signal(signal.SIGTTOU, signal.SIG_IGN)  # the kernel's answer to a background job that does this
    with suppress(OSError):
        os.tcsetpgrp(terminal, group)
    signal.signal(signal.SIGTTOU, before)


def _ignored() -> set[signal.Signals]:
    return {number for number in ENDING if signal.getsignal(number) is signal.SIG_IGN}
