"""`perfectum-sms` for tests, forked from one process that has imported it: `python -m tests.pipeline.processes`.

Each test has two or three of them, and importing costs each more processor time than all that it does.
"""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from itertools import count
from pathlib import Path

from tests.faults.harness.nursery import Birth, News, Nursery, serve
from tests.support.waiting import PATIENCE_S
from worker.cli import main
from worker.cli.lazy_commands import COMMANDS, loaded

NUMBERS = count(1)


class Process:
    """A process, with the methods of `subprocess.Popen`."""

    def __init__(self, nursery: Nursery, command: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
        self._started, self._ended = threading.Event(), threading.Event()
        self._pid = self._code = 0
        name = f"process{next(NUMBERS)}"
        nursery.listeners[name] = self._on_news
        nursery.fork(Birth(f"{name}/", command[0], command[1:], environment, str(log)))

    @property
    def pid(self) -> int:
        assert self._started.wait(PATIENCE_S), "the nursery forks nothing"
        return self._pid

    def poll(self) -> int | None:
        """Its code (negative: the signal), or None while it runs."""
        return self._code if self._ended.is_set() else None

    def wait(self, timeout: float | None = None) -> int:
        if not self._ended.wait(timeout):
            raise subprocess.TimeoutExpired(str(self._pid), timeout or 0)
        return self._code

    def send_signal(self, number: signal.Signals) -> None:
        pid = self.pid
        with suppress(ProcessLookupError):  # it has just ended, and is reported later
            if self.poll() is None:
                os.kill(pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def _on_news(self, news: News) -> None:
        self._pid = news.pid
        self._started.set()
        if news.code is not None:
            self._code = news.code
            self._ended.set()


def run(command: str, arguments: Sequence[str]) -> int:
    """Be `perfectum-sms`, after what the test wants done first; the answer is its exit code."""
    exec(os.environ.get("TESTS_FIRST", ""), {})  # noqa: S102 (the test's own words)
    sys.argv = ["perfectum-sms", command, *arguments]
    try:
        main()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0


if __name__ == "__main__":
    for each in COMMANDS:
        loaded(each)
    sys.exit(serve(run, leave=sys.exit))
