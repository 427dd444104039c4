"""Waiting for a condition: the one bound of every wait of the tests is here, generous, for machines are busy."""

import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager

#: So long nothing may happen; whoever waits for anything in the tests waits so long.
PATIENCE_S = 300.0
#: And so long where it is right that nothing comes, as by whoever hangs up before the answer.
IN_VAIN_S = 0.3
#: What has been waited for longer is asked for less often: each question is work for both sides.
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.02, 0.15


#: How many sessions of this database wait for a lock of another.
WAITING_FOR_A_LOCK = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND wait_event_type = 'Lock'
"""


def nothing() -> None:
    """What a wait without steps has done so far."""


def wait_until(condition: Callable[[], object], what: str, *, progress: Callable[[], object] = nothing) -> None:
    """Wait until the condition holds; where `progress` shows how far it is, patience begins anew with each step."""
    done, deadline, pause_s = progress(), time.monotonic() + PATIENCE_S, FIRST_PAUSE_S
    while not condition():
        if (now_done := progress()) != done:
            done, deadline = now_done, time.monotonic() + PATIENCE_S
        assert time.monotonic() < deadline, f"waited {PATIENCE_S:g} s in vain: {what}"
        time.sleep(pause_s)
        pause_s = min(1.2 * pause_s, LONGEST_PAUSE_S)


@contextmanager
def repeated(act: Callable[[], None], *, every_s: float, name: str) -> Generator[None]:
    """Call `act` in a thread until the block ends, with this pause before each call."""
    ending = threading.Event()

    def run() -> None:
        while not ending.wait(every_s):
            act()

    thread = threading.Thread(target=run, name=name, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ending.set()
        thread.join()
