"""Viber: its sender, and whether all SMS go by it, with an SMS to whom it does not reach or without."""

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus

from worker.core.accounts.price import UNKNOWN, Price, Prices
from worker.language import _
from worker.steps.accounts import settings
from worker.steps.accounts.desk import Desk
from worker.steps.accounts.settings import Changed
from worker.store.consent import viber_reach
from worker.store.db.postgres import Connection, transaction
from worker.store.spending import prices
from worker.web.pages.editing import desk_of, edited, unpriced
from worker.web.pages.page import Html, Redirect, Shown, Visit, page

PATH = "/a/{account}/viber"
SENDER_MAX = 100


@dataclass(frozen=True, slots=True)
class Mode:
    """A way for texts to go, and what one costs at most."""

    label: str
    price: Price


@page("GET", PATH, may="look")
def viber(visit: Visit) -> Shown:
    return shown(visit, {})


def shown(visit: Visit, errors: dict[str, str]) -> Html:
    with transaction(visit.pool) as connection:
        kept = desk_of(connection, visit).settings
        known = prices.prices_of(connection, visit.account)
        unreached = viber_reach.unreached(connection, visit.account)
    modes: Sequence[Mode] = (
        Mode(_("SMS"), known.sms),
        Mode(_("Viber, and SMS to whom it does not reach"), known.sms),
        Mode(_("Viber alone"), known.viber),
        Mode(_("Viber and SMS"), both_of(known)),
    )
    is_priced = any(mode.price.amount is not None for mode in modes)
    values = {"settings": kept, "modes": modes, "is_priced": is_priced, "unreached": unreached, "errors": errors}
    return Html("settings/viber.html", values, HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK)


def both_of(known: Prices) -> Price:
    """What a text costs that goes both ways; unknown where one of them is."""
    if known.sms.amount is None or known.viber.amount is None:
        return UNKNOWN
    return Price(known.sms.amount + known.viber.amount, "learned")


@page("POST", PATH, may="settings")
def save_viber(visit: Visit) -> Shown:
    """Keep the sender and both switches; workers notice within seconds."""
    form = visit.form
    sender, is_instead = form.text("viber_sender").strip(), form.has("viber_instead")
    if is_instead and not sender:
        return shown(visit, {"viber_sender": _("Give the sender first: without it nothing goes by Viber.")})
    if len(sender) > SENDER_MAX:
        return shown(visit, {"viber_sender": _("is longer than {most} characters", most=SENDER_MAX)})

    def act(connection: Connection, desk: Desk) -> Shown:
        wanted = {"viber_sender": sender or None, "viber_instead": is_instead, "viber_alone": not form.has("then_sms")}
        changed = settings.change(connection, desk.account, wanted)
        if not isinstance(changed, Changed):
            return unpriced()
        return Redirect(f"{visit.home}/viber", _("Saved: {label}.", label="Viber"))

    return edited(visit, act)
