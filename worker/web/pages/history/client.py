"""Клієнт → SMS, and Історія: the texts of one client, or of all; with a search, filters and an export."""

from datetime import date
from http import HTTPStatus
from urllib.parse import quote

from worker.language import _
from worker.store.db.postgres import transaction
from worker.web.pages.history.listing import EXPORT_MAX, FullError, choices, exported, listed
from worker.web.pages.history.views import KEPT, views_of
from worker.web.pages.page import Html, Refusal, Shown, Visit, page
from worker.web.pages.service import not_found

#: As long as a CRM's id may be.
CLIENT_MAX = 200
OF_CLIENT = "/a/{account}/clients/{client:path}/sms"


@page("GET", OF_CLIENT, may="look")
def client_sms(visit: Visit) -> Shown:
    client = visit.path["client"]
    if not client.isprintable() or len(client) > CLIENT_MAX:
        return not_found()
    return shown(visit, client, f"{visit.home}/clients/{quote(client, safe='')}/sms")


@page("GET", "/a/{account}/history", may="look")
def history(visit: Visit) -> Shown:
    return shown(visit, None, f"{visit.home}/history")


def shown(visit: Visit, client: str | None, here: str) -> Html:
    with transaction(visit.pool) as connection:
        listing = listed(connection, visit, client)
    values = {
        "listing": listing,
        "client": client,
        "here": here,
        "acts": bool(listing.days) and visit.user.may("steer"),
        "errors": listing.errors,
        "views": None if client else views_of(visit),
        "keeps": any(name in KEPT and value for name, value in visit.query.fields),
        **choices(),
    }
    return Html("history/listing.html", values, HTTPStatus.UNPROCESSABLE_ENTITY if listing.errors else HTTPStatus.OK)


@page("GET", f"{OF_CLIENT}/export", may="look")
def export_client_sms(visit: Visit) -> Shown:
    return download(visit, visit.path["client"])


@page("GET", "/a/{account}/history/export", may="look")
def export_history(visit: Visit) -> Shown:
    return download(visit, None)


def download(visit: Visit, client: str | None) -> Shown:
    """A file of what the filters find, or why there is none."""
    day: date = visit.now.astimezone(visit.zone).date()
    try:
        result = exported(visit, client, f"sms-{visit.account}-{day.isoformat()}")
    except FullError:
        hint = _("Choose fewer days, or export in a terminal: perfectum-sms history export --help.")
        title = _("A page exports at most {most} SMS", most=EXPORT_MAX)
        return Refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, title, hint)
    if isinstance(result, dict):
        title = _("Something is wrong with the filters")
        return Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, title, " ".join(result.values()))
    return result
