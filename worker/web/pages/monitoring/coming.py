"""Майбутнє: which reminders the clock will set off, what they would be and cost, and the calendar of a record."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from http import HTTPStatus

from worker.core.accounts.account import Account
from worker.core.contract.event_types import KEPT
from worker.core.history.sentences.reason import words_of
from worker.core.reminders.date_warnings import CORRECTIONS
from worker.core.reminders.simulation import Foreseen, Span
from worker.core.sending.state_labels import CHANNEL_LABELS
from worker.core.triggers.catalogue import BY_ID
from worker.language import _, marked, of_pair
from worker.steps.operate.simulate import simulate
from worker.store.accounts import secrets
from worker.store.db.postgres import Connection, transaction
from worker.store.reminders import simulation
from worker.store.reminders.calendar_entries import EntrySummary, Wanted, list_entries
from worker.store.reminders.coming import Coming, coming
from worker.web.pages.forms import day_of
from worker.web.pages.page import Html, Shown, Visit, page
from worker.web.pages.service import not_found

PATH = "/a/{account}/coming"
#: Days that are shown, and at most; entries that a page goes through, for more there is the command line.
DAYS, DAYS_MAX, ENTRIES_MAX, ROWS_MAX = 7, 31, 20_000, 100
RECORD_MAX = 100
RECORD_LABELS = {
    "booking": marked("a booking"),
    "contact": marked("a contact"),
    "contract": marked("a contract"),
    "invoice": marked("an invoice"),
    "meeting": marked("a meeting"),
    "proposal": marked("a proposal"),
    "staff_reminder": marked("a colleague's reminder"),
}


@dataclass(slots=True)
class Total:
    """What a trigger would send, and not."""

    name: str
    going: int = 0
    segments: int = 0
    cost: Decimal | None = field(default_factory=Decimal)
    not_sent: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    at: datetime
    name: str
    phone: str | None
    text: str | None
    channel: str
    why: str


@dataclass(frozen=True, slots=True)
class Look:
    """What the simulated days come to; `too_many`: the calendar is too large for a page."""

    totals: Sequence[Total] = ()
    rows: Sequence[Row] = ()
    more: int = 0
    too_many: bool = False


@page("GET", PATH, may="look")
def coming_reminders(visit: Visit) -> Shown:
    errors = dict[str, str]()
    today = visit.now.astimezone(visit.zone).date()
    until = until_of(visit, today, errors)
    ends = datetime.combine(until + timedelta(days=1), time(), visit.zone)
    with transaction(visit.pool) as connection:
        configuration, _at = visit.cache.look(connection)
        account = configuration.accounts.get(visit.account)
        if account is None:
            return not_found()
        known = coming(connection, visit.account, until=ends, zone=account.zone)
        look = simulated(connection, visit, account, ends) if visit.query.has("simulate") and not errors else None
        wanted = wanted_of(visit, errors)
        entries = list_entries(connection, wanted) if wanted and not errors else []
    values = {
        "until": until,
        "days": days_of(known),
        "tonight": datetime.combine(today + timedelta(days=1), time()).strftime("%Y-%m-%dT%H:%M"),
        "look": look,
        "entries": [entry_row(entry) for entry in entries],
        "is_sought": wanted is not None,
        "kinds": [("", _("all")), *((kind, _(RECORD_LABELS[kind])) for kind in KEPT)],
        "errors": errors,
    }
    return Html("monitoring/coming.html", values, HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK)


def until_of(visit: Visit, today: date, errors: dict[str, str]) -> date:
    text = visit.query.text("until").strip()
    usual = today + timedelta(days=DAYS - 1)
    try:
        until = day_of(text) if text else usual
    except ValueError:
        errors["until"] = _("Write a day, as 2026-12-01.")
        return usual
    if not today <= until <= today + timedelta(days=DAYS_MAX):
        errors["until"] = _("Choose a day of the next {days}.", days=DAYS_MAX)
        return usual
    return until


def days_of(known: Sequence[Coming]) -> list[tuple[date, list[tuple[str, str, int]]]]:
    days = defaultdict[date, list[tuple[str, str, int]]](list)
    for item in known:
        days[item.day].append((item.trigger, label(item.trigger), item.reminders))
    return list(days.items())


def label(trigger: str) -> str:
    return BY_ID[trigger].label if trigger in BY_ID else trigger


def simulated(connection: Connection, visit: Visit, account: Account, ends: datetime) -> Look:
    """What the reminders of these days would be, as things are now."""
    if simulation.count(connection, account.id) > ENTRIES_MAX:
        return Look(too_many=True)
    span, salt = Span(visit.now, ends), secrets.salt(connection, visit.seal)
    found = [each for part in simulate(connection, account, span, salt=salt) for each in part.foreseen]
    found.sort(key=lambda each: (each.at, each.draft.trigger, each.entry.record_id, each.draft.recipient_id))
    rows = [row_of(each, sees_texts=visit.user.sees_phones) for each in found[:ROWS_MAX]]
    return Look(totals_of(found, account), rows, max(0, len(found) - ROWS_MAX))


def totals_of(found: Sequence[Foreseen], account: Account) -> list[Total]:
    totals: dict[str, Total] = {}
    for each in found:
        total = totals.setdefault(each.draft.trigger, Total(label(each.draft.trigger)))
        if not each.is_sent:
            total.not_sent += 1
            continue
        cost = each.cost(account.prices)
        total.going += 1
        total.segments += each.draft.segments
        total.cost = None if cost is None or total.cost is None else total.cost + cost
    return list(totals.values())


def row_of(each: Foreseen, *, sees_texts: bool) -> Row:
    draft = each.draft
    why = "" if each.is_sent else of_pair(words_of(draft.state, draft.reason or draft.state, {}))
    channel = _(CHANNEL_LABELS.get(draft.channel, draft.channel))
    return Row(each.at, label(draft.trigger), draft.phone, draft.text if sees_texts else None, channel, why)


def wanted_of(visit: Visit, errors: dict[str, str]) -> Wanted | None:
    """Which entries of the calendar are asked for; None: nobody asks."""
    kind, record = visit.query.text("kind") or None, visit.query.text("record").strip() or None
    if kind is not None and kind not in KEPT:
        errors["kind"] = _("Choose something from the list.")
    if record is not None and len(record) > RECORD_MAX:
        errors["record"] = _("is longer than {most} characters", most=RECORD_MAX)
    corrected = visit.query.has("corrected")
    return Wanted(visit.account, kind, record, corrected, ROWS_MAX) if kind or record or corrected else None


def entry_row(entry: EntrySummary) -> tuple[EntrySummary, str, str, list[str]]:
    kind = _(RECORD_LABELS.get(entry.kind, entry.kind))
    return entry, kind, moment_of(entry), [_(CORRECTIONS[each]) for each in entry.corrections]


def moment_of(entry: EntrySummary) -> str:
    """What clocks show then; a day without an hour, a birthday without a year."""
    if entry.local_at is None:
        return "–"
    if entry.moment == "birthday":
        return f"{entry.local_at:%d.%m}"
    return f"{entry.local_at:%d.%m.%Y %H:%M}" if entry.moment in {"start", "date"} else f"{entry.local_at:%d.%m.%Y}"
