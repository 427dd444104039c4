"""A line of the timetable: tasks that run one after another in a thread of their own."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from schedules.task_status import Turn
from worker.health.status import LOOP_S
from worker.logs.setup import log
from worker.store.db.error_messages import reason

#: No run takes longer: each call in it has an end of its own.
RUN_MAX_S = 300.0
#: A task that failed is tried again after so long, however seldom it runs: until then it counts as undone.
AGAIN_S = 30.0

Clock = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Stand:
    """Where a line's thread stands: at a task since that moment, or waiting until then for the next one's turn."""

    task: str | None
    at: float

    def fault(self, *, now: float) -> str | None:
        """Why it hangs, in words; to wait for a turn and to be at work is no fault."""
        stood_s = now - self.at
        if self.task is None:
            return f"has not turned for {stood_s:.0f} s" if stood_s > LOOP_S else None
        return f"has been at {self.task} for {stood_s:.0f} s" if stood_s > RUN_MAX_S else None


class Line:
    """Tasks in their turns, followed until the end, whatever one run comes to."""

    def __init__(
        self, name: str, turns: Sequence[Turn], ending: threading.Event, *, clock: Clock = time.monotonic
    ) -> None:
        self._turns = turns
        self._ending = ending
        self._clock = clock
        self._stand = Stand(None, clock())
        self._thread = threading.Thread(target=self._follow, name=name, daemon=True)

    def start(self) -> None:
        """Begin with everything at once."""
        self._thread.start()

    def end(self, timeout_s: float) -> None:
        """Wait for what is in hand."""
        self._thread.join(timeout_s)

    def dead(self, now: float) -> Iterable[str]:
        """Why nobody follows this line any more."""
        fault = self.fault(now) if self._thread.is_alive() else "has ended"
        if fault:
            yield f"the thread of {self._thread.name} {fault}"

    def fault(self, now: float) -> str | None:
        """Why this line hangs."""
        return self._stand.fault(now=now)

    def turn(self) -> float:
        """Take every task whose time has come; the answer is the moment of the next turn."""
        for turn in self._turns:
            now = self._clock()
            if turn.next_at <= now and not self._ending.is_set():
                self._stand = Stand(turn.task.name, now)
                take(turn, now=now)
        until = min(turn.next_at for turn in self._turns)
        self._stand = Stand(None, max(until, self._clock()))
        return until

    def _follow(self) -> None:
        while not self._ending.is_set():
            until = self.turn()
            self._ending.wait(max(0.0, until - self._clock()))


def take(turn: Turn, *, now: float) -> None:
    """Run a task whose time has come."""
    began = time.monotonic()
    every = turn.task.every.total_seconds()
    turn.lag_s = now - turn.next_at
    turn.next_at = now + every
    turn.began_at = now
    attempt(turn, turn.task.run)
    if turn.failure:
        turn.next_at = now + min(every, AGAIN_S)
    turn.took_s, turn.runs = time.monotonic() - began, turn.runs + 1


def attempt(turn: Turn, act: Callable[[], object]) -> None:
    """One run; a failure is said once and tried again at the next turn."""
    try:
        act()
    except Exception as error:  # noqa: BLE001 (the next task must not pay for this one)
        if not turn.failure:
            log.warning("task.failed", task=turn.task.name, exc_info=error)
        turn.failure = reason(error)
        return
    if turn.failure:
        log.info("task.recovered", task=turn.task.name)
    turn.has_run, turn.failure = True, None
