"""Which letters a command means: named by their numbers, or whatever its filters allow, as it was shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Annotated

import typer

from worker.cli.connections import ledger
from worker.cli.moments import shown
from worker.cli.period import period, zone_of
from worker.cli.terminal import Exit, agree, one_of, stop
from worker.core.authoring.nearest_name import nearest
from worker.core.contract.event_types import TYPES
from worker.language import _, ngettext
from worker.steps.operate.dead_letters import UnknownValue, unknown_value
from worker.store.db.postgres import Connection, clock
from worker.store.ingest import dead_letter_list
from worker.store.ingest.dead_letter_list import Chosen, Wanted

Ids = Annotated[list[int] | None, typer.Argument(metavar="ID...", help="Numbers of letters, from the list.")]
Reason = Annotated[str | None, typer.Option(help="Only with this reason, as unknown_account.")]
Account = Annotated[str | None, typer.Option("--account", "-a", help="Only of this account.")]
LetterKind = Annotated[str | None, typer.Option(help="Only event, job or message.")]
EventType = Annotated[
    str | None,
    typer.Option("--type", "-t", autocompletion=one_of(TYPES), metavar="TYPE", help="Only of this event type."),
]
Text = Annotated[str | None, typer.Option(help="Only with this text in body, detail or id, in whatever case.")]


@dataclass(frozen=True, slots=True)
class Filters:
    """What was typed."""

    reason: str | None = None
    account: str | None = None
    letter_kind: str | None = None
    event_type: str | None = None
    since: str | None = None
    until: str | None = None
    text: str | None = None

    @property
    def are_given(self) -> bool:
        return self != Filters()


@dataclass(frozen=True, slots=True)
class Choice:
    """Letters as they were at a moment."""

    ids: Sequence[int]
    as_of: datetime


def wanted_by(connection: Connection, filters: Filters, *, closed: bool = False) -> Wanted:
    """The filters, read; the end of the command where one of them is of no use."""
    span = period(connection, filters.account, filters.since, filters.until)
    if filters.text is not None and not filters.text.strip():
        raise stop(_("--text is empty: give a word of the body."), Exit.USAGE)
    wanted = Wanted(
        filters.reason,
        filters.account,
        filters.letter_kind,
        filters.event_type,
        span.since,
        span.until,
        filters.text,
        closed,
    )
    if unknown := unknown_value(connection, wanted):
        raise no_such(unknown)
    return wanted


def no_such(unknown: UnknownValue) -> typer.Exit:
    near = nearest(unknown.value, unknown.known)
    hint = " " + _("Did you mean {name}?", name=near) if near else ""
    code = Exit.NOT_FOUND if unknown.name == "account" else Exit.USAGE
    known = ", ".join(unknown.known) or _("none yet")
    return stop(
        _(
            "--{name} {value} is unknown; the known ones are {known}.{hint}",
            name=unknown.name,
            value=unknown.value,
            known=known,
            hint=hint,
        ),
        code,
    )


def chosen(verb: str, ids: Sequence[int], filters: Filters, *, all_: bool, yes: bool) -> Choice:
    """The letters that are meant; what a filter found is shown as a number, and asked about."""
    if bool(ids) == (all_ or filters.are_given):
        raise stop(_("Name letters by their numbers, or say which by --all or by filters."), Exit.USAGE)
    with ledger() as connection:
        as_of = clock(connection)
        if ids:
            insist_on(connection, ids)
            return Choice(list(dict.fromkeys(ids)), as_of)
        letters = dead_letter_list.choose(connection, wanted_by(connection, filters))
        zone = zone_of(connection, filters.account)
    if letters.ids:
        agree(question(verb, described(letters, zone)), yes=yes)
    return Choice(letters.ids, as_of)


def question(verb: str, text: str) -> str:
    return _("Drop {text}?", text=text) if verb == "drop" else _("Replay {text}?", text=text)


def insist_on(connection: Connection, ids: Sequence[int]) -> None:
    known = {summary.id for summary in dead_letter_list.summaries(connection, ids)}
    missing = [number for number in ids if number not in known]
    if missing:
        raise stop(_("There is no dead letter {number}.", number=", ".join(map(str, missing))), Exit.NOT_FOUND)


def described(letters: Chosen, zone: tzinfo) -> str:
    """`3412 letters (3000 schema, 412 poison), the oldest of 2026-11-24 09:12:00 Europe/Kyiv, the newest of …`."""
    number = ngettext("{count} letter", "{count} letters", len(letters.ids))
    reasons = ", ".join(f"{count} {reason}" for reason, count in letters.reasons.items())
    if not letters.oldest or not letters.newest:
        return number
    ages = _(
        "the oldest of {oldest}, the newest of {newest}",
        oldest=shown(letters.oldest, zone),
        newest=shown(letters.newest, zone),
    )
    return f"{number} ({reasons}), {ages}"
