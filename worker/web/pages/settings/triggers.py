"""Події: the triggers of an account, each as it is set and what it did lately; and switching one or many."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from http import HTTPStatus

from worker.core.accounts.settings import LOCALES
from worker.core.authoring.lint import examined
from worker.core.authoring.template_scope import of_trigger
from worker.core.reminders.schedule_words import format_schedule
from worker.core.sending.state_labels import CHANNEL_LABELS
from worker.core.triggers.catalogue import BY_ID
from worker.core.triggers.sentences import SENTENCES
from worker.core.triggers.trigger import Trigger
from worker.language import _, marked, ngettext
from worker.steps.accounts import triggers
from worker.steps.accounts.desk import Desk
from worker.steps.accounts.triggers import Switched, TriggerView
from worker.store.db.postgres import Connection, transaction
from worker.store.monitoring.by_trigger import OfTrigger, by_trigger, planned_of
from worker.web.pages.editing import desk_of, edited
from worker.web.pages.page import Html, Redirect, Refusal, Shown, Visit, page

LATELY = timedelta(days=7)
#: Events that a note names; it is a cookie, and has no room for all of them.
NAMED = 5
STATES = {"on": marked("on"), "off": marked("off"), "blank": marked("on, but without a text")}


@dataclass(frozen=True, slots=True)
class Row:
    """A trigger as it is set, an SMS of it with samples and what it costs, and what it did in the last week."""

    view: TriggerView
    sentence: str
    channel: str
    when: str
    text: str
    segments: int | None
    price: Decimal | None
    lately: OfTrigger


@page("GET", "/a/{account}/triggers", may="look")
def list_triggers(visit: Visit) -> Shown:
    """Every trigger as the account uses it; those of a state, or with a word in their name, where that is asked for."""
    with transaction(visit.pool) as connection:
        desk = desk_of(connection, visit)
        views = [view for view in triggers.views(connection, desk) if not view.trigger.is_free]
        lately = by_trigger(connection, visit.account, since=visit.now - LATELY)
    wanted, word = visit.query.text("state"), visit.query.text("q").strip().casefold()
    named = [view for view in views if word in f"{view.trigger.label} {SENTENCES[view.trigger.id]}".casefold()]
    counts = [(state, _(label), sum(view.state == state for view in named)) for state, label in STATES.items()]
    values = {
        "rows": [row_of(visit, desk, view, lately) for view in named if wanted in ("", view.state)],
        "counts": [("", _("all"), len(named)), *(each for each in counts if each[2])],
        "states": STATES,
    }
    return Html("settings/triggers.html", values)


def row_of(visit: Visit, desk: Desk, view: TriggerView, lately: Mapping[str, OfTrigger]) -> Row:
    trigger, settings = view.trigger, desk.settings
    locale = settings.locale if settings.locale in view.texts else next(iter(view.texts), settings.locale)
    text = view.texts.get(locale, "")
    report = examined(text, of_trigger(trigger), settings, locale=locale) if text else None
    price = report.price if report and visit.user.sees_prices else None
    count = report.typical.count if report else None
    return Row(
        view,
        SENTENCES[trigger.id],
        _(CHANNEL_LABELS.get(view.channel, view.channel)),
        format_schedule(trigger, view.settings.settings) or _("at once"),
        report.sample if report else "",
        count,
        None if price is None or count is None else price * count,
        lately.get(trigger.id, OfTrigger()),
    )


@page("POST", "/a/{account}/triggers", may="settings")
def switch_trigger(visit: Visit) -> Shown:
    """Switch the ones that are named on or off, in one change."""
    named = [BY_ID.get(name) for name in dict.fromkeys(visit.form.all("trigger"))]
    chosen = [trigger for trigger in named if trigger is not None and not trigger.is_free]
    if len(chosen) < len(named) or visit.form.text("switch") not in {"on", "off"}:
        return Refusal(HTTPStatus.NOT_FOUND, _("There is no such event"), _("Open the list anew."))
    back = back_to(visit, chosen)
    if not chosen:
        return Redirect(back, _("Tick some events first."))

    def act(connection: Connection, desk: Desk) -> Shown:
        is_on = visit.form.text("switch") == "on"
        done = [
            (trigger, triggers.switch(connection, desk, trigger, is_on=is_on, author=visit.by)) for trigger in chosen
        ]
        planned = 0 if is_on else planned_of(connection, visit.account, [trigger.id for trigger in chosen])
        return Redirect(back, " ".join(sentences(done, is_on=is_on, planned=planned)))

    return edited(visit, act)


def back_to(visit: Visit, chosen: Sequence[Trigger]) -> str:
    """The list as it was filtered, or the page of the one event that was switched there."""
    if chosen and visit.form.has("back"):
        locale = visit.form.text("back")
        return f"{visit.home}/triggers/{chosen[0].id}" + (f"?locale={locale}" if locale in LOCALES else "")
    return f"{visit.home}/triggers{visit.query.address()}"


def sentences(done: Sequence[tuple[Trigger, Switched]], *, is_on: bool, planned: int) -> Iterator[str]:
    """What was switched, which got the default text for want of one, and what goes all the same."""
    yield said([trigger for trigger, _done in done], is_on=is_on)
    without = [trigger.label for trigger, switched in done if switched.default_text is not None]
    if without:
        more = ngettext("and {count} more", "and {count} more", len(without) - NAMED) if without[NAMED:] else ""
        labels = "; ".join([*without[:NAMED], *filter(None, [more])])
        yield _("Without a text, so the default one is taken: {labels}.", labels=labels)
    if planned:
        yield ngettext(
            "{count} text that is planned already goes all the same: a pause holds it.",
            "{count} texts that are planned already go all the same: a pause holds them.",
            planned,
        )


def said(chosen: Sequence[Trigger], *, is_on: bool) -> str:
    if len(chosen) == 1:
        return (_("Switched on: {label}.") if is_on else _("Switched off: {label}.")).format(label=chosen[0].label)
    if is_on:
        return ngettext("{count} event is switched on.", "{count} events are switched on.", len(chosen))
    return ngettext("{count} event is switched off.", "{count} events are switched off.", len(chosen))
