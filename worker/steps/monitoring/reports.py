"""What was sent, what became of it and what it cost, added up over days of accounts' own zones."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from worker.core.monitoring import text_report as texts_added
from worker.core.monitoring.text_report import TextTally
from worker.core.spending import cost_report as costs_added
from worker.core.spending.cost_report import Tally
from worker.store.accounts import accounts
from worker.store.db.postgres import Connection
from worker.store.monitoring import text_report
from worker.store.spending import cost_report, prices

#: Days that are added up where nobody says since when.
DAYS = 30


@dataclass(frozen=True, slots=True)
class Span:
    """The first and the last day; there is none between where the first is the later one."""

    first: date
    last: date

    @property
    def is_empty(self) -> bool:
        return self.first > self.last


def span_of(
    connection: Connection, account: str | None, since: date | None, until: date | None, *, back: int = DAYS
) -> Span:
    """The days that are asked for: up to today, and so many days back."""
    last = until or cost_report.today(connection, account=account)
    return Span(since or last - timedelta(days=back), last)


def texts(
    connection: Connection, account: str | None, span: Span, by: Collection[str]
) -> dict[tuple[str, ...], TextTally]:
    """What became of texts, each on the day on which it was planned."""
    counted = text_report.counted(connection, account=account, since=span.first, to=span.last)
    return texts_added.added_up(counted, by)


def costs(connection: Connection, account: str | None, span: Span, by: Collection[str]) -> dict[tuple[str, ...], Tally]:
    """What TurboSMS took and what it cost, by its reports or by the account's price."""
    known = [account] if account else [item.id for item in accounts.list_accounts(connection)]
    priced = {name: prices.prices_of(connection, name) for name in known}
    taken = cost_report.taken(connection, account=account, since=span.first, to=span.last)
    return costs_added.added_up(taken, priced, by)
