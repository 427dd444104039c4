"""Події: the nineteen triggers of an account, and switching them."""

from http import HTTPStatus

from worker.core.triggers.catalogue import BY_ID
from worker.core.triggers.sentences import SENTENCES
from worker.language import _
from worker.steps.accounts import triggers
from worker.steps.accounts.desk import Desk
from worker.store.db.postgres import Connection, transaction
from worker.web.pages.editing import desk_of, edited
from worker.web.pages.page import Html, Redirect, Refusal, Shown, Visit, page


@page("GET", "/a/{account}/triggers", may="look")
def list_triggers(visit: Visit) -> Shown:
    """Every trigger as the account uses it."""
    with transaction(visit.pool) as connection:
        views = list(triggers.views(connection, desk_of(connection, visit)))
    shown = [view for view in views if not view.trigger.is_free]
    return Html("settings/triggers.html", {"views": shown, "sentences": SENTENCES})


@page("POST", "/a/{account}/triggers", may="settings")
def switch_trigger(visit: Visit) -> Shown:
    """Switch one on or off."""
    trigger, is_on = BY_ID.get(visit.form.text("trigger")), visit.form.text("switch") == "on"
    if trigger is None:
        return Refusal(HTTPStatus.NOT_FOUND, _("There is no such event"), _("Open the list anew."))

    def act(connection: Connection, desk: Desk) -> Shown:
        triggers.switch(connection, desk, trigger, is_on=is_on, author=visit.by)
        said = _("Switched on: {label}.") if is_on else _("Switched off: {label}.")
        return Redirect(f"/a/{visit.account}/triggers", said.format(label=trigger.label))

    return edited(visit, act)
