"""Огляд: what waits and for what, what today cost, how long the money lasts, and what is paused."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from worker.core.hands.pause_scope import is_by_hand
from worker.core.history.pause_meanings import meaning_of_pause
from worker.core.history.sentences.reason import words_of
from worker.core.monitoring.departure import Departure
from worker.core.receipts.receipt_labels import Label
from worker.core.sending.state_labels import STATE_LABELS
from worker.core.triggers.catalogue import BY_ID
from worker.language import _, of_pair
from worker.steps.history.why import codes_of_reasons
from worker.steps.monitoring.overview import SpentToday, Wait, account_overview
from worker.store.db.postgres import transaction
from worker.store.ingest.dead_letter_list import count_open
from worker.store.monitoring.by_trigger import ENDS
from worker.store.monitoring.today import LOOKED_AT, Became, became_since
from worker.store.reminders.coming import Coming, coming
from worker.store.spending.by_day import TakenOnDay, taken_by_day
from worker.web.pages.charts import Bar, bars
from worker.web.pages.monitoring.spending import short
from worker.web.pages.page import Html, Shown, Visit, page
from worker.web.pages.rendering import money, number
from worker.web.pages.sending.pauses import words
from worker.web.pages.service import not_found

DAY, WEEK = timedelta(days=1), timedelta(days=7)
#: Of a day on which much goes wrong.
REASONS_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Waits:
    """Texts that wait for the same; without a moment they wait for a person."""

    texts: int
    why: str
    at: datetime | None
    goes_now: bool


@page("GET", "/a/{account}/overview", may="look")
def overview(visit: Visit) -> Shown:
    today = visit.now.astimezone(visit.zone).date()
    midnight = datetime.combine(today, time(), visit.zone)
    with transaction(visit.pool) as connection:
        found = account_overview(connection, visit.account)
        became = became_since(connection, visit.account, since=midnight)
        next_day = coming(connection, visit.account, until=visit.now + DAY, zone=visit.zone.key)
        taken = taken_by_day(connection, visit.account, since=today - WEEK + DAY, until=today)
        letters = count_open(connection, visit.account)
    if found is None:
        return not_found()
    view = found.view
    values = {
        "today": today,
        "states": states_of(became),
        "not_sent": reasons_of(became),
        "is_cut": sum(each.texts for each in became) >= LOOKED_AT,
        "coming": coming_of(next_day),
        "week": week_of(taken, today),
        "letters": letters,
        "view": view,
        "waiting": sum(wait.texts for wait in view.waits),
        "waits": [waits_of(wait, now=found.at) for wait in view.waits],
        "spent": [(name_of(item), amount_of(item)) for item in view.spent] if visit.user.sees_prices else [],
        "holds": [(words(hold.scope), why(hold.scope, hold.reason), hold.since) for hold in found.holds],
    }
    return Html("monitoring/overview.html", values, block="figures" if visit.is_fragment else None)


def states_of(became: Sequence[Became]) -> list[tuple[str, str, int]]:
    """Texts of today by state, the most first."""
    counts = Counter[str]()
    for each in became:
        counts[each.state] += each.texts
    return [(state, _(STATE_LABELS.get(state, state)), count) for state, count in counts.most_common()]


def reasons_of(became: Sequence[Became]) -> list[tuple[str, str, str, str, int]]:
    """Why texts of today did not go or did not arrive: each state and reason in words, the most first."""
    ended = [each for each in became if each.reason and each.state in ENDS]
    codes = codes_of_reasons(each.reason for each in ended)
    return [
        (
            each.state,
            each.reason or "",
            _(STATE_LABELS.get(each.state, each.state)),
            why_ended(each, codes),
            each.texts,
        )
        for each in ended
    ][:REASONS_SHOWN]


def why_ended(became: Became, codes: Mapping[str, Label]) -> str:
    return of_pair(words_of(became.state, became.reason or "", codes))


def coming_of(known: Sequence[Coming]) -> list[tuple[str, int]]:
    """Reminders of the next day by trigger, the most first."""
    counts = Counter[str]()
    for item in known:
        counts[item.trigger] += item.reminders
    return [(BY_ID[name].label if name in BY_ID else name, count) for name, count in counts.most_common()]


def week_of(taken: Sequence[TakenOnDay], today: date) -> Sequence[Bar]:
    """SMS of each of the last seven days."""
    counts = Counter[date]()
    for item in taken:
        counts[item.day] += item.segments
    days = [today - WEEK + DAY * nth for nth in range(1, 8)]
    return bars((f"{short(day)}: {counts[day]} SMS", Decimal(counts[day])) for day in days)


def waits_of(wait: Wait, *, now: datetime) -> Waits:
    at = wait.first.at
    return Waits(wait.texts, reason_of(wait.first), at, goes_now=at is not None and at <= now)


def reason_of(departure: Departure) -> str:
    """What it waits for, in words; nothing where it goes now."""
    if departure.hold:
        return why(departure.hold.scope, departure.hold.reason)
    return of_pair(words_of("postponed", departure.waits_for, {})) if departure.waits_for else ""


def why(scope: str, reason: str) -> str:
    if is_by_hand(scope):
        return _("somebody paused it")
    meaning = meaning_of_pause(scope, reason)
    return of_pair(meaning.sentence) if meaning else reason


def name_of(item: SpentToday) -> str:
    trigger = BY_ID.get(item.trigger or "")
    return trigger.label if trigger else item.trigger or _("all of the account")


def amount_of(item: SpentToday) -> str:
    """`12,40 грн із 100,00 грн, 16 SMS`."""
    spent, limit = money(item.spent.cost), item.budget.cost if item.budget else None
    if limit is not None:
        spent = _("{spent} of {limit}", spent=spent, limit=money(limit))
    return f"{spent}, {number(item.spent.segments)} SMS"
