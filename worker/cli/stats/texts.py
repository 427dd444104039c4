"""`perfectum-sms stats texts`: what became of texts, added up."""

from dataclasses import asdict

from worker.cli.connections import ledger
from worker.cli.stats.span import Account, By, Since, Until, days_of
from worker.cli.terminal import AsJson, show
from worker.core.monitoring.text_report import TextTally
from worker.core.spending.cost_report import PARTS
from worker.language import _
from worker.steps.monitoring import reports
from worker.store.spending.cost_report import SESSION

BY = "account,trigger"


def texts(
    *,
    account: Account = None,
    by: By = BY,
    since: Since = None,
    until: Until = None,
    as_json: AsJson = False,
) -> None:
    """Add up what became of texts: delivered, under way, waiting, not sent, failed; by trigger, channel and time.

    A text counts on the day on which it was planned, in its account's zone.

    - `perfectum-sms stats texts --account acme --by trigger,day`
    - `perfectum-sms stats texts --by account,month --since 2026-01-01 --json`
    """
    with ledger(session=SESSION) as connection:
        span = days_of(connection, account, since, until)
        sums = reports.texts(connection, account, span, by)
    names = [part for part in PARTS if part in by]
    rows: list[dict[str, object]] = [
        {**dict(zip(names, key, strict=True)), **asdict(tally)} for key, tally in sums.items()
    ]
    if len(rows) > 1 and not as_json:
        together = {**dict.fromkeys(names, ""), names[0]: _("together")}
        rows.append({**together, **asdict(sum(sums.values(), TextTally()))})
    empty = _("No text was planned from {first} to {last}.", first=span.first, last=span.last)
    show(rows, as_json=as_json, columns=(*names, *TextTally.__dataclass_fields__), empty=empty)
