"""What `stats` shows: what goes, what waits for what and until when, what it costs, and who works."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from rich.console import Group, RenderableType
from rich.text import Text

from worker.cli.ages import format_age
from worker.cli.moments import ZonesOfAccounts, shown
from worker.cli.operate.pause_labels import scope_words, why
from worker.cli.tables import Row, drawn
from worker.cli.terminal import format_price
from worker.cli.words import word
from worker.core.accounts.account import Budget
from worker.core.monitoring.departure import Departure, Hold
from worker.language import _, ngettext
from worker.logs.redaction import visible
from worker.steps.monitoring.overview import AccountView, LaneView, OldestText, Overview, SpentToday, Wait

#: Messages and consumers by queue, or why RabbitMQ does not say.
Loads = Mapping[str, tuple[int, int]] | str


@dataclass(frozen=True, slots=True)
class Frame:
    """What one look found."""

    view: Overview
    loads: Loads
    zones: ZonesOfAccounts
    zone: tzinfo

    def zone_of(self, account: str | None) -> tzinfo:
        return self.zones.get(account or "", self.zone)


def screen(frame: Frame, width: int) -> RenderableType:
    view = frame.view
    sections = (
        (_("Paused"), [hold_row(hold, frame) for hold in view.holds]),
        (_("Lanes"), [lane_row(lane) for lane in view.lanes]),
        (
            _("What waits for longest"),
            [oldest_row(lane.lane, lane.oldest, frame) for lane in view.lanes if lane.oldest],
        ),
        (_("Accounts"), [account_row(account, frame) for account in view.accounts]),
        (_("What CRMs wait to hear"), [outcomes_row(name, age) for name, age in view.outcomes_waiting.items()]),
        (_("Queues"), queue_rows(frame.loads)),
    )
    parts: list[RenderableType] = [*map(Text, summary(frame))]
    for title, rows in sections:
        if rows:
            parts += [Text(f"\n{title}", style="bold"), drawn(rows, list(rows[0]), width=width, zones=frame.zone)]
    return Group(*parts)


def summary(frame: Frame) -> list[str]:
    view = frame.view
    rates = _(
        "{events} events/s, {texts} texts/s", events=rate(view.lately.events_per_s), texts=rate(view.lately.texts_per_s)
    )
    states = ", ".join(f"{count} {word('state', state)}" for state, count in sorted_states(view.lately.states))
    span = format_age(view.at - view.lately.since)
    lines = [
        f"{shown(view.at, frame.zone)}: {rates}; {workers_of(view)}; {dead_of(view)}",
        _("Texts of the last {span}: {states}", span=span, states=states or _("none")),
    ]
    return [*lines, frame.loads] if isinstance(frame.loads, str) else lines


def rate(per_s: float) -> str:
    return f"{per_s:.1f}" if per_s < 100 else f"{per_s:.0f}"  # noqa: PLR2004 (three figures are enough)


def sorted_states(states: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(states.items(), key=lambda item: -item[1])


def workers_of(view: Overview) -> str:
    schedulers = view.schedulers
    if not schedulers.living:
        return _("no scheduler runs: nothing that waits goes on")
    count = ngettext("{count} scheduler", "{count} schedulers", len(schedulers.living))
    late = _("late by {lag}", lag=_("{count} s", count=f"{schedulers.lag.total_seconds():.1f}"))
    failing = [_("{task} fails: {why}", task=task, why=visible(error)) for task, error in schedulers.failing.items()]
    return ", ".join([f"{count}, {late}", *failing])


def dead_of(view: Overview) -> str:
    count = sum(view.dead.values())
    return ngettext("{count} dead letter", "{count} dead letters", count)


def queue_rows(loads: Loads) -> list[Row]:
    if isinstance(loads, str):
        return []
    return [
        {"queue": queue, "messages": messages, "consumers": consumers} for queue, (messages, consumers) in loads.items()
    ]


def outcomes_row(account: str, age: timedelta) -> Row:
    return {"account": account, "oldest": format_age(age)}


def lane_row(lane: LaneView) -> Row:
    return {"lane": lane.lane, "planned": lane.planned, "postponed": lane.postponed, "sending": lane.sending}


def oldest_row(lane: str, oldest: OldestText, frame: Frame) -> Row:
    text, departure = oldest.text, oldest.departure
    return {
        "lane": lane,
        "oldest": f"{format_age(frame.view.at - text.created_at)}, {text.account}",
        "goes": leaves(departure, frame.zone_of(text.account), now=frame.view.at),
        "reason": reason_of(departure),
    }


def reason_of(departure: Departure) -> str | None:
    """What it waits for, in words."""
    if departure.hold:
        return why(departure.hold.scope, departure.hold.reason)
    return departure.waits_for and word("reason", departure.waits_for)


def leaves(departure: Departure, zone: tzinfo, *, now: datetime) -> str:
    if departure.at is None:
        return _("once a person resumes it")
    return _("now") if departure.at <= now else shown(departure.at, zone)


def hold_row(hold: Hold, frame: Frame) -> Row:
    zone = frame.zone_of(hold.account)
    return {
        "account": hold.account or _("every account"),
        "scope": scope_words(hold.scope),
        "detail": why(hold.scope, hold.reason),
        "by": hold.by,
        "since": shown(hold.since, zone),
        "ends": _("once a person resumes it") if hold.ends_at is None else shown(hold.ends_at, zone),
    }


def account_row(account: AccountView, frame: Frame) -> Row:
    zone = frame.zone_of(account.account)
    waits = "; ".join(wait_of(wait, zone, now=frame.view.at) for wait in account.waits)
    return {
        "account": account.account,
        "waits_for": waits or _("nothing waits"),
        "spent_today": "; ".join(map(spent_of, account.spent)),
        "balance": balance_of(account, zone),
        "lasts": None if account.hours_left is None else _("{count} h", count=f"{account.hours_left:.0f}"),
    }


def balance_of(account: AccountView, zone: tzinfo) -> str | None:
    """`200 UAH as of 2026-12-01 09:00:00 Europe/Kyiv`: TurboSMS was asked then, not now."""
    if account.balance is None or account.balance_at is None:
        return None
    amount = format_price(account.balance)
    return _("{amount} UAH as of {moment}", amount=amount, moment=shown(account.balance_at, zone))


def wait_of(wait: Wait, zone: tzinfo, *, now: datetime) -> str:
    """`12: it is outside the hours in which people may be written to (2026-12-01 09:00:00 Europe/Kyiv)`."""
    if wait.waits_for is None:
        return ngettext("{count} goes now", "{count} go now", wait.texts)
    when = leaves(wait.first, zone, now=now)
    return f"{wait.texts}: {(reason_of(wait.first) or '').removesuffix('.')} ({when})"


def spent_of(item: SpentToday) -> str:
    """`order_created 12.40 of 100 UAH`; without a budget in hryvnias, segments where those are limited."""
    name = f"{item.trigger} " if item.trigger else ""
    return f"{name}{amount_of(item)}"


def amount_of(item: SpentToday) -> str:
    spent, budget = item.spent, item.budget or Budget()
    figures: Sequence[tuple[str, str | None, str]] = (
        (f"{spent.cost:.2f}", None if budget.cost is None else f"{budget.cost:.2f}", _("UAH")),
        (str(spent.segments), None if budget.segments is None else str(budget.segments), _("segments")),
    )
    limited = [
        _("{spent} of {limit} {unit}", spent=had, limit=limit, unit=unit) for had, limit, unit in figures if limit
    ]
    if not limited and spent.segments and not spent.cost:
        return ngettext(
            "{count} segment, its price not known", "{count} segments, their price not known", spent.segments
        )
    return ", ".join(limited) or _("{amount} UAH", amount=f"{spent.cost:.2f}")
