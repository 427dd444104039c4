"""A request's way: from where it comes, who asks, what they may; its form; the page, in a thread; and what breaks."""

import asyncio
import base64
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo

from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse, Response

from worker.core.access.user import User
from worker.language import Language, _, language_accepted, speaking
from worker.steps.access.users import signed_in
from worker.store.accounts.account_zones import account_zones
from worker.store.accounts.configuration import ConfigurationCache
from worker.store.accounts.secrets import Seal
from worker.store.db.postgres import Pool, clock, each_alone
from worker.web.pages import forms
from worker.web.pages.failures import PageFailures
from worker.web.pages.forms import Form
from worker.web.pages.menu import groups
from worker.web.pages.page import Download, Html, Page, Redirect, Refusal, Shown, Visit
from worker.web.pages.rendering import render

#: Within this a form must be here.
BODY_S = 20.0
SIGN_IN = "/sign-in"
KYIV = ZoneInfo("Europe/Kyiv")
NOTE = "note"
NO_ZONES: Mapping[str, ZoneInfo] = {}
#: Nothing of another site, nothing written into the page, and no page of ours inside another's.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": POLICY,
    # Else browsers name no origin when they send a form.
    "Referrer-Policy": "same-origin",
}
OnAnswer = Callable[[str, int], None]


@dataclass(frozen=True, slots=True)
class Site:
    """What pages need; they are made by threads of their own."""

    pool: Pool
    seal: Seal
    public_url: str
    turbosms_url: str
    working: Executor
    cache: ConfigurationCache = field(default_factory=ConfigurationCache)
    failures: PageFailures = field(default_factory=PageFailures)

    @property
    def is_secure(self) -> bool:
        """Whether browsers come by TLS, so that they may be told to keep the cookie for that alone."""
        return self.public_url.startswith("https:")

    @property
    def cookie(self) -> str:
        return "__Host-session" if self.is_secure else "session"


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks, as of now, and in which language they are answered."""

    user: User | None
    now: datetime
    zones: Mapping[str, ZoneInfo]
    language: Language


async def respond(site: Site, methods: Mapping[str, Page], request: Request) -> Response:
    """Answer a request."""
    page = methods["GET" if request.method == "HEAD" else request.method]
    session = request.cookies.get(site.cookie, "")
    loop = asyncio.get_running_loop()
    language = language_accepted(request.headers.get("accept-language", "uk"))
    asking = await loop.run_in_executor(site.working, asking_of, site, session, language)
    if isinstance(asking, Refusal):
        return shown(site, request, None, asking)
    refusal = refused(page, request, asking)
    if refusal:
        return shown(site, request, asking, refusal)
    form = await form_of(page, request)
    if isinstance(form, Refusal):
        return shown(site, request, asking, form)
    account = request.path_params.get("account", "")
    visit = Visit(
        site.pool,
        site.seal,
        site.cache,
        site.public_url,
        site.public_url or f"{request.url.scheme}://{request.url.netloc}",
        site.turbosms_url,
        asking.user,
        asking.now,
        account,
        asking.zones.get(account, KYIV),
        request.path_params,
        forms.of_query(request.scope["query_string"]),
        form,
        session,
        request.headers.get("hx-request") == "true",
    )
    return await loop.run_in_executor(site.working, answered, site, page, request, asking, visit)


def asking_of(site: Site, session: str, language: Language) -> Asking | Refusal:
    try:
        with each_alone(site.pool) as connection:
            now = clock(connection)
            known = signed_in(connection, session, now=now) if session else None
            user = known.user if known else None
            zones = account_zones(connection) if user else NO_ZONES
    except Exception as error:  # noqa: BLE001 (whatever it is, somebody waits for an answer)
        with speaking(language):
            return site.failures.refusal("session", error)
    return Asking(user, now, zones, user.language if user else language)


def refused(page: Page, request: Request, asking: Asking) -> Refusal | Redirect | None:
    """Why this page is not shown to who asks; the same answer for what is not theirs and what is not there."""
    with speaking(asking.language):
        if page.method == "POST" and not is_ours(request):
            return Refusal(
                HTTPStatus.FORBIDDEN,
                _("This form was sent from another site"),
                _("Open the page here and send it again."),
            )
        if page.may is None:
            return None
        if asking.user is None:
            return to_sign_in(page, request)
        account = request.path_params.get("account")
        if account is not None and (account not in asking.zones or not asking.user.knows(account)):
            return not_found()
        if not asking.user.may(page.may):
            return Refusal(
                HTTPStatus.FORBIDDEN,
                _("Your rights do not allow this"),
                _("Somebody who manages people can give you more: see People and keys."),
            )
        return None


def is_ours(request: Request) -> bool:
    """Whether a page of ours sent this: browsers say so themselves, and no page can make them lie (Fetch Metadata).

    Older ones, and those that come without TLS, name the origin alone.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in {"same-origin", "none"}
    try:
        return urlsplit(request.headers.get("origin", "")).netloc == request.headers.get("host", "-")
    except ValueError:
        return False


def to_sign_in(page: Page, request: Request) -> Refusal | Redirect:
    """What was typed must not be lost: a form that comes too late is not led away."""
    if page.method == "GET":
        query = request.scope["query_string"].decode("latin-1")
        there = request.url.path + (f"?{query}" if query else "")
        return Redirect(SIGN_IN if there == "/" else f"{SIGN_IN}?next={quote(there, safe='')}")
    return Refusal(
        HTTPStatus.UNAUTHORIZED,
        _("You are no longer signed in"),
        _("Sign in in another tab, come back here and send it again: what you typed is still there."),
    )


def not_found() -> Refusal:
    return Refusal(HTTPStatus.NOT_FOUND, _("There is no such page"), _("The address is wrong, or it is not yours."))


async def form_of(page: Page, request: Request) -> Form | Refusal:
    if page.method == "GET":
        return Form()
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_S):
            async for piece in request.stream():
                body += piece
                if len(body) > page.most:
                    return too_large(page)
    except (TimeoutError, ClientDisconnect):
        return Refusal(HTTPStatus.REQUEST_TIMEOUT, _("The form did not arrive in time"), _("Send it again."))
    form = await forms.of_body(request.headers, bytes(body))
    return form or Refusal(HTTPStatus.BAD_REQUEST, _("The form cannot be read"), _("Open the page and send it again."))


def too_large(page: Page) -> Refusal:
    most = page.most // 1024
    return Refusal(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE, _("That is too much at once"), _("At most {most} KB are taken.", most=most)
    )


def answered(site: Site, page: Page, request: Request, asking: Asking, visit: Visit) -> Response:
    """Make the page, in the language of who asks."""
    with speaking(asking.language):
        try:
            return shown(site, request, asking, page.handle(visit), visit=visit, name=page.name)
        except Exception as error:  # noqa: BLE001 (whatever it is, somebody waits for an answer)
            return shown(site, request, asking, site.failures.refusal(page.name, error), visit=visit)


def shown(
    site: Site, request: Request, asking: Asking | None, what: Shown, *, visit: Visit | None = None, name: str = ""
) -> Response:
    language = asking.language if asking else language_accepted(request.headers.get("accept-language", "uk"))
    with speaking(language):
        if isinstance(what, Redirect):
            return redirected(site, request, what)
        if isinstance(what, Download):
            names = f"attachment; filename*=UTF-8''{quote(what.name)}"
            return Response(what.content, headers={**HEADERS, "Content-Disposition": names}, media_type=what.media_type)
        html = as_html(what, is_fragment=request.headers.get("hx-request") == "true")
        note = read_note(request.cookies.get(NOTE, ""))
        content = render(
            html.template, html.block, {**frame(request, asking, visit, name), "note": note, **html.values}
        )
    response = Response(content, html.status, {**HEADERS, **html.headers}, "text/html")
    if note and not html.block:
        response.delete_cookie(NOTE)
    return response


def as_html(what: Html | Refusal, *, is_fragment: bool) -> Html:
    """A refusal as a page; to htmx as a notice at the head of the page that is there, which keeps what was typed."""
    if isinstance(what, Html):
        return what
    values = {"refusal": what}
    if is_fragment:
        headers = {"HX-Retarget": "#notice", "HX-Reswap": "innerHTML", "HX-Push-Url": "false"}
        return Html("refusal.html", values, what.status, "refusal", headers)
    return Html("refusal.html", values, what.status)


def frame(request: Request, asking: Asking | None, visit: Visit | None, name: str) -> Mapping[str, Any]:
    """What every page shows around what is its own."""
    user = asking.user if asking else None
    account = visit.account if visit else ""
    return {
        "user": user,
        "account": account,
        "home": f"/a/{account}" if account else "",
        "accounts": sorted(each for each in asking.zones if user.knows(each)) if asking and user else [],
        "groups": list(groups(user)) if user and account else [],
        "page_name": name,
        "zone": visit.zone if visit else KYIV,
        "now": asking.now if asking else None,
        "path": request.url.path,
        "query": visit.query if visit else Form(),
        "form": visit.form if visit else Form(),
        "errors": {},
    }


def redirected(site: Site, request: Request, what: Redirect) -> Response:
    if request.headers.get("hx-request") == "true" and request.method != "GET":
        response = Response(headers={**HEADERS, "HX-Redirect": what.to})
    else:
        response = RedirectResponse(what.to, HTTPStatus.SEE_OTHER, HEADERS)
    if what.note:
        kept = base64.urlsafe_b64encode(what.note.encode()).decode()
        response.set_cookie(NOTE, kept, max_age=60, httponly=True, samesite="lax", secure=site.is_secure)
    if what.session is not None:
        keep_session(site, response, what.session)
    return response


def keep_session(site: Site, response: Response, session: str) -> None:
    if session:
        response.set_cookie(site.cookie, session, httponly=True, samesite="lax", secure=site.is_secure)
    else:
        response.delete_cookie(site.cookie, secure=site.is_secure, httponly=True, samesite="lax")


def read_note(kept: str) -> str:
    """What the page before wanted to say; whatever else is in the cookie is nothing."""
    try:
        return base64.urlsafe_b64decode(kept).decode()
    except ValueError:
        return ""


def is_local(path: str) -> bool:
    """Whether an address leads to a page of ours, and nowhere else."""
    return path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
