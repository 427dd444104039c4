"""A thread of the timetable: tasks that run one after another in a thread of their own."""

import threading
import time
from collections.abc import Callable, Sequence

from schedules.task_status import Turn
from worker.health.assessment import ThreadFacts
from worker.logs.setup import log
from worker.store.db.error_messages import reason

#: A task that failed is tried again after so long, however seldom it runs: until then it counts as failing.
AGAIN_S = 30.0

Clock = Callable[[], float]


class TaskThread:
    def __init__(
        self, name: str, turns: Sequence[Turn], ending: threading.Event, *, clock: Clock = time.monotonic
    ) -> None:
        self._turns = turns
        self._ending = ending
        self._clock = clock
        #: The task in work since a moment, or none until the next one's turn.
        self._at: tuple[str | None, float] = (None, clock())
        self._thread = threading.Thread(target=self._follow, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def end(self, timeout_s: float) -> None:
        self._thread.join(timeout_s)

    def facts(self) -> ThreadFacts:
        """What health assesses; from any thread."""
        return ThreadFacts(f"the thread of {self._thread.name}", self._thread.is_alive(), *self._at)

    def turn(self) -> float:
        for turn in self._turns:
            now = self._clock()
            if turn.next_at <= now and not self._ending.is_set():
                self._at = (turn.task.name, now)
                take(turn, now=now)
        until = min(turn.next_at for turn in self._turns)
        self._at = (None, max(until, self._clock()))
        return until

    def _follow(self) -> None:
        while not self._ending.is_set():
            until = self.turn()
            self._ending.wait(max(0.0, until - self._clock()))


def take(turn: Turn, *, now: float) -> None:
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
    """Run once; log a failure once, and retry it at the next turn."""
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
