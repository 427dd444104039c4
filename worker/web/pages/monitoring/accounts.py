"""Облікові записи: all of them at one look, for who works for all; the landing page after signing in."""

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from worker.steps.monitoring.overview import AccountView, overview
from worker.store.accounts.account_zones import account_zones
from worker.store.db.postgres import transaction
from worker.store.ingest.dead_letter_list import open_by_account
from worker.web.pages.page import Html, Redirect, Shown, Visit, page

#: Accounts of a page; the search finds the others.
SHOWN_MAX = 200


@dataclass(frozen=True, slots=True)
class Row:
    """An account: what waits, what is paused, what is on the desk, what it has spent today and has left."""

    account: str
    waiting: int
    pauses: int
    letters: int
    spent: Decimal
    balance: Decimal | None
    hours_left: float | None

    @property
    def needs_somebody(self) -> bool:
        return bool(self.pauses or self.letters)


@page("GET", "/", may="look")
def home(visit: Visit) -> Shown:
    """Lead to the one account that somebody has; who works for all sees all, those first that need somebody."""
    with transaction(visit.pool) as connection:
        zones = account_zones(connection)
        theirs = sorted(account for account in zones if visit.user.knows(account))
        if len(theirs) == 1:
            return Redirect(f"/a/{theirs[0]}/overview")
        found, letters = overview(connection), open_by_account(connection)
    holds = Counter(hold.account for hold in found.holds)
    everywhere = holds[None]
    rows = [row_of(view, holds[view.account] + everywhere, letters) for view in found.accounts]
    word = visit.query.text("q").strip().casefold()
    named = [row for row in rows if word in row.account.casefold()]
    values = {
        "rows": sorted(named, key=lambda row: (not row.needs_somebody, -row.waiting, row.account))[:SHOWN_MAX],
        "more": max(0, len(named) - SHOWN_MAX),
        "count": len(rows),
        "nobodys": letters.get("", 0),
        "late": max(found.overdue.values(), default=timedelta()),
        "schedulers": len(found.schedulers.living),
    }
    return Html("monitoring/accounts.html", values)


def row_of(view: AccountView, pauses: int, letters: dict[str, int]) -> Row:
    waiting = sum(wait.texts for wait in view.waits)
    spent = view.spent[0].spent.cost if view.spent else Decimal(0)
    return Row(view.account, waiting, pauses, letters.get(view.account, 0), spent, view.balance, view.hours_left)
