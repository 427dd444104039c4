"""Гроші: what SMS cost by days and triggers, how long the balance lasts, budgets, and what TurboSMS itself reports."""

import csv
import io
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from http import HTTPStatus

from babel.dates import format_date

from worker.core.sending.state_labels import CHANNEL_LABELS
from worker.core.spending.cost_report import Tally
from worker.core.spending.forecast import month_forecast
from worker.core.triggers.catalogue import BY_ID
from worker.language import _, spoken
from worker.steps.monitoring import reports
from worker.steps.monitoring.overview import SpentToday, account_overview
from worker.steps.monitoring.reports import Span
from worker.store.db.postgres import transaction
from worker.store.spending.by_day import TakenOnDay, taken_by_day
from worker.web.pages.charts import Bar, bars
from worker.web.pages.forms import day_of as day_in
from worker.web.pages.monitoring.single_texts import singles_of
from worker.web.pages.page import Download, Html, Refusal, Shown, Visit, page
from worker.web.pages.rendering import money
from worker.web.pages.service import not_found

PATH = "/a/{account}/spending"
#: As many as the ledger keeps; for more there are the reports.
DAYS, DAYS_MAX = 30, 40
#: From so much of a budget on somebody should look at it.
NEARLY = Decimal("0.8")


@dataclass(frozen=True, slots=True)
class BudgetRow:
    """A budget of a day and how much of it is spent; `share` is of whichever limit is nearer."""

    name: str
    spent: Decimal
    segments: int
    cost_max: Decimal | None
    segments_max: int | None
    share: int
    trigger: str | None

    @property
    def kind(self) -> str:
        return "bad" if self.share >= 100 else "warn" if self.share >= NEARLY * 100 else "good"  # noqa: PLR2004 (per cent)


@dataclass(frozen=True, slots=True)
class TriggerRow:
    name: str
    segments: int
    cost: Decimal


@dataclass(frozen=True, slots=True)
class Reported:
    """What TurboSMS took of a trigger by a channel; `cost` is known, or estimated where `is_estimated`."""

    trigger: str
    channel: str
    tally: Tally

    @property
    def each(self) -> Decimal | None:
        return self.tally.cost / self.tally.messages if self.tally.messages else None


@page("GET", PATH, may="look")
def spending(visit: Visit) -> Shown:
    """The days that the address asks for, by what was expected when each SMS went; with `exact` also by the reports."""
    if not visit.user.sees_prices:
        return no_prices()
    today = visit.now.astimezone(visit.zone).date()
    errors = dict[str, str]()
    span = span_of(visit, today, errors)
    with transaction(visit.pool) as connection:
        found = account_overview(connection, visit.account)
        if found is None:
            return not_found()
        taken = taken_by_day(connection, visit.account, since=span.first, until=span.last)
        first = min(today.replace(day=1), today - timedelta(days=7))
        lately = by_day(taken_by_day(connection, visit.account, since=first, until=today))
        exact = visit.query.has("exact") and not errors
        costs = reports.costs(connection, visit.account, span, ("trigger", "channel")) if exact else {}
        singles = singles_of(connection, visit, span) if exact else None
    days = by_day(taken)
    values = {
        "view": found.view,
        "since": span.first,
        "until": span.last,
        "so_far": sum((cost for day, cost in lately.items() if day.month == today.month), Decimal(0)),
        "forecast": month_forecast(lately, today=today),
        "total": sum(days.values(), Decimal(0)),
        "days": sorted(days.items(), reverse=True),
        "chart": chart_of(days, span),
        "triggers": triggers_of(taken),
        "budgets": [budget_row(item) for item in found.view.spent if item.budget],
        "reported": [reported(trigger, channel, tally) for (trigger, channel), tally in costs.items()],
        "singles": singles,
        "exact": exact,
        "errors": errors,
    }
    return Html("monitoring/spending.html", values, HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK)


def reported(trigger: str, channel: str, tally: Tally) -> Reported:
    return Reported(label(trigger), _(CHANNEL_LABELS.get(channel, channel)), tally)


def no_prices() -> Refusal:
    hint = _("Somebody who manages people can give you more: see People and keys.")
    return Refusal(HTTPStatus.FORBIDDEN, _("Your rights do not allow this"), hint)


def span_of(visit: Visit, today: date, errors: dict[str, str]) -> Span:
    until = day_of(visit, "until", errors) or today
    since = day_of(visit, "since", errors) or until - timedelta(days=DAYS - 1)
    if since > until:
        errors["since"] = _("is after the last day, {day}", day=until)
    elif (until - since).days >= DAYS_MAX:
        errors["since"] = _("is too early: ask for at most {days} days at a time", days=DAYS_MAX)
    return Span(today, today) if errors else Span(since, until)


def day_of(visit: Visit, name: str, errors: dict[str, str]) -> date | None:
    text = visit.query.text(name).strip()
    try:
        return day_in(text) if text else None
    except ValueError:
        errors[name] = _("Write a day, as 2026-12-01.")
        return None


def by_day(taken: Sequence[TakenOnDay]) -> dict[date, Decimal]:
    days = defaultdict[date, Decimal](Decimal)
    for item in taken:
        days[item.day] += item.cost
    return dict(days)


def chart_of(days: Mapping[date, Decimal], span: Span) -> Sequence[Bar]:
    """A bar for each day, also for those on which nothing was spent."""
    whole = [span.first + timedelta(days=index) for index in range((span.last - span.first).days + 1)]
    return bars((f"{short(day)}: {money(days.get(day, Decimal(0)))}", days.get(day, Decimal(0))) for day in whole)


def short(day: date) -> str:
    return format_date(day, "d MMM", locale=spoken())


def triggers_of(taken: Sequence[TakenOnDay]) -> list[TriggerRow]:
    """The dearest first."""
    segments, costs = defaultdict[str, int](int), defaultdict[str, Decimal](Decimal)
    for item in taken:
        segments[item.trigger] += item.segments
        costs[item.trigger] += item.cost
    rows = [TriggerRow(label(trigger), segments[trigger], cost) for trigger, cost in costs.items()]
    return sorted(rows, key=lambda row: (-row.cost, -row.segments, row.name))


def label(trigger: str) -> str:
    return BY_ID[trigger].label if trigger in BY_ID else trigger or _("all of the account")


def budget_row(item: SpentToday) -> BudgetRow:
    limits = item.budget
    cost_max, segments_max = (limits.cost, limits.segments) if limits else (None, None)
    shares = [
        *([item.spent.cost / cost_max] if cost_max else []),
        *([Decimal(item.spent.segments) / segments_max] if segments_max else []),
    ]
    share = int(100 * max(shares, default=Decimal(0)))
    name = label(item.trigger or "")
    return BudgetRow(name, item.spent.cost, item.spent.segments, cost_max, segments_max, share, item.trigger)


@page("GET", f"{PATH}/export", may="look")
def export_spending(visit: Visit) -> Shown:
    """The same days and triggers as CSV."""
    if not visit.user.sees_prices:
        return no_prices()
    errors = dict[str, str]()
    span = span_of(visit, visit.now.astimezone(visit.zone).date(), errors)
    if errors:
        return Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, _("The days are wrong"), next(iter(errors.values())))
    with transaction(visit.pool) as connection:
        taken = taken_by_day(connection, visit.account, since=span.first, until=span.last)
    file = io.StringIO(newline="")
    file.write("\ufeff")
    writer = csv.writer(file, delimiter=";", lineterminator="\r\n")
    writer.writerow([_("Day"), _("Event"), "SMS", _("Price, UAH")])
    writer.writerows([item.day.isoformat(), label(item.trigger), item.segments, f"{item.cost:.4f}"] for item in taken)
    return Download(file.getvalue().encode(), f"spending-{visit.account}.csv", "text/csv; charset=utf-8")
