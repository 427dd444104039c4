"""The client's page itself: one client's SMS with a search, inside a page of the CRM; and the list as a file.

It has no scripts, no session and no cookies: the address is all that it knows of who looks.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from http import HTTPStatus
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from worker.core.access.signed_address import PATH
from worker.core.history.filters import Filter, cursor, faults, position
from worker.language import Language, _, speaking
from worker.steps.access.client_page import Admitted
from worker.steps.history.phones_seen import note_phones
from worker.store.accounts.account_zones import account_zones
from worker.store.db.postgres import Pool, transaction
from worker.store.history.entries import page
from worker.web.api.problems import Problem
from worker.web.embed.client_page import OPERATION, Service, Show, Wanted, answered, wanted_of
from worker.web.pages.history.listing import EXPORT_MAX, FullError, Viewer, as_csv, by_days, shown
from worker.web.pages.rendering import render

#: Bytes of the form of the search.
FORM_MAX = 4_096
HEADERS = {
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex",
}
POLICY = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors "
Form = Mapping[str, str]
Make = Callable[["Asked", Pool, Admitted, Wanted], Response]


@dataclass(frozen=True, slots=True)
class Asked:
    """What the page's own form asks for: words that are searched for, and where the list goes on.

    Attributes:
        query: of the address, as the CRM signed it and as the browser sent it.
    """

    query: str
    words: str
    cursor: str


def page_of_client(service: Service) -> list[Route]:
    return [
        Route(PATH, partial(respond, service, list_shown), methods=["GET", "POST"]),
        Route(f"{PATH}/export", partial(respond, service, file_shown), methods=["GET"]),
    ]


async def respond(service: Service, make: Make, request: Request) -> Response:
    """The list, or the file; by POST with the words of the search and where it goes on."""
    began, query = time.monotonic(), request.scope["query_string"]
    form, wanted = await form_of(request), wanted_of(query)
    asked = Asked(query.decode("latin-1"), form.get("q", "").strip(), form.get("cursor", ""))
    language: Language = "uk" if isinstance(wanted, Problem) else wanted.language
    show: Show = partial(made, make, asked)
    result = await answered(service, wanted, show)
    response = refused(result, language) if isinstance(result, Problem) else result
    service.on_answer(OPERATION, response.status_code, time.monotonic() - began)
    return response


async def form_of(request: Request) -> Form:
    """The fields of the search; of what is too long nothing."""
    if request.method != "POST":
        return {}
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > FORM_MAX:
            return {}
    fields = parse_qsl(body.decode("latin-1"), keep_blank_values=True)
    return {name: value.replace("\0", "") for name, value in fields}


def made(make: Make, asked: Asked, pool: Pool, visitor: Admitted, wanted: Wanted) -> Response:
    with speaking(wanted.language):
        return make(asked, pool, visitor, wanted)


def list_shown(asked: Asked, pool: Pool, visitor: Admitted, wanted: Wanted) -> Response:
    address = visitor.address
    which = filter_of(asked, visitor)
    errors = {fault.field: fault.problem for fault in faults(which)}
    after = wanted.after
    if asked.cursor:
        try:
            after = position(asked.cursor, which)
        except ValueError:
            errors["cursor"] = _("This page is of another list: begin at its first page.")
    with transaction(pool) as connection:
        zone = account_zones(connection)[address.account]
        found = None if errors else page(connection, which, limit=wanted.limit, after=after)
        if found and visitor.sees_phones:
            note_phones(connection, visitor.key.as_operator, "client page", which)
    items = [shown(entry, sees_texts=True) for entry in found.entries] if found else []
    values = {
        "user": Viewer(zone, sees_texts=True, sees_phones=visitor.sees_phones, sees_prices=False),
        "zone": zone,
        "client": address.client,
        "action": f"{PATH}?{asked.query}",
        "export": f"{PATH}/export?{asked.query}" if "export" in address.rights else "",
        "words": asked.words,
        "days": list(by_days(items, zone)),
        "older": cursor(found.after, which) if found and found.after else "",
        "is_later": bool(asked.cursor),
        "errors": errors,
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK
    return html("embed/client.html", values, status, address.frame)


def filter_of(asked: Asked, visitor: Admitted) -> Filter:
    which = Filter(account=visitor.address.account, client=visitor.address.client)
    return replace(which, text=asked.words, searches_phones=visitor.sees_phones) if asked.words else which


def html(template: str, values: Mapping[str, object], status: HTTPStatus, frame: str | None) -> Response:
    headers = {**HEADERS, "Content-Security-Policy": POLICY + (frame or "'none'")}
    return Response(render(template, None, values), status, headers, "text/html")


def refused(problem: Problem, language: Language) -> Response:
    """The same words for an address that is wrong, forged or expired; any site may frame them: they tell nothing."""
    with speaking(language):
        match problem.kind.status:
            case HTTPStatus.FORBIDDEN:
                said = _("This page's address is not valid any more: open it anew in the CRM.")
            case HTTPStatus.TOO_MANY_REQUESTS | HTTPStatus.SERVICE_UNAVAILABLE:
                said = _("There is much to do just now: open it anew in a moment.")
            case _:
                said = _("Something in this page's address is wrong: open it anew in the CRM.")
        response = html("embed/refused.html", {"said": said}, problem.kind.status, "*")
    response.headers.update(problem.headers)
    return response


def file_shown(_asked: Asked, pool: Pool, visitor: Admitted, wanted: Wanted) -> Response:
    """All SMS of the client as CSV, where the address allows it."""
    address = visitor.address
    if "export" not in address.rights:
        return html("embed/refused.html", {"said": _("This address does not allow it.")}, HTTPStatus.FORBIDDEN, "*")
    with pool.connection() as connection:
        zone = account_zones(connection)[address.account]
        if visitor.sees_phones:
            note_phones(connection, visitor.key.as_operator, "client page export", wanted.filter)
        connection.commit()
        viewer = Viewer(zone, sees_texts=True, sees_phones=visitor.sees_phones, sees_prices=False)
        try:
            content = as_csv(connection, viewer, wanted.filter)
        except FullError:
            said = _("A page exports at most {most} SMS", most=EXPORT_MAX)
            return html("embed/refused.html", {"said": said}, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "*")
    headers = {**HEADERS, "Content-Disposition": 'attachment; filename="sms.csv"'}
    return Response(content, headers=headers, media_type="text/csv; charset=utf-8")
