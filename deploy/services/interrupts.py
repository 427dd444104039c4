"""Signals that end the program let `finally` run first, and do not disturb it while it does."""

from __future__ import annotations

import signal
import threading
from collections.abc import Generator
from contextlib import contextmanager
from types import FrameType

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def ending_on_signals() -> Generator[None]:
    """SIGTERM and SIGHUP raise KeyboardInterrupt as Ctrl-C does, unless the program has its own way with them."""
    ours = [number for number in ENDING if _may_set() and signal.getsignal(number) is signal.SIG_DFL]
    for number in ours:
        signal.signal(number, _interrupt)
    try:
        yield
    finally:
        for number in ours:
            signal.signal(number, signal.SIG_DFL)


@contextmanager
def undisturbed() -> Generator[None]:
    """Ending signals that come meanwhile are forgotten: the program is ending already."""
    before = {number: signal.signal(number, signal.SIG_IGN) for number in ENDING} if _may_set() else {}
    try:
        yield
    finally:
        for number, action in before.items():
            signal.signal(number, signal.SIG_DFL if action is None else action)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _may_set() -> bool:
    return threading.current_thread() is threading.main_thread()
