"""Повідомлення «чому?»: one text with its story, what can be done about it, and doing it."""

import re
from datetime import date
from http import HTTPStatus

from worker.core.hands.resend import DID_NOT_ARRIVE, MAY_HAVE_ARRIVED, Terms
from worker.core.history.filters import Filter
from worker.core.sending.notification_states import WAITING
from worker.core.sending.nudge import NotificationId, text_id
from worker.core.sending.state_labels import STATE_LABELS
from worker.language import _
from worker.steps.hands.cancel import CANCELLED, cancel
from worker.steps.hands.resend import BEFORE, RESENT, resend_counts
from worker.steps.history.phones_seen import note_phones
from worker.steps.history.why import Reading, of_notification
from worker.store.db.postgres import Connection, transaction
from worker.store.history.entries import HistoryEntry, load
from worker.web.pages.history.listing import shown
from worker.web.pages.page import Html, Redirect, Refusal, Shown, Visit, page
from worker.web.pages.service import not_found

#: `2026-11/56`; the number is a positive bigint.
WRITTEN = re.compile(r"([1-9]\d{3})-(0[1-9]|1[0-2])/([1-9]\d{0,17})", re.ASCII)
PATH = "/a/{account}/texts/{month}/{number}"


@page("GET", PATH, may="look")
def show_text(visit: Visit) -> Shown:
    """The text, moment by moment, and what somebody can do now."""
    wanted = id_of(visit)
    with transaction(visit.pool) as connection:
        entry = entry_of(connection, visit, wanted)
        if entry is None or wanted is None:
            return not_found()
        explanation = of_notification(Reading(connection, visit.now, nobodys=False), wanted)
        if visit.user.sees_phones:
            note_phones(connection, visit.by, f"history {text_id(wanted)}", Filter(account=visit.account))
    values = {
        "item": shown(entry, sees_texts=visit.user.sees_phones),
        "entry": entry,
        "entries": explanation.entries if explanation else (),
        "remedies": explanation.remedies if explanation else (),
        "waits": entry.state in WAITING,
        "may_have_arrived": entry.state in MAY_HAVE_ARRIVED,
        "can_go_again": entry.state in DID_NOT_ARRIVE | MAY_HAVE_ARRIVED and entry.phone is not None,
    }
    return Html("history/text.html", values)


def id_of(visit: Visit) -> NotificationId | None:
    return read_id(f"{visit.path['month']}/{visit.path['number']}")


def read_id(text: str) -> NotificationId | None:
    """A text as pages name it; None: nothing is called so."""
    found = WRITTEN.fullmatch(text)
    return (date(int(found[1]), int(found[2]), 1), int(found[3])) if found else None


def entry_of(connection: Connection, visit: Visit, wanted: NotificationId | None) -> HistoryEntry | None:
    """The text, if it is of this account; the same answer for another's and for none."""
    found = load(connection, [wanted]) if wanted else []
    return next((entry for entry in found if entry.account == visit.account), None)


def here(visit: Visit, wanted: NotificationId, note: str) -> Redirect:
    return Redirect(f"{visit.home}/texts/{text_id(wanted)}", note)


@page("POST", f"{PATH}/cancel", may="steer")
def cancel_text(visit: Visit) -> Shown:
    """Take back a text that waits."""
    wanted = id_of(visit)
    with transaction(visit.pool) as connection:
        if wanted is None or entry_of(connection, visit, wanted) is None:
            return not_found()
        counts = cancel(connection, visit.account, [wanted], by=visit.by)
    if counts[CANCELLED]:
        return here(visit, wanted, _("Cancelled: it does not go."))
    state = next(iter(counts.keys() - {CANCELLED}), "")
    return here(visit, wanted, _("It waits no more: {state}.", state=_(STATE_LABELS.get(state, state))))


@page("POST", f"{PATH}/resend", may="send")
def resend_text(visit: Visit) -> Shown:
    """Send it again as a text of its own; one that may have arrived only where that was agreed to."""
    wanted = id_of(visit)
    states = DID_NOT_ARRIVE | MAY_HAVE_ARRIVED if visit.form.has("twice") else DID_NOT_ARRIVE
    with transaction(visit.pool) as connection:
        if wanted is None or entry_of(connection, visit, wanted) is None:
            return not_found()
        counts, new = resend_counts(connection, visit.account, [wanted], terms=Terms(visit.by, states, 1))
    if counts[RESENT]:
        return here(visit, new[0], _("It goes again, as this new SMS."))
    if counts[BEFORE]:
        return here(visit, wanted, _("It was sent again already: look for the newer SMS."))
    title = _("It was not sent again")
    hint = _("It may have arrived: agree to send it twice. Or its phone or a value is missing.")
    return Refusal(HTTPStatus.CONFLICT, title, hint)
