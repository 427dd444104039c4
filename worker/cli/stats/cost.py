"""`perfectum-sms stats cost`: what was sent and what it cost, added up."""

from datetime import date, datetime, timedelta
from typing import Annotated

import typer

from worker.cli.account_argument import insist_on_account
from worker.cli.connections import ledger
from worker.cli.terminal import AsJson, Exit, show, stop
from worker.core.spending.cost_report import PARTS, Tally, added_up
from worker.language import _
from worker.store.accounts import accounts
from worker.store.spending import cost_report, prices

DAYS = 30
BY = "account,trigger,channel"


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


def cost(
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
    """Add up the messages that TurboSMS took, their segments and what they cost, by trigger, channel and time.

    A message costs what TurboSMS reported; where it has not yet, the account's price is taken, which is marked
    with ~ (a message by Viber and then SMS counts as both there). Days, weeks (from Monday) and months are the
    account's own.

    - `perfectum-sms stats cost --account acme`
    - `perfectum-sms stats cost --by account,month --since 2026-01-01 --json`
    """
    with ledger(session=cost_report.SESSION) as connection:
        if account is not None:
            insist_on_account(connection, account)
        last = until or cost_report.today(connection, account=account)
        first = since or last - timedelta(days=DAYS)
        if first > last:
            raise stop(_("--since {first} is after the last day, {last}.", first=first, last=last), Exit.USAGE)
        priced = {item.id: prices.prices_of(connection, item.id) for item in accounts.list_accounts(connection)}
        taken = list(cost_report.taken(connection, account=account, since=first, to=last))
    names = [part for part in PARTS if part in by]
    sums = added_up(taken, priced, names)
    format_row = as_json_of if as_json else row_of
    rows = [format_row(dict(zip(names, key, strict=True)), tally) for key, tally in sums.items()]
    if len(rows) > 1 and not as_json:
        rows.append(row_of({**dict.fromkeys(names, ""), names[0]: _("together")}, sum(sums.values(), Tally())))
    empty = _("TurboSMS took nothing from {first} to {last}.", first=first, last=last)
    show(rows, as_json=as_json, columns=(*names, "messages", "segments", "UAH", "known of"), empty=empty)


def row_of(key: dict[str, str], tally: Tally) -> dict[str, object]:
    mark = "~" if tally.estimated_messages else ""
    priced = tally.messages - tally.estimated_messages - tally.unpriced_messages
    return {
        **key,
        "messages": tally.messages,
        "segments": tally.segments,
        "UAH": _("unknown") if tally.unpriced_messages == tally.messages else f"{mark}{tally.cost:.2f}",
        "known of": f"{priced}/{tally.messages}",
    }


def as_json_of(key: dict[str, str], tally: Tally) -> dict[str, object]:
    return {
        **key,
        "messages": tally.messages,
        "segments": tally.segments,
        "uah": f"{tally.cost:.4f}",
        "uah_known": f"{tally.known:.4f}",
        "uah_estimated": f"{tally.estimated:.4f}",
        "messages_estimated": tally.estimated_messages,
        "messages_unpriced": tally.unpriced_messages,
    }
