"""Можливо надіслані: texts of which nobody knows whether they went, for somebody to decide."""

from http import HTTPStatus

from worker.core.history.filters import Filter
from worker.core.sending.nudge import NotificationId, text_id
from worker.core.sending.unconfirmed_labels import likelihood
from worker.core.triggers.catalogue import BY_ID
from worker.language import _, ngettext
from worker.steps.history.phones_seen import note_phones
from worker.steps.operate.resolve_unconfirmed import Decided, declare_sent, resend
from worker.store.db.postgres import Connection, committed, transaction
from worker.store.history.entries import load
from worker.store.sending.unconfirmed import UnconfirmedText, list_unconfirmed
from worker.web.pages.history.text import read_id
from worker.web.pages.page import Html, Redirect, Refusal, Shown, Visit, page

PATH = "/a/{account}/unconfirmed"
SHOWN_MAX = 200


@page("GET", PATH, may="look")
def unconfirmed(visit: Visit) -> Shown:
    """The newest of them; the cabinet of TurboSMS shows whether one went."""
    with transaction(visit.pool) as connection:
        texts = list_unconfirmed(connection, account=visit.account, limit=SHOWN_MAX)
        if texts and visit.user.sees_phones:
            note_phones(connection, visit.by, "unconfirmed", Filter(account=visit.account))
    rows = [(text_id((text.month, text.id)), text, label_of(text), likelihood(text.reason)) for text in texts]
    return Html("desk/unconfirmed.html", {"rows": rows, "most": SHOWN_MAX})


def label_of(text: UnconfirmedText) -> str:
    trigger = BY_ID.get(text.trigger)
    return trigger.label if trigger else text.trigger


@page("POST", PATH, may="desk")
def decide(visit: Visit) -> Shown:
    """The ticked ones went, as the cabinet shows, or are sent again, which may write to somebody twice."""
    goes_again = visit.form.text("act") == "resend"
    if not goes_again and visit.form.text("act") != "sent":
        return Refusal(
            HTTPStatus.UNPROCESSABLE_ENTITY, _("Nothing was changed."), _("Go back, and say what is to be done.")
        )
    if goes_again and not visit.user.may("send"):
        return Refusal(
            HTTPStatus.FORBIDDEN, _("Your rights do not allow this"), _("To send again is to send: it costs money.")
        )
    wanted = [each for each in map(read_id, visit.form.all("text")[:SHOWN_MAX]) if each]

    def act(connection: Connection) -> list[Decided]:
        own = ids_of(connection, visit.account, wanted)
        return resend(connection, own, by=visit.by) if goes_again else declare_sent(connection, own, by=visit.by)

    decided = committed(visit.pool, act) if wanted else []
    if not decided:
        return Redirect(f"{visit.home}/unconfirmed", _("Tick some SMS first."))
    done = sum(each.is_done for each in decided)
    said = (
        ngettext("{count} SMS goes again.", "{count} SMS go again.", done)
        if goes_again
        else ngettext("{count} SMS counts as sent.", "{count} SMS count as sent.", done)
    )
    if done < len(decided):
        left = len(decided) - done
        said += " " + ngettext(
            "{count} was decided by somebody else meanwhile.", "{count} were decided by somebody else meanwhile.", left
        )
    return Redirect(f"{visit.home}/unconfirmed", said)


def ids_of(connection: Connection, account: str, wanted: list[NotificationId]) -> list[NotificationId]:
    """Those of this account."""
    return [(entry.month, entry.id) for entry in load(connection, wanted) if entry.account == account]
