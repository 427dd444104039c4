"""What became of messages, asked for beside the timetable."""

import threading
from collections.abc import Callable, Mapping

from schedules.background_thread import BackgroundThread
from worker.health.metrics import RECEIPT_LAG
from worker.logs.setup import log
from worker.steps.receipts.poll import Collected, Collector, collect


class Collection:
    """Polls receipts while some are due and `may_ask` allows it."""

    def __init__(
        self, collector: Collector, ending: threading.Event, may_ask: Callable[[], bool] = lambda: True
    ) -> None:
        self._collector = collector
        self._ending = ending
        self._may_ask = may_ask
        self._faults: Mapping[str, str | None] = {}
        self._unknown = set[str]()
        self.ask = BackgroundThread("receipts", self._ask_all, ending).ask

    def _ask_all(self) -> None:
        is_full = True
        while is_full and self._may_ask() and not self._ending.is_set():
            collected = collect(self._collector)
            is_full = collected.is_full
            self._log_poll(collected)

    def _log_poll(self, collected: Collected) -> None:
        RECEIPT_LAG.set(collected.lag.total_seconds())
        if collected.messages:
            log.info("receipts.polled", messages=collected.messages)
        for account, fault in collected.faults.items():
            if fault and fault != self._faults.get(account):
                log.warning("receipts.unanswered", account=account, reason=fault)
        self._faults = {**self._faults, **collected.faults}
        for status in sorted(collected.unknown - self._unknown):
            log.warning("receipt.unknown_status", status=status)
        self._unknown |= collected.unknown
