"""Whole phones for whoever may see them: asked for by --phones, and noted in the audit."""

from typing import Annotated

import typer

from worker.cli.operator import operator_name
from worker.cli.terminal import phone_cell
from worker.core.history.filters import Filter
from worker.store.audit.audit import note
from worker.store.db.postgres import Connection

Phones = Annotated[bool, typer.Option("--phones", help="Show phones whole; the audit notes who looked.")]
#: Fields of a filter that a note may tell.
NOTED = ("client", "recipient", "record", "event", "triggers", "states", "channel", "since", "until")


def note_phones(connection: Connection, subject: str, wanted: Filter) -> None:
    """Note that phones are shown, of which texts; a phone and keywords that were looked for stay unsaid."""
    noted = {name: value for name in NOTED if (value := getattr(wanted, name))}
    hidden = {"by_phone": bool(wanted.phone_key), "by_keywords": wanted.text is not None}
    after = {name: str(value) for name, value in noted.items()} | {
        name: True for name, is_so in hidden.items() if is_so
    }
    note(connection, operator_name(), "phones_seen", subject, account=wanted.account, after=after)


def phone_of(phone: str | None, *, whole: bool) -> str | None:
    return phone if whole else phone_cell(phone)
