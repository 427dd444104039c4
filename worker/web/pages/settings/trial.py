"""Пробна SMS: the text of an event to one's own phone, as it would go, at once or not at all."""

from collections.abc import Mapping
from http import HTTPStatus

from worker.core.authoring.preview import Trial
from worker.core.authoring.template_scope import of_trigger
from worker.core.contract.phone import only_phone
from worker.core.triggers.catalogue import BY_ID
from worker.core.triggers.trigger import Trigger
from worker.language import _, marked
from worker.steps.accounts.desk import Desk
from worker.steps.accounts.trials import Wanted as WantedText
from worker.steps.accounts.trials import try_text
from worker.steps.operate.trial_send import Wanted, send_trial
from worker.store.accounts import accounts, secrets
from worker.store.accounts.sealed_places import token_of
from worker.store.db.postgres import Connection, transaction
from worker.store.ingest.trial_send import TrialStatus
from worker.web.pages.editing import desk_of
from worker.web.pages.page import Redirect, Shown, Visit, page
from worker.web.pages.sending.rehearsing import rehearsing_sender
from worker.web.pages.service import not_found
from worker.web.pages.settings.trigger import locale_of, shown

TAKEN = frozenset({"accepted", "sent", "delivered", "read"})
#: What the reasons of a text that did not go mean here.
WHY: Mapping[str, str] = {
    "not_now": marked("the account is paused, or has no room for it now"),
    "paced": marked("the account's pace leaves no room for it now: try again in a moment"),
    "budget_spent": marked("the account's budget of this day is spent"),
    "duplicate": marked("TurboSMS takes the same text to the same number once in 90 seconds: wait, or change a word"),
    "suppressed": marked("this number is on the stop-list"),
}


@page("POST", "/a/{account}/triggers/{trigger}/trial", may="send")
def try_trigger(visit: Visit) -> Shown:
    """Send the text that is saved, with the last real event's values where who asks may see them."""
    trigger = BY_ID.get(visit.path["trigger"])
    if trigger is None or trigger.is_free:
        return not_found()
    with transaction(visit.pool) as connection:
        desk = desk_of(connection, visit)
        trial, has_token = trial_of(connection, visit, desk, trigger), opens(connection, visit)
        salt = secrets.salt(connection, visit.seal)
    try:
        phone = only_phone(visit.form.text("phone"))
    except ValueError as error:
        return wrong(visit, desk, trigger, str(error))
    if trial is None:
        return wrong(visit, desk, trigger, _("The text is blank: there is nothing to send."))
    if not has_token:
        return wrong(visit, desk, trigger, _("There is no token yet: paste one."))
    with rehearsing_sender(visit) as sender:
        status = send_trial(sender, Wanted(visit.account, trial, phone, visit.by), salt=salt)
    if status.state in TAKEN:
        there = f"{visit.home}/triggers/{trigger.id}?locale={trial.locale}"
        return Redirect(there, _("TurboSMS took the test SMS: look at your phone."))
    return wrong(visit, desk, trigger, why_not(status))


def trial_of(connection: Connection, visit: Visit, desk: Desk, trigger: Trigger) -> Trial | None:
    """The text as it would read; by SMS, whatever the trigger is set to."""
    subject, locale = of_trigger(trigger), locale_of(visit, desk)
    kept = desk.text(subject, locale)
    if kept is None or not kept.text.strip():
        return None
    wanted = WantedText(subject, kept, locale, "sms", with_events=visit.user.sees_phones, phones=True)
    return next(iter(try_text(connection, visit.cache, desk, wanted).trials), None)


def opens(connection: Connection, visit: Visit) -> bool:
    """Whether there is a token that our key opens: else the text would wait for whoever opens it."""
    sealed = accounts.sealed_tokens(connection).get(visit.account)
    return bool(sealed) and visit.seal.opened_or_none(sealed, token_of(visit.account)) is not None


def wrong(visit: Visit, desk: Desk, trigger: Trigger, said: str) -> Shown:
    with transaction(visit.pool) as connection:
        return shown(connection, visit, desk, trigger, status=HTTPStatus.UNPROCESSABLE_ENTITY, errors={"phone": said})


def why_not(status: TrialStatus) -> str:
    if status.state in {"sending", "unconfirmed"}:
        return _("TurboSMS has not answered: it was perhaps sent. The history shows how it ends.")
    reason = status.reason or ""
    return _("It was not sent: {reason}.", reason=_(WHY.get(reason, reason)))
