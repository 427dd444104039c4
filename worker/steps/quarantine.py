"""Suspects of one process run one after another, so that its death makes only one of them guilty."""

from collections.abc import Generator
from contextlib import contextmanager
from threading import Lock

#: How long a suspect waits for another one to end; a provider that does not answer must not stop intake.
PATIENCE_S = 2.0


class Solitude:
    """Mutual exclusion of the suspects in a process.

    Without it every innocent that runs beside the culprit is counted at each death, and is poison as soon as that is.
    """

    def __init__(self, patience_s: float = PATIENCE_S) -> None:
        self._lock = Lock()
        self._patience_s = patience_s

    @contextmanager
    def kept(self) -> Generator[bool]:
        """Wait for it and hold it while the block runs; yield False where another holds it after `patience_s`."""
        is_kept = self._lock.acquire(timeout=self._patience_s)
        try:
            yield is_kept
        finally:
            if is_kept:
                self._lock.release()
