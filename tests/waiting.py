"""Waiting for a condition, generously: the machines are noisy."""

from __future__ import annotations

import time
from collections.abc import Callable

PATIENCE_S = 60


def wait_until(condition: Callable[[], object], what: str, *, seconds: float = PATIENCE_S) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited {seconds} s in vain: {what}"
        time.sleep(0.05)
