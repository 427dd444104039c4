"""`perfectum-sms audit`: who changed, did or looked at what, and when."""

import csv
import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime, tzinfo
from itertools import islice
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import orjson
import typer

from worker.cli.account_argument import insist_on_account
from worker.cli.connections import ledger
from worker.cli.moments import shown
from worker.cli.period import Since, Until, period
from worker.cli.terminal import AsJson, Exit, emit, one_of, show, stop
from worker.core.audit.action import ACTIONS
from worker.core.authoring.nearest_name import suggestion
from worker.core.spreadsheet import defused
from worker.language import _
from worker.store.audit.audit import Note, Wanted, every_note, list_notes

#: How many a table shows; a file gets all.
SCREEN = 50
#: As JSON has a moment.
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
COLUMNS = ("id", "at", "by", "action", "account", "subject", "before", "after")


def known_action(text: str) -> str:
    if text not in ACTIONS:
        hint = suggestion(text, ACTIONS, _("choose from {actions}", actions=", ".join(ACTIONS)))
        raise typer.BadParameter(_("{text} is no action: {hint}", text=text, hint=hint))
    return text


ACTION_HELP = f"Only one of {', '.join(ACTIONS)}."
Account = Annotated[str | None, typer.Option("--account", "-a", help="Only what was done to this account.")]
ActionName = Annotated[
    str | None, typer.Option(parser=known_action, autocompletion=one_of(ACTIONS), metavar="ACTION", help=ACTION_HELP)
]
Who = Annotated[str | None, typer.Option(metavar="NAME", help="Only what this person did.")]
Subject = Annotated[str | None, typer.Option(metavar="TEXT", help="Only of subjects that hold this.")]
Limit = Annotated[int | None, typer.Option("--limit", "-n", min=1, help=f"How many; {SCREEN} in a table.")]
AsCsv = Annotated[bool, typer.Option("--csv", help="Print all as CSV, for a spreadsheet.")]


def audit(  # noqa: PLR0913 (one option for each thing a note has)
    *,
    account: Account = None,
    action: ActionName = None,
    who: Who = None,
    subject: Subject = None,
    since: Since = None,
    until: Until = None,
    limit: Limit = None,
    as_csv: AsCsv = False,
    as_json: AsJson = False,
) -> None:
    """Who changed a setting, a trigger, a text, the stop-list; who stopped, resent or erased; who looked at phones.

    The newest first, with what was different before and after. Names are those of `--by`, `SMS_OPERATOR`, or the user
    of the machine. Nothing here holds a phone, a text or a token. Times are the account's, or Kyiv's.

    - `perfectum-sms audit --account acme --action trigger --subject contact_birthday`: who switched birthdays off?
    - `perfectum-sms audit --since 7d --csv > audit.csv`
    - `perfectum-sms --by "Олена Коваль" trigger off acme contact_birthday` is noted under her name
    """
    if as_csv and as_json:
        raise stop(_("Give --csv or --json, not both."), Exit.USAGE)
    with ledger() as connection:
        asked = period(connection, account, since, until)
        wanted = Wanted(account, action, who, subject, asked.since, asked.until)
        if account and not list_notes(connection, Wanted(account), limit=1):
            insist_on_account(connection, account)
        notes = islice(every_note(connection, wanted), limit or (None if as_csv or as_json else SCREEN))
        if as_csv:
            write_csv(notes, asked.zone)
        elif as_json:
            emit([asdict(note) for note in notes])
        else:
            rows = [row_of(note, asked.zone) for note in notes]
            show(rows, as_json=False, columns=COLUMNS, empty=_("Nothing of that was noted."))


def row_of(note: Note, zone: ZoneInfo) -> dict[str, Any]:
    values = {"before": brief(note.before, zone), "after": brief(note.after, zone)}
    return {**asdict(note), "at": shown(note.at, zone), **values}


def brief(values: Mapping[str, Any] | None, zone: tzinfo) -> str | None:
    """`switched_on=false, channel="sms"`; moments as people read them."""
    if values is None:
        return None
    return ", ".join(f"{name}={brief_value(value, zone)}" for name, value in values.items())


def brief_value(value: object, zone: tzinfo) -> str:
    if isinstance(value, str) and MOMENT.fullmatch(value):
        return shown(datetime.fromisoformat(value), zone)
    return orjson.dumps(value).decode()


def write_csv(notes: Iterable[Note], zone: ZoneInfo) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(COLUMNS)
    for note in notes:
        row = asdict(note) | {"at": note.at.astimezone(zone).isoformat(timespec="seconds")}
        for name in ("before", "after"):
            row[name] = "" if row[name] is None else orjson.dumps(row[name]).decode()
        writer.writerow(defused(row[name]) for name in COLUMNS)
