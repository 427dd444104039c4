"""Кому дійшло б: the texts that the newest events of a week would have led to, with the words that are typed."""

from dataclasses import dataclass
from decimal import Decimal

from worker.core.authoring.preview import Trial
from worker.core.authoring.template_scope import of_trigger
from worker.core.history.filters import Filter
from worker.core.history.sentences.reason import words_of
from worker.core.sending.state_labels import CHANNEL_LABELS
from worker.core.spending.cost_estimate import expected
from worker.core.triggers.catalogue import BY_ID
from worker.language import _, of_pair
from worker.steps.accounts.trials import Wanted, try_week
from worker.steps.history.phones_seen import note_phones
from worker.store.db.postgres import transaction
from worker.store.spending import prices
from worker.web.pages.editing import desk_of
from worker.web.pages.page import Html, Shown, Visit, page
from worker.web.pages.service import not_found
from worker.web.pages.settings.trigger import locale_of, text_of


@dataclass(frozen=True, slots=True)
class Row:
    """A text as it would have been; `text` is None for who may not see texts, `cost` where nothing would have gone."""

    trial: Trial
    text: str | None
    channel: str
    why: str
    cost: Decimal | None


@page("GET", "/a/{account}/triggers/{trigger}/reached", may="look")
def show_reached(visit: Visit) -> Shown:
    """By the text in the address, or else by the one that is kept."""
    trigger = BY_ID.get(visit.path["trigger"])
    if trigger is None or trigger.is_free:
        return not_found()
    sees = visit.user.sees_phones
    with transaction(visit.pool) as connection:
        desk = desk_of(connection, visit)
        subject, locale = of_trigger(trigger), locale_of(visit, desk)
        kept = desk.text(subject, locale)
        typed = visit.query.text("text", text_of(kept))
        words = kept if kept and typed == kept.text else typed
        week = try_week(connection, visit.cache, desk, Wanted(subject, words, locale, phones=sees))
        known = prices.prices_of(connection, visit.account)
        if sees and week.trials:
            note_phones(connection, visit.by, f"triggers {trigger.id}", Filter(account=visit.account))
    rows = [row_of(trial, cost_of(trial, known), sees_texts=sees) for trial in week.trials]
    values = {
        "trigger": trigger,
        "locale": locale,
        "typed": typed,
        "week": week,
        "rows": rows,
        "going": sum(1 for row in rows if not row.why),
        "total": sum((row.cost for row in rows if row.cost is not None), Decimal(0)),
    }
    return Html("settings/reached.html", values)


def row_of(trial: Trial, cost: Decimal | None, *, sees_texts: bool) -> Row:
    why = of_pair(words_of(trial.state, trial.reason, {})) if trial.reason and trial.state != "planned" else ""
    channel = _(CHANNEL_LABELS.get(trial.channel or "sms", trial.channel or ""))
    return Row(trial, trial.text if sees_texts else None, channel, why, None if why else cost)


def cost_of(trial: Trial, known: prices.Prices) -> Decimal | None:
    """In hryvnias, where somebody knows a price."""
    cost = expected(trial.channel or "sms", trial.size.count, known).cost
    return cost or None
