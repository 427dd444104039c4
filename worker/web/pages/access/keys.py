"""Ключі: by which other programs call the API of the account, or sign addresses of its clients' pages."""

from collections.abc import Collection
from datetime import datetime, time, timedelta
from http import HTTPStatus
from typing import cast

from worker.core.access.api_key import EMBED, NAME_MAX, RATE, SCOPES, Scope
from worker.language import _, marked
from worker.steps.access.api_keys import Made, Wanted, make, revoke
from worker.store.access import api_keys
from worker.store.access.api_keys import KeySummary
from worker.store.db.postgres import Connection, committed, transaction
from worker.web.pages.forms import day_of, whole
from worker.web.pages.page import Html, Redirect, Refusal, Shown, Visit, page

PATH = "/a/{account}/keys"
#: A key that nobody ends is forgotten by people and not by its thief.
DAYS, DAYS_MAX = 365, 1_100
SCOPE_LABELS = {
    "read": marked("read: look at SMS, events and settings"),
    "send": marked("send: write to people, stop SMS"),
    "settings": marked("settings: change triggers and texts"),
    "embed": marked("embed: sign addresses of clients' pages; stands alone"),
}
STATE_LABELS = {"valid": marked("valid"), "expired": marked("expired"), "revoked": marked("revoked")}


@page("GET", PATH, may="people")
def list_keys(visit: Visit) -> Shown:
    return shown(visit, {})


def shown(visit: Visit, errors: dict[str, str], made: Made | None = None) -> Html:
    """The list; with the key that was made just now, which nobody can show again."""
    with transaction(visit.pool) as connection:
        found = api_keys.list_keys(connection, visit.account)
    values = {
        "rows": [(key, key.state(visit.now), _(STATE_LABELS[key.state(visit.now)])) for key in reversed(found)],
        "scopes": [(scope, _(SCOPE_LABELS[scope])) for scope in SCOPES if may_give(visit, [scope], phones=False)],
        "until": (visit.now.astimezone(visit.zone).date() + timedelta(days=DAYS)).isoformat(),
        "made": made,
        "errors": errors,
    }
    return Html("access/keys.html", values, HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK)


def may_give(visit: Visit, scopes: Collection[str], *, phones: bool) -> bool:
    """Whether a key would be able to do no more than who makes it; one that reads sees texts and prices."""
    user = visit.user
    needs = {
        "read": user.sees_phones and user.sees_prices,
        "send": user.may("send"),
        "settings": user.may("settings"),
        EMBED: user.sees_phones,
    }
    return all(needs.get(scope, True) for scope in scopes) and (user.sees_phones or not phones)


@page("POST", PATH, may="people")
def add_key(visit: Visit) -> Shown:
    """Make a key and show it, this one time."""
    form, errors = visit.form, dict[str, str]()
    name, scopes, phones = form.text("name").strip(), frozenset(form.all("scope")), form.has("phones")
    if not name or len(name) > NAME_MAX or not name.isprintable():
        errors["name"] = _("write a name of 1 to {most} characters in one line", most=NAME_MAX)
    if not scopes or not scopes <= set(SCOPES):
        errors["scope"] = _("Choose what it may do.")
    elif EMBED in scopes and len(scopes) > 1:
        errors["scope"] = _("The one that signs stands alone: make a second key.")
    elif not may_give(visit, scopes, phones=phones):
        errors["scope"] = _("You cannot give rights that you do not have.")
    until = end_of(visit, errors)
    if errors:
        return shown(visit, errors)
    wanted = Wanted(visit.account, name, cast("frozenset[Scope]", scopes), phones, RATE, until)
    made = committed(visit.pool, lambda connection: make(connection, visit.seal, wanted, by=visit.by, now=visit.now))
    return shown(visit, {}, made)


def end_of(visit: Visit, errors: dict[str, str]) -> datetime | None:
    """The end of the day that was chosen."""
    try:
        day = day_of(visit.form.text("until"))
    except ValueError:
        errors["until"] = _("Write a day, as 2026-12-01.")
        return None
    until = datetime.combine(day + timedelta(days=1), time(), visit.zone)
    if not visit.now < until <= visit.now + timedelta(days=DAYS_MAX):
        errors["until"] = _("Give a day ahead, and within three years.")
    return until


@page("POST", f"{PATH}/{{key}}/revoke", may="people")
def revoke_key(visit: Visit) -> Shown:
    """End a key at once, and all addresses that it has signed."""
    number = whole(visit.path["key"])

    def act(connection: Connection) -> KeySummary | None:
        known = [key for key in api_keys.list_keys(connection, visit.account) if key.id == number]
        is_done = known and revoke(connection, known[0].id, by=visit.by, now=visit.now)
        return known[0] if is_done else None

    ended = committed(visit.pool, act)
    if ended is None:
        hint = _("Somebody has revoked it already: look at the list.")
        return Refusal(HTTPStatus.NOT_FOUND, _("There is no such valid key"), hint)
    return Redirect(f"{visit.home}/keys", _("The key is revoked: {name}.", name=ended.name))
