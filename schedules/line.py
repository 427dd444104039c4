"""A line of the timetable: tasks that run one after another in a thread of their own."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Sequence

from schedules.runs import Turn
from worker.health import LOOP_S
from worker.logs import log


class Line:
    """Tasks in their turns, followed until the end, whatever one run comes to."""

    def __init__(self, name: str, turns: Sequence[Turn], ending: threading.Event) -> None:
        self._turns = turns
        self._ending = ending
        self._turned_at = time.monotonic()
        self._thread = threading.Thread(target=self._follow, name=name, daemon=True)

    def start(self) -> None:
        """Begin with everything at once."""
        self._thread.start()

    def end(self, timeout_s: float) -> None:
        """Wait for what is in hand."""
        self._thread.join(timeout_s)

    def dead(self, now: float) -> Iterable[str]:
        """Why nobody follows this line any more."""
        if not self._thread.is_alive():
            yield f"the thread of {self._thread.name} has ended"
        elif now - self._turned_at > LOOP_S:
            yield f"the thread of {self._thread.name} has not turned for {now - self._turned_at:.0f} s"

    def _follow(self) -> None:
        while not self._ending.is_set():
            for turn in self._turns:
                self._turned_at = now = time.monotonic()
                if turn.next_at <= now and not self._ending.is_set():
                    take(turn, now=now)
            until = min(turn.next_at for turn in self._turns)
            self._ending.wait(max(0.0, until - time.monotonic()))


def take(turn: Turn, *, now: float) -> None:
    """Run a task whose time has come."""
    turn.lag_s = now - turn.next_at
    turn.next_at = now + turn.task.every.total_seconds()
    turn.began_at = now
    attempt(turn, turn.task.run)
    turn.took_s, turn.runs = time.monotonic() - now, turn.runs + 1


def attempt(turn: Turn, act: Callable[[], object]) -> None:
    """One run; a failure is said once and tried again at the next turn."""
    try:
        act()
    except Exception as error:  # noqa: BLE001 (the next task must not pay for this one)
        if not turn.failure:
            log.warning("task.failed", task=turn.task.name, exc_info=error)
        turn.failure = type(error).__name__
        return
    if turn.failure:
        log.info("task.recovered", task=turn.task.name)
    turn.has_run, turn.failure = True, None
