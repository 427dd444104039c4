"""What a scheduler sees at one look and shows."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from prometheus_client import Gauge

from worker.steps.upkeep.sweeper import LANES
from worker.store.monitoring.ledger_status import AGES, WAITING_STATES, Standings

QUEUE = Gauge("sms_queue_messages", "Messages ready in a queue.", ["queue"], registry=None)
WAITING = Gauge(
    "sms_waiting_rows",
    "Notifications that wait or are on their way; counted up to 50,000.",
    ["lane", "state"],
    registry=None,
)
OLDEST = Gauge(
    "sms_oldest_row_age_seconds",
    "How long the first of those notifications has waited whose moment has come and whose account may send.",
    ["lane"],
    registry=None,
)
PAUSED = Gauge(
    "sms_accounts_paused",
    "Accounts that stand still; under `runaway` those a trigger or person of which was stopped.",
    ["reason"],
    registry=None,
)
BREAKERS = Gauge("sms_breakers_open", "Accounts whose provider is left alone because it fails.", registry=None)
DEAD = Gauge("sms_dead_letters", "Open dead letters by their age; counted up to 50,000.", ["age"], registry=None)
LAG = Gauge(
    "sms_scheduler_lag_seconds", "How late a task of the timetable is or was at its last turn.", ["task"], registry=None
)
BALANCE = Gauge("sms_balance", "Money of an account in UAH, as last told by TurboSMS.", ["account"], registry=None)
BALANCE_HOURS = Gauge(
    "sms_balance_hours",
    "How long an account's money lasts, spent as in the last day or hours; only where it is spent.",
    ["account"],
    registry=None,
)

RECEIPT_LAG = Gauge("sms_receipt_lag_seconds", "How late TurboSMS was asked for the first due message.", registry=None)

SEEN = (QUEUE, WAITING, OLDEST, PAUSED, BREAKERS, DEAD, LAG, BALANCE, BALANCE_HOURS, RECEIPT_LAG)


def show(standings: Standings) -> None:
    """What stands in the ledger now."""
    for lane in LANES:
        OLDEST.labels(lane).set(standings.oldest_s.get(lane, 0.0))
        for state in WAITING_STATES:
            WAITING.labels(lane, state).set(standings.waiting.get((lane, state), 0))
    for age in AGES:
        DEAD.labels(age).set(standings.dead.get(age, 0))
    PAUSED.clear()
    for reason, accounts in standings.paused.items():
        PAUSED.labels(reason).set(accounts)
    BREAKERS.set(standings.breakers)


def show_queues(depths: Mapping[str, int]) -> None:
    """How deep the queues are; those that RabbitMQ does not tell of are shown by nobody."""
    QUEUE.clear()
    for queue, messages in depths.items():
        QUEUE.labels(queue).set(messages)


def forget_standings() -> None:
    """Nobody knows how things stand: figures of before would lie."""
    for labelled in (QUEUE, WAITING, OLDEST, PAUSED, DEAD):
        labelled.clear()
    BREAKERS.set(float("nan"))


def show_balances(balances: Mapping[str, float], hours: Mapping[str, float]) -> None:
    """Money of every account that TurboSMS told of, and how many hours it lasts where that can be told."""
    for gauge, told in ((BALANCE, balances), (BALANCE_HOURS, hours)):
        gauge.clear()
        for account, figure in told.items():
            gauge.labels(account).set(figure)


def show_lag(task: str, lag: Callable[[], float]) -> None:
    """Ask this, whenever somebody looks, how late a task is."""
    LAG.labels(task).set_function(lag)
