"""A check that is made again and again in the background: its last answer, and how old it is."""

import threading
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager

from worker.health.assessment import CheckFacts

EVERY_S = 5.0

#: Answers what is wrong in words, None if nothing is; what it raises counts by its class.
Ask = Callable[[], str | None]


class Check:
    """A thread that asks periodically, so that readers never wait."""

    def __init__(
        self, name: str, ask: Ask, *, every_s: float = EVERY_S, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.facts = CheckFacts(name)
        self._ask = ask
        self._every_s = every_s
        self._clock = clock
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"check of {name}", daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._ending.set()

    def run(self) -> None:
        try:
            fault = self._ask()
        except Exception as error:  # noqa: BLE001 (whatever it is, it proves nothing)
            fault = type(error).__name__
        self.facts = CheckFacts(self.facts.name, fault, self._clock())

    def _run(self) -> None:
        while not self._ending.is_set():
            self.run()
            self._ending.wait(self._every_s)


@contextmanager
def checking(asks: Mapping[str, Ask]) -> Generator[Callable[[], list[CheckFacts]]]:
    """Run these checks while the block runs; their last answers can be read from any thread."""
    checks = [Check(name, ask) for name, ask in asks.items()]
    try:
        yield lambda: [check.facts for check in checks]
    finally:
        for check in checks:
            check.close()
