"""`perfectum-sms stats cost`: what was sent and what it cost, added up."""

from worker.cli.connections import ledger
from worker.cli.stats.span import Account, By, Since, Until, days_of
from worker.cli.terminal import AsJson, show
from worker.core.spending.cost_report import PARTS, Tally
from worker.language import _
from worker.steps.monitoring import reports
from worker.store.spending.cost_report import SESSION

BY = "account,trigger,channel"


def cost(
    *,
    account: Account = None,
    by: By = BY,
    since: Since = None,
    until: Until = None,
    as_json: AsJson = False,
) -> None:
    """Add up the messages that TurboSMS took, their segments and what they cost, by trigger, channel and time.

    A message costs what TurboSMS reported; where it has not yet, the account's price is taken, which is marked
    with ~ (a message by Viber and then SMS counts as both there). Days, weeks (from Monday) and months are the
    account's own.

    - `perfectum-sms stats cost --account acme`
    - `perfectum-sms stats cost --by account,month --since 2026-01-01 --json`
    """
    with ledger(session=SESSION) as connection:
        span = days_of(connection, account, since, until)
        sums = reports.costs(connection, account, span, by)
    names = [part for part in PARTS if part in by]
    format_row = as_json_of if as_json else row_of
    rows = [format_row(dict(zip(names, key, strict=True)), tally) for key, tally in sums.items()]
    if len(rows) > 1 and not as_json:
        rows.append(row_of({**dict.fromkeys(names, ""), names[0]: _("together")}, sum(sums.values(), Tally())))
    empty = _("TurboSMS took nothing from {first} to {last}.", first=span.first, last=span.last)
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
