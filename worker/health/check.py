"""Something that is asked again and again in the background: the last answer, and how old it is."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

#: How often it is asked.
EVERY_S = 5.0
#: An answer older than this proves nothing: whoever was asked does not answer.
STALE_S = 20.0


@dataclass(frozen=True, slots=True)
class Seen:
    """What stood in the way at a moment of the process's steady clock; None: nothing."""

    fault: str | None
    at: float


class Proof:
    """A thread that asks, so that whoever wants to know never waits.

    Args:
        what: the name of what is asked.
        ask: answers what is wrong in words, None if nothing is; what it raises is told by its class.
    """

    def __init__(
        self,
        what: str,
        ask: Callable[[], str | None],
        *,
        every_s: float = EVERY_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._what = what
        self._ask = ask
        self._every_s = every_s
        self._clock = clock
        self._seen: Seen | None = None
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"proof of {what}", daemon=True)
        self._thread.start()

    def fault(self, *, now: float) -> str | None:
        """What is wrong; silence is wrong too."""
        if self._seen is None:
            return f"{self._what}: not heard of yet"
        age = now - self._seen.at
        if age > STALE_S:
            return f"{self._what}: no answer for {age:.0f} s"
        return f"{self._what}: {self._seen.fault}" if self._seen.fault else None

    def close(self) -> None:
        """Ask no more; an answer that is waited for is not."""
        self._ending.set()

    def look(self) -> None:
        """Ask once."""
        try:
            found = self._ask()
        except Exception as error:  # noqa: BLE001 (whatever it is, it proves nothing)
            found = type(error).__name__
        self._seen = Seen(found, self._clock())

    def _run(self) -> None:
        while not self._ending.is_set():
            self.look()
            self._ending.wait(self._every_s)
