"""Waiting for a condition, generously: the machines are noisy."""

from __future__ import annotations

import time
from collections.abc import Callable

PATIENCE_S = 60


#: How many sessions of this database wait for another one's lock.
WAITING_FOR_A_LOCK = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND wait_event_type = 'Lock'
"""


def wait_until(condition: Callable[[], object], what: str, *, seconds: float = PATIENCE_S) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited {seconds} s in vain: {what}"
        time.sleep(0.05)
