"""`perfectum-sms occurrences`: due moments of records, and what became of each."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Literal

import typer

from worker.cli.account_argument import insist_on_account
from worker.cli.connections import ledger
from worker.cli.terminal import AsJson, show
from worker.store.reminders.occurrences import OccurrenceSummary, list_occurrences

State = Literal["pending", "published", "missed", "cancelled"]


def occurrences(
    *,
    account: Annotated[str | None, typer.Option("--account", "-a", help="Only this account's.")] = None,
    state: Annotated[State | None, typer.Option(help="Only those in this state.")] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=10_000, help="How many.")] = 30,
    as_json: AsJson = False,
) -> None:
    """The newest due moments of records: meetings, bookings, birthdays, last days, reminders.

    One that is `published` became an event, see `perfectum-sms event list`. One that is `missed` came too late
    (no scheduler ran, or RabbitMQ was away), or the next one of its record was due at the same time (`overtaken`). One
    that is `cancelled` was not true any more.

    - `perfectum-sms occurrences --account demo`
    - `perfectum-sms occurrences --state missed --json`
    """
    with ledger() as connection:
        if account is not None:
            insist_on_account(connection, account)
        results = list_occurrences(connection, account=account, state=state, limit=limit)
    rows = [asdict(occurrence) if as_json else summary(occurrence) for occurrence in results]
    show(rows, as_json=as_json, empty="Nothing was due yet. The calendar fills with events such as meeting.saved.")


def summary(occurrence: OccurrenceSummary) -> dict[str, object]:
    return {
        "due": occurrence.due_at,
        "account": occurrence.account,
        "trigger": occurrence.rule,
        "record": occurrence.record_id,
        "speaks_of": occurrence.slot,
        "minutes_before": occurrence.offset_minutes,
        "state": occurrence.state,
        "reason": occurrence.reason,
        "published": occurrence.published_at,
    }
