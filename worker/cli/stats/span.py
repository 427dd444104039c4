"""What is added up: whose, by what, and over which days of accounts' own zones."""

from datetime import date, datetime
from typing import Annotated

import typer

from worker.cli.account_argument import insist_on_account
from worker.cli.terminal import Exit, stop
from worker.core.spending.cost_report import PARTS
from worker.language import _
from worker.steps.monitoring.reports import DAYS, Span, span_of
from worker.store.db.postgres import Connection


def parts(text: str) -> tuple[str, ...]:
    chosen = tuple(part.strip() for part in text.split(",") if part.strip())
    wrong = [part for part in chosen if part not in PARTS]
    if wrong or not chosen:
        raise typer.BadParameter(
            _("{part} is none: choose from {parts}", part=wrong[0] if wrong else _("nothing"), parts=", ".join(PARTS))
        )
    return chosen


def day(text: str) -> date:
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 (a day of each account's own zone)
    except ValueError:
        raise typer.BadParameter(_("{text} is no day: write it as 2026-11-28", text=text)) from None


Account = Annotated[str | None, typer.Option("--account", "-a", help="Only this account's.")]
By = Annotated[
    str, typer.Option(parser=parts, metavar="PARTS", help="Any of account, trigger, channel, day, week, month.")
]
Since = Annotated[
    date | None, typer.Option(parser=day, metavar="DAY", help=f"The first day; {DAYS} days back if left out.")
]
Until = Annotated[date | None, typer.Option(parser=day, metavar="DAY", help="The last day; else today.")]


def days_of(connection: Connection, account: str | None, since: date | None, until: date | None) -> Span:
    """The days that are asked for; an error where there is no such account, or no day between."""
    if account is not None:
        insist_on_account(connection, account)
    span = span_of(connection, account, since, until)
    if span.is_empty:
        raise stop(_("--since {first} is after the last day, {last}.", first=span.first, last=span.last), Exit.USAGE)
    return span
