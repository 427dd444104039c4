"""Every metric, its labels, and who fills it.

Counters and histograms count what the steps did; gauges show what a scheduler saw at its last look.
No label holds more than what is listed here or is in `accounts`: never a phone, a text, or the id of a person or a
row.
"""

from collections.abc import Iterable, Mapping
from functools import cache, partial
from itertools import product

import prometheus_client
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info, ProcessCollector
from prometheus_client.exposition import choose_encoder

from worker.core.contract.event_types import SECTIONS
from worker.core.contract.record_statuses import STATUSES
from worker.core.lanes import LANES
from worker.core.reminders.date_warnings import ENTRIES_QUARANTINED
from worker.core.sending.notification_states import MOVES, TO_SEND
from worker.core.sending.send_result import OUTCOME_CLASSES
from worker.core.spending.alert import TEXTS
from worker.health.report import VERSION
from worker.steps.effects import Answered, Departed, Measured, Moved, Posted, Receipts, Waited
from worker.steps.ingest.plan import Accepted
from worker.steps.receipts.callbacks import CALLBACK_OUTCOMES
from worker.store.monitoring.ledger_status import AGES, LedgerStatus
from worker.turbosms.reports import OUTCOMES as POLLED

# Each process registers what it fills.
gauge, counter = partial(Gauge, registry=None), partial(Counter, registry=None)
histogram = partial(Histogram, registry=None)

QUEUE = gauge("sms_queue_messages", "Messages ready in a queue.", ["queue"])
WAITING = gauge(
    "sms_waiting_rows", "Notifications that wait or are on their way; counted up to 50,000.", ["lane", "state"]
)
OLDEST = gauge(
    "sms_oldest_row_age_seconds",
    "How long the oldest notification has waited that is due and whose account may send.",
    ["lane"],
)
PAUSED = gauge(
    "sms_accounts_paused",
    "Paused accounts; under `runaway` those with a paused trigger or person.",
    ["reason"],
)
BREAKERS = gauge("sms_circuit_breakers_open", "Accounts whose circuit breaker is open because the provider fails.")
DEAD = gauge("sms_dead_letters", "Open dead letters by their age; counted up to 50,000.", ["age"])
LAG = gauge("sms_scheduler_lag_seconds", "How late a task of the timetable is, or was at its last run.", ["task"])
BALANCE = gauge("sms_balance", "Money of an account in UAH, as last reported by TurboSMS.", ["account"])
BALANCE_HOURS = gauge(
    "sms_balance_hours",
    "How long an account's money lasts, spent as in the last day or hours; only where it is spent.",
    ["account"],
)

RECEIPT_LAG = gauge("sms_receipt_lag_seconds", "How late TurboSMS was asked for the first due message.")

SEEN = (QUEUE, WAITING, OLDEST, PAUSED, BREAKERS, DEAD, LAG, BALANCE, BALANCE_HOURS, RECEIPT_LAG)


def show(status: LedgerStatus) -> None:
    for lane in LANES:
        OLDEST.labels(lane).set(status.oldest_s.get(lane, 0.0))
        for state in TO_SEND:
            WAITING.labels(lane, state).set(status.waiting.get((lane, state), 0))
    for age in AGES:
        DEAD.labels(age).set(status.dead.get(age, 0))
    set_all(PAUSED, status.paused)
    BREAKERS.set(status.breakers)


def set_all(metric: Gauge, figures: Mapping[str, float]) -> None:
    """Show these figures by their label, and none of before."""
    metric.clear()
    for label, figure in figures.items():
        metric.labels(label).set(figure)


def clear_account_gauges() -> None:
    """Clear gauges that are unknown now: old figures would lie."""
    for metric in (QUEUE, WAITING, OLDEST, PAUSED, DEAD, OUTCOMES_WAITING, OUTCOMES_OLDEST):
        metric.clear()
    BREAKERS.set(float("nan"))


prometheus_client.disable_created_metrics()

MINUTES = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900)
CALL = (0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20)

EVENTS = counter("sms_events", "Events settled.", ["outcome"])
VALUES = counter("sms_values_adjusted", "Values that were cleaned, or cut, for a text.", ["how"])
GIVEN_UP = counter(
    "sms_fields_given_up",
    "Fields and people of events that could not be read and were done without, by the part of `data`.",
    ["section"],
)
STATUSES_UNKNOWN = counter("sms_statuses_unknown", "Events whose record has a status that no rule knows.", ["kind"])
NOTIFICATIONS = counter("sms_notifications", "Moves of notifications into a state.", ["state", "lane"])
ATTEMPTS = counter("sms_attempts", "POSTs of attempts, by the class of the answer.", ["outcome"])
EVENT_TO_POST = histogram(
    "sms_event_to_post_seconds",
    "From the acceptance of an event to the first POST of its text, where nothing but the pace made it wait.",
    ["lane"],
    buckets=MINUTES,
)
RATE_WAITS = counter("sms_rate_waits", "POSTs that had to wait for their account's pace.", ["lane"])
RATE_WAIT = histogram(
    "sms_rate_wait_seconds",
    "How long a POST is to wait for its account's pace, once it asks.",
    ["lane"],
    buckets=MINUTES,
)
POST = histogram("sms_post_seconds", "Calls of the provider, answered or not.", buckets=CALL)
RECEIPTS = counter("sms_receipts", "Receipts of messages, by the way they came and their outcome.", ["way", "outcome"])

UNSETTLED = gauge(
    "sms_unsettled_seconds",
    "How long a worker has settled nothing of a queue while it held deliveries.",
    ["queue"],
)

ALERTS = counter("sms_alerts", "Alerts, by the event of their log line.", ["event"])

OUTCOMES = counter(
    "sms_outcomes",
    "Outcomes for CRMs: published; refused by a queue, tried again; dropped, too old; gone, unwanted; broken, a fault.",
    ["result"],
)
OUTCOMES_WAITING = gauge(
    "sms_outcomes_waiting", "Outcomes of an account that wait to be published; counted up to 10,000.", ["account"]
)
OUTCOMES_OLDEST = gauge(
    "sms_outcomes_oldest_seconds", "How long the oldest outcome of an account has waited to be published.", ["account"]
)

CALLBACKS = counter("sms_callbacks", "Callbacks of TurboSMS, by our answer.", ["answer"])
CALLBACK = histogram("sms_callback_seconds", "From a callback's first byte to its answer.", buckets=CALL)

API = counter("sms_api_requests", "Requests to the API, by operation and status.", ["operation", "status"])
API_REQUEST = histogram("sms_api_request_seconds", "From an API request's head to its answer.", buckets=CALL)

# To find the series of a label costs as much as to count in it.
notifications, attempts = cache(NOTIFICATIONS.labels), cache(ATTEMPTS.labels)
event_to_post, rate_wait = cache(EVENT_TO_POST.labels), cache(RATE_WAIT.labels)

UNOPENED = gauge("sms_secret_key_unopened", "Sealed things that SMS_SECRET_KEY does not open.")

INFO = Info("sms_process", "Which process this is.", registry=None)

COMMON = (ALERTS, UNOPENED, INFO)
ARRIVING = (EVENTS, VALUES, GIVEN_UP, STATUSES_UNKNOWN)
WORKER = (*ARRIVING, NOTIFICATIONS, ATTEMPTS, EVENT_TO_POST, RATE_WAITS, RATE_WAIT, POST, UNSETTLED, *COMMON)
SCHEDULER = (NOTIFICATIONS, *SEEN, RECEIPTS, OUTCOMES, OUTCOMES_WAITING, OUTCOMES_OLDEST, *COMMON)

CONSOLE = (CALLBACKS, CALLBACK, API, API_REQUEST, RECEIPTS, NOTIFICATIONS, *COMMON)
#: What has not happened yet is shown as zero, so that the first time is seen as a rise: by the names of each label.
FROM_ZERO: tuple[tuple[Counter | Histogram, tuple[Iterable[str], ...]], ...] = (
    (EVENTS, (("accepted", "repeated", "refused"),)),
    (VALUES, (("cleaned", "cut"),)),
    (GIVEN_UP, (SECTIONS,)),
    (STATUSES_UNKNOWN, (STATUSES,)),
    (ATTEMPTS, (OUTCOME_CLASSES,)),
    (OUTCOMES, (("published", "refused", "dropped", "gone", "broken"),)),
    (ALERTS, ((*TEXTS, ENTRIES_QUARANTINED),)),
    *((metric, (LANES,)) for metric in (EVENT_TO_POST, RATE_WAITS, RATE_WAIT)),
    (NOTIFICATIONS, (MOVES, LANES)),
    (RECEIPTS, (["callback"], CALLBACK_OUTCOMES)),
    (RECEIPTS, (["poll"], POLLED)),
)
ROLES = {"worker": WORKER, "scheduler": SCHEDULER, "console": CONSOLE}


def registry_of(role: str) -> CollectorRegistry:
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    for metric in ROLES[role]:
        registry.register(metric)
    INFO.info({"role": role, "version": VERSION})
    begin()
    return registry


def exposition(registry: CollectorRegistry, accept: str) -> tuple[str, bytes]:
    encode, content_type = choose_encoder(accept)
    return content_type, encode(registry)


def begin() -> None:
    for metric, labels in FROM_ZERO:
        for values in product(*labels):
            metric.labels(*values)


def begin_callbacks(answers: Iterable[str]) -> None:
    for answer in answers:
        CALLBACKS.labels(answer)


def begin_api_requests(operations: Iterable[str]) -> None:
    """Show as zero what an alert counts; what else is answered needs no rise from zero."""
    for operation, status in product(operations, ("500", "503")):
        API.labels(operation, status)


def count_callback(answer: str, took_s: float) -> None:
    CALLBACKS.labels(answer).inc()
    CALLBACK.observe(took_s)


def count_outcomes(**results: int) -> None:
    for result, outcomes in results.items():
        OUTCOMES.labels(result).inc(outcomes)


def count_api_request(operation: str, status: int, took_s: float) -> None:
    API.labels(operation, str(status)).inc()
    API_REQUEST.observe(took_s)


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
