"""How a trigger goes: its channel, its clock, its budget, and what becomes of a text in doubt."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, cast

from worker.core.accounts.setting_kinds import LARGE_MAX, Money
from worker.core.reminders.trigger_settings import names_for
from worker.core.triggers.catalogue import BY_ID
from worker.core.triggers.trigger import Trigger
from worker.language import _, marked
from worker.steps.accounts import triggers
from worker.steps.accounts.desk import Desk
from worker.steps.accounts.triggers import Faulty, Setting
from worker.store.accounts.trigger_settings import TriggerSettings
from worker.store.db.postgres import Connection, transaction
from worker.web.pages.editing import desk_of, edited
from worker.web.pages.forms import Form
from worker.web.pages.page import Html, Redirect, Shown, Visit, page
from worker.web.pages.service import not_found

CHANNELS = {
    "sms": marked("SMS"),
    "viber": marked("Viber alone"),
    "viber_then_sms": marked("Viber, and SMS to whom it does not reach"),
    "both": marked("Viber and SMS"),
}
IF_UNCONFIRMED = {"keep": marked("rather never than twice"), "resend": marked("rather twice than never")}
OVER_BUDGET = {"stop": marked("waits for the next day"), "alert": marked("goes, with an alert")}
#: What only some triggers have, in the order of the page: its label, and how it is written.
LABELS: Mapping[str, tuple[str, str]] = {
    "timing": (marked("Reminders by our clock"), marked("“off” where your CRM has a clock of its own.")),
    "before": (marked("How long before"), marked("As 24h,2h or 30m; several with commas.")),
    "hour": (marked("Hour of the day"), marked("As 9:00, in the account's time.")),
    "days_before": (marked("Days before"), marked("As 7,1,0; several with commas.")),
    "after_days": (marked("Days after the due date"), marked("As 1.")),
    "every_days": (marked("Then every so many days"), marked("0: never again.")),
    "at_most": (marked("Reminders at most"), marked("Of one record.")),
    "max_age_days": (marked("Records older than so many days are left alone"), marked("As 60.")),
    "sent_proposal": (marked("Codes of a proposal's status “sent”"), marked("As your CRM sends them: 4,sent.")),
    "sent_order": (marked("Codes of an order's status “sent”"), marked("As your CRM sends them: 4,sent.")),
}
PREFIX = "setting-"


@dataclass(frozen=True, slots=True)
class Field:
    """A setting that only some triggers have, as its box shows it; empty: the default."""

    name: str
    label: str
    hint: str
    value: str


def fields_of(trigger: Trigger, settings: TriggerSettings) -> list[Field]:
    names = names_for(trigger)
    return [
        Field(f"{PREFIX}{name}", _(label), _(hint), written(settings.settings.get(name)))
        for name, (label, hint) in LABELS.items()
        if name in names
    ]


def written(value: object) -> str:
    if isinstance(value, list):
        return ",".join(map(str, cast("list[object]", value)))
    return "" if value is None else str(value)


@page("GET", "/a/{account}/triggers/{trigger}/settings", may="look")
def show_trigger_settings(visit: Visit) -> Shown:
    trigger = BY_ID.get(visit.path["trigger"])
    if trigger is None or trigger.is_free:
        return not_found()
    with transaction(visit.pool) as connection:
        return shown(triggers.view_of(connection, desk_of(connection, visit), trigger))


def shown(view: triggers.TriggerView, errors: Mapping[str, str] | None = None) -> Html:
    values = {
        "view": view,
        "fields": fields_of(view.trigger, view.settings),
        "channels": options(CHANNELS),
        "if_unconfirmed": options(IF_UNCONFIRMED),
        "over_budget": options(OVER_BUDGET),
        "errors": errors or {},
    }
    return Html("settings/trigger_settings.html", values, HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK)


@page("POST", "/a/{account}/triggers/{trigger}/settings", may="settings")
def save_trigger_settings(visit: Visit) -> Shown:
    trigger = BY_ID.get(visit.path["trigger"])
    if trigger is None or trigger.is_free:
        return not_found()

    def act(connection: Connection, desk: Desk) -> Shown:
        attributes, errors = attributes_of(visit.form)
        if not visit.user.sees_prices:
            del attributes["daily_budget"]
        view = triggers.view_of(connection, desk, trigger)
        if errors:
            return shown(view, errors)
        wanted = Setting(attributes, settings_of(visit.form, trigger), None)
        result = triggers.set_up(connection, desk, trigger, wanted, author=visit.by)
        if result == "no_price":
            reason = _("Nobody knows yet what an SMS costs: set its price in the settings first.")
            return shown(view, {"daily_budget": reason})
        if isinstance(result, Faulty):
            return shown(view, {f"{PREFIX}{path[0]}": sentence for path, sentence in result.faults})
        return Redirect(f"{visit.home}/triggers/{trigger.id}", _("Saved: {label}.", label=trigger.label))

    return edited(visit, act)


def settings_of(form: Form, trigger: Trigger) -> dict[str, object]:
    """What is in the boxes; an empty one takes its setting back to the default."""
    given = {name: form.text(f"{PREFIX}{name}").strip() for name in names_for(trigger)}
    return {name: as_number(value) if value else None for name, value in given.items()}


def as_number(text: str) -> object:
    """Settings that are whole numbers are kept as such; whatever else somebody wrote is judged as written."""
    return int(text) if text.isdecimal() and text.isascii() and len(text) < len("1000000") else text


def attributes_of(form: Form) -> tuple[dict[str, Any], dict[str, str]]:
    """What every trigger has, and what is wrong with it, by field."""
    errors: dict[str, str] = {}
    chosen: dict[str, Any] = {}
    for name, known in (("channel", CHANNELS), ("if_unconfirmed", IF_UNCONFIRMED), ("over_budget", OVER_BUDGET)):
        chosen[name] = form.text(name)
        if chosen[name] not in known:
            errors[name] = _("Choose something from the list.")
    errors.update(wrong_limits(form, chosen))
    return chosen, errors


def wrong_limits(form: Form, chosen: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Read the day's limits; an empty box is none."""
    budget, segments = form.text("daily_budget").strip(), form.text("daily_segments").strip()
    chosen["daily_budget"] = chosen["daily_segments"] = None
    if budget:
        try:
            chosen["daily_budget"] = Money().parse(budget)
        except ValueError as error:
            yield "daily_budget", str(error)
    if segments:
        chosen["daily_segments"] = form.whole("daily_segments")
        if not 0 < (chosen["daily_segments"] or 0) <= LARGE_MAX:
            yield "daily_segments", _("Write a whole number, as 500.")


def options(labels: Mapping[str, str]) -> Sequence[tuple[str, str]]:
    return [(name, _(label)) for name, label in labels.items()]
