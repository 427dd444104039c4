"""Every metric, its labels, and who fills it.

Counters and histograms count what the steps did; gauges show what a scheduler saw at its last look.
No label holds more than what is listed here or is in `accounts`: never a phone, a text, or the id of a person or a
row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from itertools import product

import prometheus_client
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info, ProcessCollector
from prometheus_client.exposition import choose_encoder

from worker.core.contract.event_types import SECTIONS
from worker.core.contract.record_statuses import STATUSES
from worker.core.lanes import LANES
from worker.core.reminders.date_warnings import ENTRIES_QUARANTINED
from worker.core.sending.notification_states import MOVES
from worker.core.sending.send_result import OUTCOME_CLASSES
from worker.core.spending.alert import TEXTS
from worker.health.report import VERSION
from worker.steps.effects import Answered, Departed, Measured, Moved, Posted, Receipts, Waited
from worker.steps.ingest.plan import Accepted
from worker.steps.receipts.callbacks import CALLBACK_OUTCOMES
from worker.store.monitoring.ledger_status import AGES, WAITING_STATES, LedgerStatus
from worker.turbosms.reports import OUTCOMES as POLLED

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
BREAKERS = Gauge("sms_circuit_breakers_open", "Accounts whose provider is left alone because it fails.", registry=None)
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


def show(status: LedgerStatus) -> None:
    for lane in LANES:
        OLDEST.labels(lane).set(status.oldest_s.get(lane, 0.0))
        for state in WAITING_STATES:
            WAITING.labels(lane, state).set(status.waiting.get((lane, state), 0))
    for age in AGES:
        DEAD.labels(age).set(status.dead.get(age, 0))
    PAUSED.clear()
    for reason, accounts in status.paused.items():
        PAUSED.labels(reason).set(accounts)
    BREAKERS.set(status.breakers)


def show_queues(depths: Mapping[str, int]) -> None:
    QUEUE.clear()
    for queue, messages in depths.items():
        QUEUE.labels(queue).set(messages)


def clear_account_gauges() -> None:
    """Clear gauges that are unknown now: old figures would lie."""
    for labelled in (QUEUE, WAITING, OLDEST, PAUSED, DEAD):
        labelled.clear()
    BREAKERS.set(float("nan"))


def show_balances(balances: Mapping[str, float], hours: Mapping[str, float]) -> None:
    for gauge, figures in ((BALANCE, balances), (BALANCE_HOURS, hours)):
        gauge.clear()
        for account, figure in figures.items():
            gauge.labels(account).set(figure)


def show_lag(task: str, lag: Callable[[], float]) -> None:
    LAG.labels(task).set_function(lag)


prometheus_client.disable_created_metrics()

MINUTES = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900)
CALL = (0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20)

# What a worker counts and times. Nothing is registered here: each process shows what it fills.
EVENTS = Counter("sms_events", "Events settled.", ["outcome"], registry=None)
VALUES = Counter("sms_values_adjusted", "Values that were cleaned, or cut, for a text.", ["how"], registry=None)
GIVEN_UP = Counter(
    "sms_fields_given_up",
    "Fields and people of events that could not be read and were done without, by the part of `data`.",
    ["section"],
    registry=None,
)
STATUSES_UNKNOWN = Counter(
    "sms_statuses_unknown", "Events whose record has a status that no rule knows.", ["kind"], registry=None
)
NOTIFICATIONS = Counter("sms_notifications", "Moves of notifications into a state.", ["state", "lane"], registry=None)
ATTEMPTS = Counter("sms_attempts", "POSTs of attempts, by the class of the answer.", ["outcome"], registry=None)
EVENT_TO_POST = Histogram(
    "sms_event_to_post_seconds",
    "From the acceptance of an event to the first POST of its text, where nothing but the pace made it wait.",
    ["lane"],
    buckets=MINUTES,
    registry=None,
)
RATE_WAITS = Counter("sms_rate_waits", "POSTs that had to wait for their account's pace.", ["lane"], registry=None)
RATE_WAIT = Histogram(
    "sms_rate_wait_seconds",
    "How long a POST is to wait for its account's pace, once it asks.",
    ["lane"],
    buckets=MINUTES,
    registry=None,
)
POST = Histogram("sms_post_seconds", "Calls of the provider, answered or not.", buckets=CALL, registry=None)
RECEIPTS = Counter(
    "sms_receipts", "What was told of messages, by its way and what it came to.", ["way", "outcome"], registry=None
)

UNSETTLED = Gauge(
    "sms_unsettled_seconds",
    "How long a worker has settled nothing of a queue while deliveries of it lay there.",
    ["queue"],
    registry=None,
)

# What worker and scheduler tell.
ALERTS = Counter("sms_alerts", "What an operator was told at once, by its log line's event.", ["event"], registry=None)

# What a console counts and times.
CALLBACKS = Counter("sms_callbacks", "Callbacks of TurboSMS, by what they were answered.", ["answer"], registry=None)
CALLBACK = Histogram("sms_callback_seconds", "From a callback's first byte to its answer.", buckets=CALL, registry=None)

# To find the series of a label costs as much as to count in it.
notifications, attempts = cache(NOTIFICATIONS.labels), cache(ATTEMPTS.labels)
event_to_post, rate_wait = cache(EVENT_TO_POST.labels), cache(RATE_WAIT.labels)

UNOPENED = Gauge("sms_secret_key_unopened", "Sealed things that SMS_SECRET_KEY does not open.", registry=None)

INFO = Info("sms_process", "Which process this is.", registry=None)

#: Of every process.
COMMON = (ALERTS, UNOPENED, INFO)
ARRIVING = (EVENTS, VALUES, GIVEN_UP, STATUSES_UNKNOWN)
WORKER = (*ARRIVING, NOTIFICATIONS, ATTEMPTS, EVENT_TO_POST, RATE_WAITS, RATE_WAIT, POST, UNSETTLED, *COMMON)
SCHEDULER = (NOTIFICATIONS, *SEEN, RECEIPTS, *COMMON)

CONSOLE = (CALLBACKS, CALLBACK, RECEIPTS, NOTIFICATIONS, *COMMON)
#: Counters of one label each, and the names that it has from the start.
FROM_ZERO: tuple[tuple[Counter, Iterable[str]], ...] = (
    (EVENTS, ("accepted", "repeated", "refused")),
    (VALUES, ("cleaned", "cut")),
    (GIVEN_UP, SECTIONS),
    (STATUSES_UNKNOWN, STATUSES),
    (ATTEMPTS, OUTCOME_CLASSES),
    (ALERTS, (*TEXTS, ENTRIES_QUARANTINED)),
)
ROLES = {"worker": WORKER, "scheduler": SCHEDULER, "console": CONSOLE}


def registry_of(role: str) -> CollectorRegistry:
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    for metric in ROLES[role]:
        registry.register(metric)
    INFO.info({"role": role, "version": VERSION})
    begin()
    begin_receipts()
    return registry


def exposition(registry: CollectorRegistry, accept: str) -> tuple[str, bytes]:
    encode, content_type = choose_encoder(accept)
    return content_type, encode(registry)


def begin() -> None:
    """Show zeros for what has not happened yet, so that the first time is seen as a rise."""
    for counter, names in FROM_ZERO:
        for name in names:
            counter.labels(name)
    for lane in LANES:
        for labelled in (EVENT_TO_POST, RATE_WAITS, RATE_WAIT):
            labelled.labels(lane)
        for state in MOVES:
            NOTIFICATIONS.labels(state, lane)


def begin_callbacks(answers: Iterable[str]) -> None:
    for answer in answers:
        CALLBACKS.labels(answer)


def count_callback(answer: str, took_s: float) -> None:
    CALLBACKS.labels(answer).inc()
    CALLBACK.observe(took_s)


def begin_receipts() -> None:
    for way, outcome in [*product(["callback"], CALLBACK_OUTCOMES), *product(["poll"], POLLED)]:
        RECEIPTS.labels(way, outcome)


def count_events(accepted: Accepted) -> None:
    for outcome, events in (
        ("accepted", accepted.events),
        ("repeated", accepted.repeats),
        ("refused", accepted.refused),
    ):
        EVENTS.labels(outcome).inc(events)
    VALUES.labels("cleaned").inc(accepted.cleaned)
    VALUES.labels("cut").inc(accepted.cut)
    for misread in accepted.misread:
        (STATUSES_UNKNOWN if misread.is_status else GIVEN_UP).labels(misread.section).inc()
    measure(accepted.measured)


def measure(measured: Iterable[Measured]) -> None:
    for item in measured:
        match item:
            case Moved(lane=lane, state=state, rows=rows):
                notifications(state, lane).inc(rows)
            case Answered(outcome=outcome):
                attempts(outcome).inc()
            case Posted(took_s=took_s):
                POST.observe(took_s)
            case Departed(lane=lane, after_s=after_s):
                event_to_post(lane).observe(max(0.0, after_s))
            case Waited(lane=lane, seconds=seconds):
                measure_wait(lane, seconds)
            case Receipts(way=way, outcome=outcome, receipts=receipts):
                RECEIPTS.labels(way, outcome).inc(receipts)


def measure_wait(lane: str, seconds: float) -> None:
    rate_wait(lane).observe(seconds)
    if seconds > 0:
        RATE_WAITS.labels(lane).inc()


def count_alert(event: str) -> None:
    ALERTS.labels(event).inc()


def show_unopened(count: Callable[[], float]) -> None:
    UNOPENED.set_function(count)


def show_unsettled(queue: str, seconds: Callable[[], float]) -> None:
    UNSETTLED.labels(queue).set_function(seconds)
