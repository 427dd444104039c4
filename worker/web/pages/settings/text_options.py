"""Крім слів: what a text asks for besides its words: values that must not be missing, and what Viber shows with it."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from worker.core.authoring.template_scope import of_trigger
from worker.core.texts.viber_message import CAPTION_MAX, TTL_MAX, TTL_MIN, options_as_json, read_options
from worker.core.triggers.catalogue import BY_ID
from worker.core.triggers.trigger import Trigger
from worker.language import _, marked
from worker.steps.accounts import texts
from worker.steps.accounts.desk import Desk
from worker.store.accounts.templates import Kept
from worker.store.db.postgres import Connection, transaction
from worker.web.pages.editing import desk_of, edited
from worker.web.pages.forms import Form
from worker.web.pages.page import Html, Redirect, Shown, Visit, page
from worker.web.pages.service import not_found
from worker.web.pages.settings.trigger import locale_of, name_of, wrong_locale

PATH = "/a/{account}/triggers/{trigger}/options"
MINUTE = 60
MISSING = {
    "drop": marked("it goes without the value"),
    "fail": marked("it does not go, and somebody looks at it on the desk"),
}
#: Where a fault of the options belongs.
FIELDS = {"button.caption": "caption", "button.link": "link", "viber.button.link": "link", "viber.picture": "picture"}


@page("GET", PATH, may="look")
def show_text_options(visit: Visit) -> Shown:
    trigger = BY_ID.get(visit.path["trigger"])
    if trigger is None or trigger.is_free:
        return not_found()
    with transaction(visit.pool) as connection:
        desk = desk_of(connection, visit)
    kept = desk.text(of_trigger(trigger), locale_of(visit, desk))
    return not_found() if kept is None else shown(visit, trigger, kept, {})


def shown(visit: Visit, trigger: Trigger, kept: Kept, errors: Mapping[str, str]) -> Html:
    button = kept.viber.get("button", {})
    ttl = kept.viber.get("ttl")
    values = {
        "trigger": trigger,
        "locale": kept.locale,
        "locale_name": name_of(kept.locale),
        "missing": [(name, _(label)) for name, label in MISSING.items()],
        "kept": {
            "missing": kept.missing,
            "ttl": ttl // MINUTE if ttl else "",
            "caption": button.get("caption", ""),
            "link": button.get("link", ""),
            "picture": kept.viber.get("picture", ""),
            "transactional": kept.viber.get("transactional", False),
        },
        "is_typed": bool(visit.form.fields),
        "caption_max": CAPTION_MAX,
        "errors": errors,
    }
    return Html("settings/text_options.html", values, HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK)


@page("POST", PATH, may="settings")
def save_text_options(visit: Visit) -> Shown:
    trigger = BY_ID.get(visit.path["trigger"])
    if trigger is None or trigger.is_free:
        return not_found()

    def act(connection: Connection, desk: Desk) -> Shown:
        subject = of_trigger(trigger)
        kept = desk.text(subject, locale_of(visit, desk))
        if kept is None:
            return not_found()
        errors = wrong_locale(visit)
        viber = viber_of(visit.form, errors)
        missing = visit.form.text("missing")
        if missing not in MISSING:
            errors["missing"] = _("Choose something from the list.")
        if errors:
            return shown(visit, trigger, kept, errors)
        if refused := texts.ask(connection, desk, subject, kept, missing=missing, viber=viber):
            said = next((finding.message for finding in refused.report.findings if finding.is_error), refused.text)
            return shown(visit, trigger, kept, {FIELDS.get(refused.field, "link"): said})
        return Redirect(
            f"{visit.home}/triggers/{trigger.id}?locale={kept.locale}", _("Saved: {label}.", label=trigger.label)
        )

    return edited(visit, act)


def viber_of(form: Form, errors: dict[str, str]) -> dict[str, Any]:
    """The options as they are kept, or what is wrong with them at their boxes."""
    given = {name: form.text(name).strip() for name in ("caption", "link", "picture")}
    wanted: dict[str, Any] = {"transactional": form.has("transactional")}
    if given["caption"] or given["link"]:
        wanted["button"] = {"caption": given["caption"], "link": given["link"]}
    if given["picture"]:
        wanted["picture"] = given["picture"]
    if form.text("ttl").strip():
        minutes = form.whole("ttl")
        if minutes is None or not TTL_MIN <= minutes * MINUTE <= TTL_MAX:
            errors["ttl"] = _("Give 1 to 1440 minutes.")
        else:
            wanted["ttl"] = minutes * MINUTE
    try:
        return options_as_json(read_options(wanted))
    except ValueError as error:
        for fault in str(error).split("; "):
            field, _colon, said = fault.partition(": ")
            errors[FIELDS.get(field, field)] = said or fault
        return {}
