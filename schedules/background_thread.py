"""Work beside the timetable, in a thread of its own: whoever is slow to answer must not delay the rest."""

import threading
from collections.abc import Callable

from worker.logs.setup import log


class BackgroundThread:
    """Run one job at a time in a thread of its own; log a failure once, as `<name>.failed`."""

    def __init__(self, name: str, run: Callable[[], object], ending: threading.Event) -> None:
        self._name = name
        self._run = run
        self._ending = ending
        self._thread: threading.Thread | None = None
        self._is_failing = False

    def ask(self) -> None:
        """Start a run unless the last one is still under way."""
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._try, name=self._name, daemon=True)
            self._thread.start()

    def _try(self) -> None:
        try:
            self._run()
        except Exception as error:  # noqa: BLE001 (it comes again; the thread's end would be a crash every time)
            if not self._is_failing and not self._ending.is_set():
                log.warning(f"{self._name}.failed", exc_info=error)
            self._is_failing = True
        else:
            self._is_failing = False
