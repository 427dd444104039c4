"""`/stats`: what an account's texts wait for, what became of them, and what they cost."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, WithJsonSchema

from worker.core.contract.fields import DAY, spelt
from worker.core.history.sentences.reason import words_of
from worker.core.monitoring.text_report import TextTally
from worker.core.outcomes.reason import Reason, pause_reason, reason_of
from worker.core.spending.cost_report import PARTS, Tally
from worker.language import _
from worker.steps.history.why import codes_of_reasons
from worker.steps.monitoring import reports
from worker.steps.monitoring.overview import AccountOverview, SpentToday, Wait, account_overview
from worker.steps.monitoring.reports import Span
from worker.store.db.postgres import Connection, transaction
from worker.web.api.endpoint import Answer, Call, endpoint
from worker.web.api.fields import Fields, about
from worker.web.api.problems import NOT_FOUND, Problem, not_found, wrong_field

TAG = "stats"
#: A week, for a request must be quick also where an account has a million texts a month.
DAYS = 6
DAYS_MAX = 92
Part = Literal["trigger", "channel", "day", "week", "month"]


def as_day(value: object) -> object:
    if isinstance(value, str) and DAY.fullmatch(value):
        return date.fromisoformat(value)
    raise ValueError(_("must be a day such as 2026-11-28"))


Day = Annotated[date, BeforeValidator(as_day), WithJsonSchema(spelt(DAY, format="date"))]


class WhichDays(Fields):
    by: Annotated[tuple[Part, ...], about("What is told apart.", ["trigger", "day"], max_length=5)] = ("trigger",)
    since: Annotated[Day | None, about("The first day, by the account's clocks; else a week is added up.")] = None
    until: Annotated[Day | None, about("The last day; else today.", "2026-11-30")] = None


@dataclass(frozen=True, slots=True)
class WaitingFor:
    """Texts that wait for the same."""

    reason: Annotated[Reason | None, about("What they wait for; null: they go now.")]
    texts: Annotated[int, about("How many.")]
    first_goes_at: Annotated[datetime | None, about("When the first goes at the earliest; null: when somebody acts.")]


@dataclass(frozen=True, slots=True)
class SpentOfBudget:
    """What was spent today, of which budget."""

    trigger: Annotated[str | None, about("Whose budget; null: the account's.")]
    hryvnias: Annotated[str, about("Spent.", "12.40")]
    segments: Annotated[int, about("Spent.")]
    hryvnias_max: Annotated[str | None, about("The budget of hryvnias; null: no limit.", "100.00")]
    segments_max: Annotated[int | None, about("The budget of segments; null: no limit.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountStats:
    """An account at one look."""

    at: Annotated[datetime, about("When this was so.")]
    waits: Annotated[list[WaitingFor], about("What texts wait for, the most first.")]
    paused: Annotated[list[str], about("What stands still, as GET /pauses names it.")]
    spent_today: Annotated[list[SpentOfBudget], about("The account, then triggers with a budget of their own.")]
    balance: Annotated[str | None, about("Hryvnias left at TurboSMS; null: it was not asked yet.", "200.00")]
    balance_at: Annotated[datetime | None, about("When it was asked.")]
    hours_left: Annotated[float | None, about("For how long the balance lasts at the pace of late.")]


@dataclass(frozen=True, slots=True)
class SplitBy:
    """Of what these figures are; what nobody asked to tell apart is null."""

    trigger: Annotated[str | None, about("The trigger.")]
    channel: Annotated[str | None, about("The channel.")]
    day: Annotated[str | None, about("The day.", "2026-11-28")]
    week: Annotated[str | None, about("Its Monday.")]
    month: Annotated[str | None, about("Its first day.")]


@dataclass(frozen=True, slots=True)
class TextFigures:
    """Texts by what became of them."""

    of: SplitBy
    texts: Annotated[int, about("All of them.")]
    segments: Annotated[int, about("Of all but what was not sent.")]
    waiting: Annotated[int, about("They wait.")]
    under_way: Annotated[int, about("They are with TurboSMS.")]
    delivered: Annotated[int, about("They arrived.")]
    undelivered: Annotated[int, about("They did not.")]
    not_sent: Annotated[int, about("Skipped, cancelled or expired.")]
    failed: Annotated[int, about("Failed, or refused by TurboSMS.")]
    unconfirmed: Annotated[int, about("Perhaps sent: TurboSMS never answered.")]


@dataclass(frozen=True, slots=True)
class CostFigures:
    """Messages that TurboSMS took, and what they cost."""

    of: SplitBy
    messages: Annotated[int, about("How many.")]
    segments: Annotated[int, about("Their segments.")]
    hryvnias: Annotated[str, about("Known and estimated together.", "12.4000")]
    hryvnias_known: Annotated[str, about("As TurboSMS reported them.")]
    messages_estimated: Annotated[int, about("Messages whose price is estimated.")]
    messages_unpriced: Annotated[int, about("Messages of which nobody knows a price.")]


@dataclass(frozen=True, slots=True)
class TextsReport:
    """What became of the texts of a span of days."""

    since: Annotated[date, about("The first day.")]
    until: Annotated[date, about("The last day.")]
    items: list[TextFigures]


@dataclass(frozen=True, slots=True)
class CostsReport:
    """What the messages of a span of days cost."""

    since: Annotated[date, about("The first day.")]
    until: Annotated[date, about("The last day.")]
    items: list[CostFigures]


@endpoint("GET", "/stats", scope="read", tag=TAG, answer=AccountStats, problems=(NOT_FOUND,))
def show_stats(call: Call[None, None]) -> Answer | Problem:
    """See at one look what waits for what, what stands still and what it costs."""
    with transaction(call.pool) as connection:
        found = account_overview(connection, call.account)
    return Answer(stats_of(found)) if found else not_found(_("figures"))


@endpoint("GET", "/stats/texts", scope="read", tag=TAG, answer=TextsReport)
def report_texts(call: Call[WhichDays, None]) -> Answer | Problem:
    """Add up what became of texts.

    Each counts on the day on which it was planned. At most 92 days at a time; where they answer 503, ask for fewer.
    """
    with transaction(call.pool) as connection:
        span = span_of(connection, call)
        if isinstance(span, Problem):
            return span
        sums = reports.texts(connection, call.account, span, call.parameters.by)
    items = [text_figures(of, tally) for of, tally in split(sums, call.parameters.by)]
    return Answer(TextsReport(span.first, span.last, items))


@endpoint("GET", "/stats/costs", scope="read", tag=TAG, answer=CostsReport)
def report_costs(call: Call[WhichDays, None]) -> Answer | Problem:
    """Add up what messages cost.

    By TurboSMS's reports; where there is none yet, by the account's price. At most 92 days at a time; where they answer
    503, ask for fewer.
    """
    with transaction(call.pool) as connection:
        span = span_of(connection, call)
        if isinstance(span, Problem):
            return span
        sums = reports.costs(connection, call.account, span, call.parameters.by)
    items = [cost_figures(of, tally) for of, tally in split(sums, call.parameters.by)]
    return Answer(CostsReport(span.first, span.last, items))


def span_of(connection: Connection, call: Call[WhichDays, None]) -> Span | Problem:
    asked = call.parameters
    span = reports.span_of(connection, call.account, asked.since, asked.until, back=DAYS)
    if span.is_empty:
        return wrong_field("since", _("is after the last day, {day}", day=span.last))
    if (span.last - span.first).days >= DAYS_MAX:
        return wrong_field("since", _("is too early: ask for at most {days} days at a time", days=DAYS_MAX))
    return span


def split(sums: Mapping[tuple[str, ...], Any], by: Collection[str]) -> Iterable[tuple[SplitBy, Any]]:
    """Each sum with what it is of."""
    names = [part for part in PARTS if part in by]
    nothing = dict.fromkeys((part for part in PARTS if part != "account"), None)
    return ((SplitBy(**{**nothing, **dict(zip(names, key, strict=True))}), tally) for key, tally in sums.items())


def text_figures(of: SplitBy, tally: TextTally) -> TextFigures:
    return TextFigures(of, **asdict(tally))


def cost_figures(of: SplitBy, tally: Tally) -> CostFigures:
    return CostFigures(
        of,
        tally.messages,
        tally.segments,
        f"{tally.cost:.4f}",
        f"{tally.known:.4f}",
        tally.estimated_messages,
        tally.unpriced_messages,
    )


def stats_of(found: AccountOverview) -> AccountStats:
    view = found.view
    return AccountStats(
        at=found.at,
        waits=[waiting_for(wait) for wait in view.waits],
        paused=[hold.scope for hold in found.holds],
        spent_today=[spent_of(item) for item in view.spent],
        balance=amount(view.balance),
        balance_at=view.balance_at,
        hours_left=None if view.hours_left is None else round(view.hours_left, 1),
    )


def waiting_for(wait: Wait) -> WaitingFor:
    code, hold = wait.waits_for, wait.first.hold
    if code is None:
        return WaitingFor(None, wait.texts, wait.first.at)
    reason = (
        pause_reason(hold.scope, code)
        if hold
        else reason_of(code, words_of("postponed", code, codes_of_reasons([code])))
    )
    return WaitingFor(reason, wait.texts, wait.first.at)


def spent_of(item: SpentToday) -> SpentOfBudget:
    limits = item.budget
    return SpentOfBudget(
        item.trigger,
        f"{item.spent.cost:.2f}",
        item.spent.segments,
        amount(limits.cost) if limits else None,
        limits.segments if limits else None,
    )


def amount(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:.2f}"
