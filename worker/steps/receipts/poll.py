"""Receipts that did not come by themselves are asked for: leased, then a hundred in one question."""

import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from worker.core.accounts.account import Account
from worker.core.clock.timeouts import ASK_LEASE
from worker.core.sending import rate_limiter as pacing
from worker.steps.effects import Measure, unmeasured
from worker.steps.receipts.lease_polls import Batch, claim
from worker.steps.receipts.record_poll import write
from worker.steps.sending.post import OnAlert
from worker.store.accounts.configuration import ConfigurationCache
from worker.store.accounts.sealed_places import token_of
from worker.store.accounts.secrets import Seal
from worker.store.db.postgres import Connection, Pool, clock, committed
from worker.store.sending import rate_limiter
from worker.turbosms.client import TurboSms
from worker.turbosms.reports import Reports, question, reports_of

AT_ONCE = 4
LIMIT = 1_000
NOTHING = Reports()


@dataclass(frozen=True, slots=True)
class Collector:
    pool: Pool
    cache: ConfigurationCache
    provider: TurboSms
    seal: Seal
    on_alert: OnAlert
    measure: Measure = unmeasured


@dataclass(frozen=True, slots=True)
class Asked:
    account: str
    messages: int = 0
    reports: Reports = NOTHING


@dataclass(frozen=True, slots=True)
class Collected:
    """One round of polling.

    Attributes:
        lag: how late the first message was.
        is_full: there may be more at once.
        faults: why an account got no answer; None where it did.
        unknown: statuses outside the provider's list.
    """

    messages: int
    lag: timedelta
    is_full: bool
    faults: Mapping[str, str | None]
    unknown: frozenset[str]


def collect(collector: Collector, *, limit: int = LIMIT) -> Collected:
    """Poll due messages and record the answers.

    What is not begun within half of the lease is left to whoever comes when that is over.
    """
    began = time.monotonic()
    claimed = committed(collector.pool, partial(claim, collector.cache, limit))
    collector.measure(claimed.measured)
    until = began + (ASK_LEASE / 2).total_seconds()
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="collect") as asking:
        asked = list(asking.map(partial(ask_for, collector, until), claimed.batches))
    return Collected(
        messages=sum(item.messages for item in asked),
        lag=claimed.lag,
        is_full=claimed.count >= limit,
        faults={item.account: item.reports.fault for item in asked if item.messages},
        unknown=frozenset(status for item in asked for status in item.reports.unknown),
    )


def ask_for(collector: Collector, until: float, batch: Batch) -> Asked:
    """Ask for one batch, unless it is too late, the token does not open or the account has no room.

    What is not asked for comes again when its lease is over, to whoever has it then.
    """
    token = collector.seal.opened_or_none(batch.token, token_of(batch.account.id))
    if time.monotonic() > until or token is None:
        return Asked(batch.account.id)
    wait = committed(collector.pool, partial(book, batch.account))
    if wait is None:
        return Asked(batch.account.id)
    time.sleep(wait.total_seconds())
    reports = ask(collector, batch, token)
    answered = committed(collector.pool, partial(write, batch, reports))
    collector.measure(answered.measured)
    for event, facts in answered.alerts:
        collector.on_alert(event, facts)
    return Asked(batch.account.id, len(batch.messages), reports)


def book(account: Account, connection: Connection) -> timedelta | None:
    now = clock(connection)
    booked = pacing.reserve_query(rate_limiter.lock(connection, account.id), account.rate, now=now)
    if booked is None:
        return None
    at, pace = booked
    rate_limiter.save(connection, account.id, pace)
    return at - now


def ask(collector: Collector, batch: Batch, token: str) -> Reports:
    """Ask for details, which hold everything, or else for the status."""
    messages = batch.messages
    body = question(messages)
    reports = reports_of(collector.provider.details(body, token=token), messages)
    if reports.is_refused:
        return reports_of(collector.provider.status(body, token=token), messages)
    return reports
