"""Огляд: what waits and for what, what today cost, how long the money lasts, and what is paused."""

from dataclasses import dataclass
from datetime import datetime

from worker.core.hands.pause_scope import is_by_hand
from worker.core.history.pause_meanings import meaning_of_pause
from worker.core.history.sentences.reason import words_of
from worker.core.monitoring.departure import Departure
from worker.core.triggers.catalogue import BY_ID
from worker.language import _, of_pair
from worker.steps.monitoring.overview import SpentToday, Wait, account_overview
from worker.store.db.postgres import transaction
from worker.web.pages.page import Html, Shown, Visit, page
from worker.web.pages.rendering import money, number
from worker.web.pages.sending.pauses import words
from worker.web.pages.service import not_found


@dataclass(frozen=True, slots=True)
class Waits:
    """Texts that wait for the same; without a moment they wait for a person."""

    texts: int
    why: str
    at: datetime | None
    goes_now: bool


@page("GET", "/a/{account}/overview", may="look")
def overview(visit: Visit) -> Shown:
    with transaction(visit.pool) as connection:
        found = account_overview(connection, visit.account)
    if found is None:
        return not_found()
    view = found.view
    values = {
        "view": view,
        "waiting": sum(wait.texts for wait in view.waits),
        "waits": [waits_of(wait, now=found.at) for wait in view.waits],
        "spent": [(name_of(item), amount_of(item)) for item in view.spent] if visit.user.sees_prices else [],
        "holds": [(words(hold.scope), why(hold.scope, hold.reason), hold.since) for hold in found.holds],
    }
    return Html("monitoring/overview.html", values, block="figures" if visit.is_fragment else None)


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
