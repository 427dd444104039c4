"""A list of texts: its filters in the address, its pages, and its export."""

import io
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta, tzinfo
from pathlib import Path

import orjson

from worker.core.contract.phone_mask import masked
from worker.core.history.filters import Filter, cursor, faults, position
from worker.core.history.sentences.reason import words_of
from worker.core.sending.nudge import NotificationId, text_id
from worker.core.sending.state_labels import CHANNEL_LABELS, STATE_LABELS
from worker.core.triggers.catalogue import BY_ID
from worker.language import _, of_pair
from worker.steps.history.export import export
from worker.steps.history.meaning import meaning
from worker.steps.history.phones_seen import note_phones
from worker.steps.history.sheets import Cell, CsvSheet, XlsxSheet
from worker.steps.history.why import codes_of_reasons
from worker.store.db.postgres import Connection
from worker.store.history.entries import HistoryEntry, page
from worker.store.history.state_counts import LOOKED_AT, state_counts
from worker.web.pages.forms import Form
from worker.web.pages.forms import day_of as day_in
from worker.web.pages.page import Download, Visit
from worker.web.pages.rendering import zone_name

PER_PAGE = 50
#: Texts of one export from a page; for more there is the command line, which takes no more memory for them.
EXPORT_MAX = 20_000
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class Shown:
    """A text as a list shows it; `text` is None for who may not see texts."""

    entry: HistoryEntry
    id: str
    trigger: str
    channel: str
    state: str
    kind: str
    why: str
    text: str | None


@dataclass(frozen=True, slots=True)
class Chip:
    """A state, how many texts are in it, and the address that shows them alone."""

    label: str
    count: int
    address: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of texts by days, and where the next one is.

    Attributes:
        errors: what is wrong with the filters, by field; nothing is listed then.
        counts: by state, of the newest texts; none where words are searched for.
        reason: the one that is looked for, in words, and the address without it.
    """

    days: Sequence[tuple[date, Sequence[Shown]]]
    older: str | None
    errors: dict[str, str]
    unsearched: bool = False
    counts: Sequence[Chip] = ()
    reason: Chip | None = None


GOOD = frozenset({"delivered", "read"})
BAD = frozenset({"undelivered", "refused", "failed", "expired", "unconfirmed"})


def shown(entry: HistoryEntry, *, sees_texts: bool) -> Shown:
    trigger = BY_ID.get(entry.trigger)
    label = meaning(entry) if entry.reason else None
    kind = "good" if entry.state in GOOD else "bad" if entry.state in BAD else ""
    return Shown(
        entry,
        text_id((entry.month, entry.id)),
        trigger.label if trigger else entry.trigger,
        _(CHANNEL_LABELS.get(entry.channel, entry.channel)),
        _(STATE_LABELS.get(entry.state, entry.state)),
        kind,
        (of_pair(label) if label else entry.reason) or "",
        entry.text if sees_texts else None,
    )


def listed(connection: Connection, visit: Visit, client: str | None = None) -> Listing:
    """The texts that the address asks for, the newest first."""
    wanted, errors = wanted_of(visit, client)
    after = after_of(visit.query, wanted, errors)
    if errors:
        return Listing((), None, errors)
    found = page(connection, wanted, limit=PER_PAGE, after=after)
    if visit.user.sees_phones:
        note_phones(connection, visit.by, "history", wanted)
    items = [shown(entry, sees_texts=visit.user.sees_phones) for entry in found.entries]
    older = visit.query.address(after=cursor(found.after, wanted)) if found.after else None
    counts = [] if wanted.text or after else chips(visit, wanted, state_counts(connection, wanted))
    reason = reason_of(visit, wanted)
    return Listing(list(by_days(items, visit.zone)), older, {}, found.unsearched is not None, counts, reason)


def reason_of(visit: Visit, wanted: Filter) -> Chip | None:
    if wanted.reason is None:
        return None
    words = of_pair(words_of(wanted.states[0], wanted.reason, codes_of_reasons([wanted.reason])))
    return Chip(words, 0, visit.query.address(reason=None, after=None), is_chosen=True)


def chips(visit: Visit, wanted: Filter, counts: Mapping[str, int]) -> list[Chip]:
    """All, and each state; nothing where none of the newest is found, for counts of nothing tell nothing."""
    if not counts:
        return []
    of_states = [
        Chip(
            _(STATE_LABELS.get(state, state)),
            count,
            visit.query.address(state=state, reason=None),
            state in wanted.states,
        )
        for state, count in counts.items()
    ]
    return [
        Chip(_("all"), sum(counts.values()), visit.query.address(state=None, reason=None), not wanted.states),
        *of_states,
    ]


def by_days(items: Sequence[Shown], zone: tzinfo) -> Iterator[tuple[date, Sequence[Shown]]]:
    days: dict[date, list[Shown]] = {}
    for item in items:
        days.setdefault(item.entry.created_at.astimezone(zone).date(), []).append(item)
    yield from days.items()


def after_of(query: Form, wanted: Filter, errors: dict[str, str]) -> NotificationId | None:
    if not query.text("after"):
        return None
    try:
        return position(query.text("after"), wanted)
    except ValueError:
        errors["after"] = _("This page is of another list: begin at its first page.")
        return None


def wanted_of(visit: Visit, client: str | None) -> tuple[Filter, dict[str, str]]:
    """The filter that the address asks for, and what is wrong with it."""
    query, errors = visit.query, dict[str, str]()
    since, until = day_of(query, "since", visit.zone, errors), day_of(query, "until", visit.zone, errors)
    wanted = Filter(
        account=visit.account,
        client=client,
        triggers=tuple(filter(None, query.all("trigger"))),
        states=tuple(filter(None, query.all("state"))),
        reason=query.text("reason") or None,
        channel=query.text("channel") or None,
        since=since,
        until=until + timedelta(days=1) if until else None,
        text=query.text("q").strip() or None,
        searches_phones=visit.user.sees_phones,
    )
    if wanted.text is not None and not visit.user.sees_phones:
        errors["q"] = _("To look for words, you need the right to see phones and texts.")
        wanted = replace(wanted, text=None)
    names = {"search": "q"}
    errors |= {names.get(fault.field, fault.field): fault.problem for fault in faults(wanted)}
    return wanted, errors


def day_of(query: Form, name: str, zone: tzinfo, errors: dict[str, str]) -> datetime | None:
    text = query.text(name).strip()
    if not text:
        return None
    try:
        return datetime.combine(day_in(text), time(), zone)
    except ValueError:
        errors[name] = _("Write a day, as 2026-12-01.")
        return None


def choices() -> dict[str, object]:
    """What the filters offer."""
    everything = ("", _("all"))
    return {
        "states": [everything, *((name, _(label)) for name, label in STATE_LABELS.items())],
        "channels": [everything, *((name, _(label)) for name, label in CHANNEL_LABELS.items() if name != "both")],
        "triggers": [everything, *((trigger.id, trigger.label) for trigger in BY_ID.values())],
        "looked_at": LOOKED_AT,
    }


HEADINGS = ("moment", "text", "phone", "channel", "state", "why", "price", "trigger", "client", "id")


def headings(zone: tzinfo) -> list[str]:
    return [
        f"{_('Moment')} ({zone_name(zone)})",
        _("Text"),
        _("Phone"),
        _("Channel"),
        _("State"),
        _("Why"),
        _("Price, UAH"),
        _("Event"),
        _("Client"),
        _("Number"),
    ]


@dataclass(frozen=True, slots=True)
class Viewer:
    """What whoever looks may see."""

    zone: tzinfo
    sees_texts: bool
    sees_phones: bool
    sees_prices: bool


def viewer_of(visit: Visit) -> Viewer:
    user = visit.user
    return Viewer(visit.zone, user.sees_phones, user.sees_phones, user.sees_prices)


def cells(entry: HistoryEntry, viewer: Viewer) -> list[Cell]:
    item = shown(entry, sees_texts=viewer.sees_texts)
    phone = entry.phone if viewer.sees_phones or not entry.phone else masked(entry.phone)
    price = entry.price if viewer.sees_prices else None
    moment = entry.created_at.astimezone(viewer.zone)
    return [moment, item.text, phone, item.channel, item.state, item.why, price, item.trigger, entry.client, item.id]


def exported(visit: Visit, client: str | None, name: str) -> Download | dict[str, str]:
    """What the filters find as a file: `csv`, `xlsx` or `json`; or what is wrong with them."""
    wanted, errors = wanted_of(visit, client)
    form = visit.query.text("format", "xlsx")
    if form not in {"csv", "xlsx", "json"}:
        errors["format"] = _("Choose something from the list.")
    if errors:
        return errors
    with visit.pool.connection() as connection:
        note_phones(connection, visit.by, "history export", wanted)
        connection.commit()
        match form:
            case "csv":
                return Download(as_csv(connection, viewer_of(visit), wanted), f"{name}.csv", "text/csv; charset=utf-8")
            case "xlsx":
                return Download(as_xlsx(connection, viewer_of(visit), wanted), f"{name}.xlsx", XLSX)
            case _:
                return Download(as_json(connection, viewer_of(visit), wanted), f"{name}.json", "application/json")


class FullError(Exception):
    """More texts than a page exports: the sentence is in the answer."""


def as_csv(connection: Connection, viewer: Viewer, wanted: Filter) -> bytes:
    file = io.StringIO(newline="")
    sheet = CsvSheet(file, headings(viewer.zone), separator=";", is_marked=True)
    export(connection, wanted, sheet, lambda entry: cells(entry, viewer), on_rows=insist_on_room)
    return file.getvalue().encode()


def as_xlsx(connection: Connection, viewer: Viewer, wanted: Filter) -> bytes:
    with tempfile.TemporaryDirectory(prefix="sms-export-") as folder:
        path = Path(folder) / "export.xlsx"
        sheet = XlsxSheet(path, headings(viewer.zone))
        try:
            export(connection, wanted, sheet, lambda entry: cells(entry, viewer), on_rows=insist_on_room)
        except BaseException:
            sheet.abandon()
            raise
        sheet.close()
        return path.read_bytes()


def as_json(connection: Connection, viewer: Viewer, wanted: Filter) -> bytes:
    rows = Rows()
    export(connection, wanted, rows, lambda entry: cells(entry, viewer), on_rows=insist_on_room)
    return orjson.dumps(rows.items, default=str, option=orjson.OPT_INDENT_2)


class Rows:
    """A sheet that is a list."""

    def __init__(self) -> None:
        self.items: list[dict[str, Cell]] = []

    def write(self, cells: Sequence[Cell]) -> None:
        self.items.append(dict(zip(HEADINGS, cells, strict=True)))

    def close(self) -> None:
        """Nothing is open."""

    abandon = close


def insist_on_room(rows: int) -> None:
    if rows > EXPORT_MAX:
        raise FullError
