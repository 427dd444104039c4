"""`perfectum-sms stats texts`: what became of texts, added up."""

from dataclasses import asdict
from datetime import date, timedelta
from typing import Annotated

import typer

from worker.cli.account_argument import insist_on_account
from worker.cli.connections import ledger
from worker.cli.stats.cost import DAYS, day, parts
from worker.cli.terminal import AsJson, Exit, show, stop
from worker.core.monitoring.text_report import TextTally, added_up
from worker.core.spending.cost_report import PARTS
from worker.language import _
from worker.store.db.postgres import clock
from worker.store.monitoring import text_report
from worker.store.spending.cost_report import SESSION

BY = "account,trigger"
#: So far ahead of UTC is the day of the first account to begin one.
FURTHEST = timedelta(hours=14)


def texts(
    *,
    account: Annotated[str | None, typer.Option("--account", "-a", help="Only this account's.")] = None,
    by: Annotated[
        str, typer.Option(parser=parts, metavar="PARTS", help="Any of account, trigger, channel, day, week, month.")
    ] = BY,
    since: Annotated[
        date | None, typer.Option(parser=day, metavar="DAY", help=f"The first day; {DAYS} days back if left out.")
    ] = None,
    until: Annotated[date | None, typer.Option(parser=day, metavar="DAY", help="The last day; else today.")] = None,
    as_json: AsJson = False,
) -> None:
    """Add up what became of texts: delivered, under way, waiting, not sent, failed; by trigger, channel and time.

    A text counts on the day on which it was planned, in its account's zone.

    - `perfectum-sms stats texts --account acme --by trigger,day`
    - `perfectum-sms stats texts --by account,month --since 2026-01-01 --json`
    """
    with ledger(session=SESSION) as connection:
        if account is not None:
            insist_on_account(connection, account)
        last = until or (clock(connection) + FURTHEST).date()
        first = since or last - timedelta(days=DAYS)
        if first > last:
            raise stop(_("--since {first} is after the last day, {last}.", first=first, last=last), Exit.USAGE)
        found = list(text_report.counted(connection, account=account, since=first, to=last))
    names = [part for part in PARTS if part in by]
    sums = added_up(found, names)
    rows: list[dict[str, object]] = [
        {**dict(zip(names, key, strict=True)), **asdict(tally)} for key, tally in sums.items()
    ]
    if len(rows) > 1 and not as_json:
        together = {**dict.fromkeys(names, ""), names[0]: _("together")}
        rows.append({**together, **asdict(sum(sums.values(), TextTally()))})
    empty = _("No text was planned from {first} to {last}.", first=first, last=last)
    show(rows, as_json=as_json, columns=(*names, *TextTally.__dataclass_fields__), empty=empty)
