"""Measure for operators what waits in the ledger and in the queues, every few seconds, and the balances, seldom."""

import threading
from collections.abc import Mapping
from decimal import Decimal

from schedules.background_thread import BackgroundThread
from worker.amqp.connection import CONNECTION_ERRORS
from worker.amqp.publisher import Publisher
from worker.amqp.topology import QUEUES
from worker.bootstrap import alert
from worker.core.lanes import LANES
from worker.health import metrics
from worker.logs.setup import log
from worker.steps.alerts.record_balance import record_balance
from worker.store.accounts import accounts
from worker.store.accounts.sealed_places import token_of
from worker.store.accounts.secrets import Seal
from worker.store.db.postgres import Pool, clock, transaction
from worker.store.monitoring import ledger_status
from worker.store.outcomes import outbox
from worker.turbosms.balance import balance_of
from worker.turbosms.client import TurboSms

ANSWER_S = 5.0
#: One account's balance; there is nobody whom a slow answer would help.
BALANCE_S = 5.0


def look(pool: Pool, publisher: Publisher) -> None:
    """Show the ledger and the queues as gauges; clear what cannot be read."""
    try:
        with transaction(pool) as connection:
            now = clock(connection)
            standings = ledger_status.look(connection, LANES, now=now)
            counted, since = outbox.count(connection), outbox.waiting_since(connection)
    except Exception:
        metrics.clear_account_gauges()
        raise
    metrics.show(standings)
    metrics.set_all(metrics.OUTCOMES_WAITING, counted)
    metrics.set_all(metrics.OUTCOMES_OLDEST, {account: (now - at).total_seconds() for account, at in since.items()})
    metrics.set_all(metrics.QUEUE, depths(publisher))


def depths(publisher: Publisher) -> Mapping[str, int]:
    try:
        return {queue: answer.result(ANSWER_S) for queue, answer in [(q, publisher.depth(q)) for q in QUEUES]}
    except (*CONNECTION_ERRORS, TimeoutError):
        return {}


class Balances:
    def __init__(self, pool: Pool, seal: Seal, provider: TurboSms, ending: threading.Event) -> None:
        self._pool = pool
        self.seal = seal
        self._provider = provider
        self._logged: dict[str, str] = {}
        self.ask = BackgroundThread("balances", self._ask_all, ending).ask

    def _ask_all(self) -> None:
        with transaction(self._pool) as connection:
            tokens = accounts.sealed_tokens(connection)
        balances, faults, hours = dict[str, float](), dict[str, str](), dict[str, float]()
        for account, token in tokens.items():
            opened = self.seal.opened_or_none(token, token_of(account))
            if opened is None:
                continue
            answer = balance_of(self._provider.balance(token=opened))
            if isinstance(answer, str):
                faults[account] = answer
            else:
                balances[account] = float(answer)
                if (left := self._record(account, answer)) is not None:
                    hours[account] = left
        metrics.set_all(metrics.BALANCE, balances)
        metrics.set_all(metrics.BALANCE_HOURS, hours)
        for account, reason in faults.items():
            if account not in self._logged:
                log.warning("balance.unknown", account=account, reason=reason)
        self._logged = faults

    def _record(self, account: str, balance: Decimal) -> float | None:
        try:
            recorded = record_balance(self._pool, account, balance)
        except Exception as error:  # noqa: BLE001 (PostgreSQL is away, or fails: the figure itself is shown all the same)
            log.warning("balance.unsaved", account=account, exc_info=error)
            return None
        for event, facts in recorded.alerts:
            alert(event, facts)
        return recorded.hours
