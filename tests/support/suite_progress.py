"""How far a part of the suite is, where `make test` shows it at once: pytest's own output comes at the end."""

import os
import time

import pytest

OFTEN_S = 20.0


class Progress:
    """Write a line when a part begins and ends, and now and then, to a file descriptor that the part was given."""

    def __init__(self, part: str, descriptor: int) -> None:
        self._part, self._descriptor = part, descriptor
        self._asked = self._done = self._failed = 0
        self._began = self._printed_at = time.monotonic()

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self._asked = len(session.items)
        self._print(f"{self._asked} tests begin")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self._failed += 1
            self._print(f"FAILED {report.nodeid}")
        self._done += report.when == "teardown"
        if time.monotonic() - self._printed_at > OFTEN_S:
            self._print(f"{self._done} of {self._asked}")

    def pytest_sessionfinish(self) -> None:
        failed = f", {self._failed} FAILED" if self._failed else ""
        self._print(f"ended after {time.monotonic() - self._began:.0f} s: {self._done} of {self._asked}{failed}")

    def _print(self, text: str) -> None:
        self._printed_at = time.monotonic()
        os.write(self._descriptor, f"{self._part}: {text}\n".encode())


def pytest_configure(config: pytest.Config) -> None:
    if part := os.environ.get("TESTS_PART"):
        config.pluginmanager.register(Progress(part, int(os.environ["TESTS_TELL"])))
