"""Стоп-лист: phones that are not written to; adding one or a table of them, taking one off, and the list as a file."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Literal

from worker.core.contract.phone import only_phone
from worker.core.file_text import UnreadableError, decoded
from worker.core.hands.phone_list import WHY, Line, StrangeColumnsError, TornLineError, read_list
from worker.core.planning.suppression import ALL, MARKETING, SCOPES
from worker.core.spreadsheet import defused
from worker.core.triggers.recipient_key import key_of
from worker.language import _, marked, ngettext
from worker.steps.operate.suppress import Stopped, Suppressed, remove, stop, suppress, whole_list
from worker.store.accounts import secrets
from worker.store.consent import suppressions
from worker.store.consent.suppressions import Entry, Position, SuppressionSummary
from worker.store.db.postgres import Connection, committed, transaction
from worker.web.pages.forms import Form
from worker.web.pages.page import Download, Html, Redirect, Refusal, Shown, Visit, page
from worker.web.stop_list_cursor import cursor, position

PATH = "/a/{account}/stop-list"
PER_PAGE = 50
REASON_MAX = 500
#: A table of some ten thousand phones; for more there is the command line.
TABLE_MAX = 2 * 1024 * 1024
FAULTS_SHOWN = 20
SCOPE_LABELS = {ALL: marked("everything"), MARKETING: marked("advertising")}
SOURCE_LABELS = {
    "operator": marked("by hand"),
    "import": marked("from a table"),
    "provider": marked("TurboSMS refused it"),
    "crm": marked("the CRM said so"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """A phone of the list; `key` names it in a form, for the phone itself may be masked or forgotten."""

    key: str
    phone: str | None
    scope: str
    reason: str
    source: str
    entry: SuppressionSummary


@page("GET", PATH, may="look")
def stop_list(visit: Visit) -> Shown:
    return shown(visit, {})


def shown(visit: Visit, errors: dict[str, str], faults: list[Line] | None = None) -> Html:
    query, errors = visit.query, dict(errors)
    after = position(query.text("after"), visit.account) if query.text("after") else None
    if query.text("after") and after is None:
        errors["after"] = _("This page is of another list: begin at its first page.")
    with transaction(visit.pool) as connection:
        found = sought(connection, visit, errors) if query.text("q").strip() else listed(connection, visit, after)
        everything, advertising = suppressions.count(connection, visit.account)
    rows = [row_of(place, entry) for place, entry in found[:PER_PAGE]]
    values = {
        "rows": rows,
        "older": query.address(after=cursor(found[PER_PAGE - 1][0], visit.account)) if len(found) > PER_PAGE else None,
        "everything": everything,
        "advertising": advertising,
        "scopes": [(scope, _(SCOPE_LABELS[scope])) for scope in SCOPES],
        "faults": [(line.number, _(WHY[line.why or ""], scopes=", ".join(SCOPES))) for line in faults or ()],
        "errors": errors,
    }
    return Html("sending/stop_list.html", values, HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK)


Found = list[tuple[Position, SuppressionSummary]]


def listed(connection: Connection, visit: Visit, after: Position | None) -> Found:
    return suppressions.page(connection, visit.account, after=after, limit=PER_PAGE + 1)


def sought(connection: Connection, visit: Visit, errors: dict[str, str]) -> Found:
    """Whether one phone is on the list."""
    try:
        phone = only_phone(visit.query.text("q"))
    except ValueError as error:
        errors["q"] = str(error)
        return []
    key = key_of(phone, salt=secrets.salt(connection, visit.seal))
    entries = suppressions.list_suppressions(connection, visit.account, recipient_key=key, limit=1)
    return [(Position(entry.since, key), entry) for entry in entries]


def row_of(place: Position, entry: SuppressionSummary) -> Row:
    return Row(
        place.recipient_key.hex(),
        entry.phone,
        _(SCOPE_LABELS.get(entry.scope, entry.scope)),
        entry.reason,
        _(SOURCE_LABELS.get(entry.source, entry.source)),
        entry,
    )


@page("POST", PATH, may="steer")
def stop_phone(visit: Visit) -> Shown:
    """Put one phone on the list; what waits for it is taken back."""
    form, errors = visit.form, dict(wrong(visit.form))
    phone = ""
    try:
        phone = only_phone(form.text("phone"))
    except ValueError as error:
        errors["phone"] = str(error)
    if errors:
        return shown(visit, errors)

    def act(connection: Connection) -> Suppressed | Literal["narrower"]:
        key = key_of(phone, salt=secrets.salt(connection, visit.seal))
        entry = Entry(key, phone, form.text("scope", ALL), reason_of(form, "asked"), "operator", visit.by)
        outcome = stop(connection, visit.account, entry, by=visit.by)
        return outcome.done if isinstance(outcome, Stopped) else outcome

    done = committed(visit.pool, act)
    if done == "narrower":
        return shown(visit, {"scope": _("It is on the list for all: take it off first.")})
    return Redirect(f"{visit.home}/stop-list", sentence(done))


def wrong(form: Form) -> Iterator[tuple[str, str]]:
    if form.text("scope", ALL) not in SCOPES:
        yield "scope", _("Choose something from the list.")
    if len(form.text("reason")) > REASON_MAX:
        yield "reason", _("is longer than {most} characters", most=REASON_MAX)


def reason_of(form: Form, otherwise: str) -> str:
    return form.text("reason").strip() or otherwise


@page("POST", f"{PATH}/table", may="steer", most=TABLE_MAX)
def stop_table(visit: Visit) -> Shown:
    """Put every phone of a table on the list; rows that cannot be read are named and left out."""
    errors = dict(wrong(visit.form))
    lines = lines_of(visit.form, errors)
    if not errors and not any(line.phones for line in lines):
        errors["table"] = _("There is no phone in it.")
    faults = [line for line in lines if line.why]
    if errors:
        return shown(visit, errors, faults[:FAULTS_SHOWN])
    done = committed(visit.pool, lambda connection: suppress_lines(connection, visit, lines))
    said = sentence(done)
    if faults:
        numbers = ", ".join(str(line.number) for line in faults[:FAULTS_SHOWN])
        said += " " + ngettext(
            "{count} row is left out: {rows}.", "{count} rows are left out: {rows}.", len(faults), rows=numbers
        )
    return Redirect(f"{visit.home}/stop-list", said)


def lines_of(form: Form, errors: dict[str, str]) -> list[Line]:
    table = form.files.get("table")
    if table is None:
        errors["table"] = _("Choose a file.")
        return []
    try:
        return list(read_list(decoded(table.content).text.splitlines(keepends=True)))
    except UnreadableError:
        errors["table"] = _("It cannot be read as UTF-8, UTF-16 or Windows-1251: save it as CSV.")
    except TornLineError as error:
        errors["table"] = _("Row {number}: a quotation mark has no other half.", number=str(error))
    except StrangeColumnsError as error:
        errors["table"] = _(
            "Which of the columns {names} holds the phones? Call it phone, or Телефон.", names=str(error)
        )
    return []


def suppress_lines(connection: Connection, visit: Visit, lines: list[Line]) -> Suppressed:
    salt, scope, reason = (
        secrets.salt(connection, visit.seal),
        visit.form.text("scope", ALL),
        reason_of(visit.form, "imported"),
    )
    entries = [
        Entry(
            key_of(phone, salt=salt), phone, line.scope or scope, line.reason or reason, "import", visit.by, line.since
        )
        for line in lines
        for phone in line.phones
    ]
    return suppress(connection, visit.account, entries, by=visit.by)


def sentence(done: Suppressed) -> str:
    """What putting phones on the list came to."""
    said = _("New on the list: {new}; there already: {known}.", new=done.new + done.widened, known=done.known)
    if done.cancelled:
        said += " " + _("SMS that waited and are taken back: {count}.", count=done.cancelled)
    if done.on_the_way:
        said += " " + _(
            "With TurboSMS already, or perhaps, so that nobody can stop them: {count}.", count=done.on_the_way
        )
    return said


@page("POST", f"{PATH}/remove", may="steer")
def allow_phone(visit: Visit) -> Shown:
    """Take a phone off the list; what was taken back stays so."""
    try:
        key = bytes.fromhex(visit.form.text("key"))
    except ValueError:
        key = b""
    if not key or not committed(visit.pool, lambda connection: remove(connection, visit.account, key, by=visit.by)):
        return Refusal(
            HTTPStatus.NOT_FOUND, _("It is not on the list"), _("Somebody has taken it off already: look at the list.")
        )
    return Redirect(f"{visit.home}/stop-list", _("It is off the list: what is planned from now on goes to it again."))


@page("GET", f"{PATH}/export", may="look")
def export_stop_list(visit: Visit) -> Shown:
    """The list with phones whole, which an import reads; for who may see phones."""
    if not visit.user.sees_phones:
        return Refusal(
            HTTPStatus.FORBIDDEN,
            _("Your rights do not allow this"),
            _("The file holds whole phones: it is for those who may see them."),
        )
    entries = committed(visit.pool, lambda connection: whole_list(connection, visit.account, by=visit.by))
    file = io.StringIO(newline="")
    file.write("\ufeff")
    writer = csv.writer(file, delimiter=";", lineterminator="\r\n")
    writer.writerow(["phone", "scope", "reason", "source", "since", "added_by"])
    for entry in entries:
        if entry.phone:
            since = entry.since.astimezone(visit.zone).isoformat()
            cells = (entry.phone, entry.scope, entry.reason, entry.source, since, entry.added_by)
            writer.writerow([cells[0], *map(defused, cells[1:])])
    return Download(file.getvalue().encode(), f"stop-list-{visit.account}.csv", "text/csv; charset=utf-8")
