"""Підключення TurboSMS: six steps, each with a tick once it is done."""

from collections.abc import Mapping, Sequence
from contextlib import closing
from http import HTTPStatus

from worker.core.accounts.sender_name import why_unfit
from worker.core.contract.event import Malformed
from worker.core.contract.phone import only_phone
from worker.core.sending.nudge import text_id
from worker.language import _, marked, of_pair
from worker.steps.accounts import credentials, settings
from worker.steps.accounts.credentials import SECRET, TokenCheck, check_token, senders_known, state_of
from worker.steps.accounts.desk import Desk
from worker.steps.accounts.settings import Changed
from worker.steps.hands.request import Requested
from worker.store.accounts import accounts
from worker.store.accounts.sealed_places import token_of
from worker.store.db.postgres import Connection, transaction
from worker.turbosms.client import TurboSms
from worker.turbosms.senders import KnownSender
from worker.web.pages.editing import desk_of, edited, unpriced
from worker.web.pages.forms import Form
from worker.web.pages.page import Html, Redirect, Shown, Visit, page
from worker.web.pages.rendering import money
from worker.web.pages.sending.once import new_key, send_once
from worker.web.pages.settings.callback_trial import try_callback

PATH = "/a/{account}/connection"
NO_TOKEN = marked("There is no token yet: paste one.")
#: A page waits so long for TurboSMS.
PROVIDER_S = 5.0
#: What TurboSMS calls the state of a sender.
STATUSES: Mapping[str, str] = {
    "national": marked("in the national register"),
    "operator": marked("accepted by operators, who may put another name in its place"),
}


@page("GET", PATH, may="look")
def connection(visit: Visit) -> Shown:
    return shown(visit)


def shown(visit: Visit, errors: dict[str, str] | None = None, senders: Sequence[KnownSender] = ()) -> Html:
    with transaction(visit.pool) as connection:
        desk, state = desk_of(connection, visit), state_of(connection, visit.seal, visit.account)
    values = {
        "settings": desk.settings,
        "state": state,
        "callback_address": address_of(visit.origin, visit.account),
        "senders": [(sender.name, _(STATUSES.get(sender.status, "")) or sender.status) for sender in senders],
        "has_public_url": bool(visit.public_url),
        "key": new_key(),
        "errors": errors or {},
    }
    return Html("settings/connection.html", values, HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK)


def address_of(origin: str, account: str) -> str:
    return f"{origin}/turbosms/{account}/receipts"


def done(visit: Visit, note: str) -> Redirect:
    return Redirect(f"{visit.home}/connection", note)


@page("POST", f"{PATH}/token", may="settings")
def save_token(visit: Visit) -> Shown:
    """Keep another token, once TurboSMS has taken it; where nothing answers it is kept untried, and that is said."""
    token = visit.form.text("token").strip()
    if not SECRET.fullmatch(token):
        return shown(visit, {"token": _("Paste the token: one line of Latin letters, figures and signs.")})
    check = asked(visit, token)
    if check.state == "refused":
        reason = words(visit, check)
        return shown(visit, {"token": _("TurboSMS refuses this token: nothing was changed. {reason}", reason=reason)})
    with transaction(visit.pool) as connection:
        if credentials.set_token(connection, visit.seal, visit.account, token, by=visit.by) is None:
            raise LookupError(visit.account)
    return done(visit, _("The token is saved. {check}", check=words(visit, check)))


def asked(visit: Visit, token: str) -> TokenCheck:
    with closing(TurboSms(visit.turbosms_url, deadline_s=PROVIDER_S)) as provider:
        return check_token(provider, token)


def words(visit: Visit, check: TokenCheck) -> str:
    """What TurboSMS answered, for an admin."""
    match check.state:
        case "taken" if check.balance is not None and visit.user.sees_prices:
            return _("TurboSMS takes it; there are {money} on the account.", money=money(check.balance))
        case "taken":
            return _("TurboSMS takes it.")
        case "away":
            return _("TurboSMS does not answer now ({reason}): try the check later.", reason=check.reason)
        case _:
            return f"{of_pair(check.code)}." if check.code else ""


@page("POST", f"{PATH}/check", may="settings")
def check_connection(visit: Visit) -> Shown:
    """Ask TurboSMS whether the token that is kept still opens."""
    token = token_kept(visit)
    if token is None:
        return shown(visit, {"token": _(NO_TOKEN)})
    check = asked(visit, token)
    return done(visit, words(visit, check)) if check.state == "taken" else shown(visit, {"token": words(visit, check)})


def token_kept(visit: Visit) -> str | None:
    with transaction(visit.pool) as connection:
        sealed = accounts.sealed_tokens(connection).get(visit.account)
    return visit.seal.opened_or_none(sealed, token_of(visit.account)) if sealed else None


@page("POST", f"{PATH}/senders", may="settings")
def list_senders(visit: Visit) -> Shown:
    """Ask TurboSMS which names SMS of this account may come from."""
    token = token_kept(visit)
    if token is None:
        return shown(visit, {"token": _(NO_TOKEN)})
    with closing(TurboSms(visit.turbosms_url, deadline_s=PROVIDER_S)) as provider:
        senders = senders_known(provider, token)
    if isinstance(senders, str):
        return shown(visit, {"sender": _("TurboSMS does not tell its senders now ({reason}).", reason=senders)})
    if not senders:
        return shown(visit, {"sender": _("TurboSMS has no sender of this account: register one in your cabinet.")})
    return shown(visit, senders=senders)


@page("POST", f"{PATH}/sender", may="settings")
def save_sender(visit: Visit) -> Shown:
    sender = visit.form.text("sender").strip()
    if problem := why_unfit(sender):
        return shown(visit, {"sender": _("The sender {problem}.", problem=problem)})

    def act(connection: Connection, desk: Desk) -> Shown:
        changed = settings.change(connection, desk.account, {"sms_sender": sender})
        if not isinstance(changed, Changed):
            return unpriced()
        return done(visit, _("Saved: {label}.", label=sender))

    return edited(visit, act)


@page("POST", f"{PATH}/callbacks", may="settings")
def save_callback_key(visit: Visit) -> Shown:
    """Keep the key that TurboSMS signs its reports with; an empty box refuses them from now on."""
    key = visit.form.text("callback_key").strip()
    if key and not SECRET.fullmatch(key):
        return shown(visit, {"callback_key": _("Paste the key: one line of Latin letters, figures and signs.")})
    with transaction(visit.pool) as connection:
        credentials.set_callback_key(connection, visit.seal, visit.account, key or None, by=visit.by)
    if key:
        return done(visit, _("Reports signed with this key are taken within seconds."))
    return done(visit, _("Reports are refused from now on; TurboSMS is asked for them instead."))


@page("POST", f"{PATH}/callbacks/try", may="settings")
def try_reports(visit: Visit) -> Shown:
    """Post a report to the address that TurboSMS was given, as it would."""
    with transaction(visit.pool) as connection:
        key = credentials.callback_key(connection, visit.seal, visit.account)
    if key is None:
        return shown(visit, {"callback_key": _("There is no key yet: paste one.")})
    if not visit.public_url:
        return shown(visit, {"callback_key": _("The operator sets SMS_PUBLIC_URL first.")})
    if problem := try_callback(address_of(visit.public_url, visit.account), key):
        return shown(visit, {"callback_key": problem})
    return done(visit, _("A report has come through: TurboSMS can post them to this address."))


@page("POST", f"{PATH}/test", may="send")
def send_test(visit: Visit) -> Shown:
    """Send an SMS to whoever wants to see one arrive, by the way of any other."""
    try:
        phone = only_phone(visit.form.text("phone"))
    except ValueError as error:
        return shown(visit, {"phone": str(error)})
    outcome = send_once(visit, visit.form.text("key"), test_data(visit.form, phone, visit.user.id))
    match outcome:
        case Requested(texts=[text]):
            there = text_id(text.notification_id)
            return Redirect(f"{visit.home}/texts/{there}", _("The SMS is on its way."))
        case Malformed():
            return shown(visit, {"phone": outcome.detail})
        case "switched_off":
            return shown(visit, {"phone": _("Sending by hand is switched off: perfectum-sms trigger on.")})
        case _:
            return shown(visit, {"phone": _("Nobody got it: open the page anew.")})


def test_data(form: Form, phone: str, user: int) -> dict[str, object]:
    """The `data` of the event: a colleague gets it, whose limits are nobody else's."""
    text = form.text("text").strip() or _("Perfectum SMS: the connection works.")
    return {"recipients": [{"kind": "staff", "id": f"console-{user}", "phonenumber": phone}], "text": text}
