"""Suspects of one process run one after another, so that its death makes only one of them guilty."""

from collections.abc import Generator
from contextlib import contextmanager
from threading import Condition, Lock

#: How long a suspect waits for another one, or for what else is under way, to end; a provider that does not answer must
#: not stop intake.
PATIENCE_S = 2.0
#: How long others wait for a suspect that is judged: a run takes milliseconds, and one that hangs kills nobody.
JUDGED_S = 5.0


class Solitude:
    """Mutual exclusion of the suspects in a process, and for one of them of everything else that may kill it.

    Without it every innocent that runs beside the culprit is counted at each death, and is poison as soon as that is.
    """

    def __init__(self, patience_s: float = PATIENCE_S, judged_s: float = JUDGED_S) -> None:
        self._lock = Lock()
        self._patience_s, self._judged_s = patience_s, judged_s
        self._changed = Condition()
        self._beside = 0
        #: Whether nothing may begin beside a suspect now.
        self.is_empty = False

    @contextmanager
    def kept(self) -> Generator[bool]:
        """Wait for it and hold it while the block runs; yield False where another holds it after `patience_s`."""
        is_kept = self._lock.acquire(timeout=self._patience_s)
        try:
            yield is_kept
        finally:
            if is_kept:
                self._lock.release()

    @contextmanager
    def emptied(self) -> Generator[None]:
        """Let nothing begin `beside` while the block runs, once what is under way has ended; wait `patience_s` for it.

        Only whoever keeps the solitude may empty it.
        """
        try:
            with self._changed:
                self.is_empty = True
                self._changed.wait_for(lambda: not self._beside, self._patience_s)
            yield
        finally:
            with self._changed:
                self.is_empty = False
                self._changed.notify_all()

    @contextmanager
    def beside(self) -> Generator[None]:
        """Do what is no suspect, but not beside a suspect that is judged by its run, unless that takes long."""
        with self._changed:
            self._changed.wait_for(lambda: not self.is_empty, self._judged_s)
            self._beside += 1
        try:
            yield
        finally:
            with self._changed:
                self._beside -= 1
                self._changed.notify_all()
