"""`perfectum-sms calendar` and `occurrences`: the moments of records that reminders go by, and what became of each."""

from dataclasses import asdict
from typing import Annotated, Literal

import typer

from worker.cli.account_argument import AccountId, insist_on_account
from worker.cli.connections import ledger
from worker.cli.template.context import open_desk
from worker.cli.terminal import AsJson, show
from worker.core.clock.quiet_hours import zone_of
from worker.core.reminders.date_warnings import CORRECTIONS
from worker.language import _
from worker.store.accounts.account_zones import account_zones
from worker.store.reminders.calendar_entries import EntrySummary, Wanted, list_entries
from worker.store.reminders.occurrences import OccurrenceSummary, list_occurrences

ENTRY_COLUMNS = ("record", "kind", "moment", "local", "zone", "reminds", "next", "detail")
OCCURRENCE_COLUMNS = (
    "record",
    "due",
    "account",
    "trigger",
    "speaks_of",
    "minutes_before",
    "state",
    "reason",
    "published",
)
RecordKind = Literal["booking", "contact", "contract", "invoice", "meeting", "proposal", "staff_reminder"]


def calendar(
    account: AccountId,
    *,
    kind: Annotated[RecordKind | None, typer.Option("--kind", "-k", help="Only of such records.")] = None,
    record: Annotated[str | None, typer.Option("--record", "-r", help="Only of the record with this id.")] = None,
    corrected: Annotated[bool, typer.Option("--corrected", help="Only what was not taken as it was written.")] = False,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=10_000, help="How many.")] = 30,
    as_json: AsJson = False,
) -> None:
    """The moments of an account's records as events gave them, what was wrong with each, and when the next reminder is.

    When that is, is a setting of each trigger: `perfectum-sms trigger show ACCOUNT meeting_reminder`.

    - `perfectum-sms calendar acme --kind booking --record 17`
    - `perfectum-sms calendar acme --corrected`
    """
    with ledger() as connection:
        zone = zone_of(open_desk(connection, account).settings.zone)
        entries = list_entries(connection, Wanted(account, kind, record, corrected, limit))
    rows = [asdict(entry) if as_json else entry_row(entry) for entry in entries]
    empty = _("Nothing here yet: events such as meeting.saved and booking.confirmed fill it.")
    show(rows, as_json=as_json, columns=ENTRY_COLUMNS, empty=empty, zones=zone)


def entry_row(entry: EntrySummary) -> dict[str, object]:
    return {
        "record": entry.record_id,
        "kind": entry.kind,
        "moment": entry.moment,
        "local": None if entry.local_at is None else format_local_time(entry),
        "zone": entry.zone or _("the account's"),
        "reminds": not entry.cancelled,
        "next": entry.next_at,
        "detail": "; ".join(_(CORRECTIONS[correction]) for correction in entry.corrections),
    }


def format_local_time(entry: EntrySummary) -> str:
    """What clocks show then; a day without an hour, a birthday without a year."""
    if entry.moment == "birthday":
        return f"{entry.local_at:%d.%m}"
    return f"{entry.local_at:%Y-%m-%d %H:%M}" if entry.moment in {"start", "date"} else f"{entry.local_at:%Y-%m-%d}"


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
        zones = account_zones(connection)
        results = list_occurrences(connection, account=account, state=state, limit=limit)
    rows = [asdict(occurrence) if as_json else occurrence_row(occurrence) for occurrence in results]
    empty = _("Nothing was due yet. The calendar fills with events such as meeting.saved.")
    show(rows, as_json=as_json, columns=OCCURRENCE_COLUMNS, empty=empty, zones=zones)


def occurrence_row(occurrence: OccurrenceSummary) -> dict[str, object]:
    return {
        "record": occurrence.record_id,
        "due": occurrence.due_at,
        "account": occurrence.account,
        "trigger": occurrence.rule,
        "speaks_of": occurrence.slot,
        "minutes_before": occurrence.offset_minutes,
        "state": occurrence.state,
        "reason": occurrence.reason,
        "published": occurrence.published_at,
    }
