"""Люди: who signs in for an account, with which rights, and where they are signed in."""

from http import HTTPStatus

from worker.core.access.user import ROLE_LABELS, User, wrong_name
from worker.language import _, ngettext
from worker.steps.access import users as people
from worker.steps.access.users import Invited
from worker.store.access.users import NewUser, UserSummary
from worker.store.db.postgres import Connection, transaction
from worker.web.pages.page import Html, Redirect, Refusal, Shown, Visit, page

PATH = "/a/{account}/people"
RIGHTS = ("sees_phones", "spends", "sees_prices")


@page("GET", PATH, may="people")
def list_people(visit: Visit) -> Shown:
    return shown(visit, {})


def shown(visit: Visit, errors: dict[str, str], invited: Invited | None = None, name: str = "") -> Html:
    """The list; with the link of somebody who was invited just now, which nobody can show again."""
    with transaction(visit.pool) as connection:
        found = people.list_users(connection, visit.account, now=visit.now)
    link = f"{visit.origin}/entry/{invited.secret}" if invited else ""
    values = {
        "people": found,
        "roles": {role: _(label) for role, label in ROLE_LABELS.items()},
        "states": {
            "active": _("has entered"),
            "invited": _("is invited"),
            "uninvited": _("needs a new link"),
        },
        "link": link,
        "until": invited.until if invited else None,
        "invited_name": name,
        "errors": errors,
    }
    return Html("access/people.html", values, HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK)


@page("POST", PATH, may="people")
def invite(visit: Visit) -> Shown:
    """Invite an admin of the account, with no more rights than who invites has."""
    form, name = visit.form, visit.form.text("name").strip()
    rights = {right: form.has(right) for right in RIGHTS}
    if problem := wrong_name(name):
        return shown(visit, {"name": problem})
    if not (visit.user.gives("admin") and visit.user.has_rights(**rights)):
        return shown(visit, {"sees_phones": _("You cannot give rights that you do not have.")})
    with transaction(visit.pool) as connection:
        wanted = NewUser(name, "admin", visit.account, **rights)
        invited = people.invite(connection, wanted, by=visit.by, now=visit.now)
    if invited is None:
        return shown(visit, {"name": _("Somebody is called so already: choose another name.")})
    return shown(visit, {}, invited, name)


@page("POST", f"{PATH}/{{user}}/link", may="people")
def invite_again(visit: Visit) -> Shown:
    """A new link, for who lost theirs or their password."""
    with transaction(visit.pool) as connection:
        found = managed(connection, visit)
        if found is None:
            return nobody()
        invited = people.invite_again(connection, found, by=visit.by, now=visit.now)
    return shown(visit, {}, invited, found.name)


@page("POST", f"{PATH}/{{user}}/sign-out", may="people")
def sign_somebody_out(visit: Visit) -> Shown:
    with transaction(visit.pool) as connection:
        found = managed(connection, visit)
        if found is None:
            return nobody()
        ended = people.end_sessions(connection, found, by=visit.by, now=visit.now)
    said = ngettext("Ended {count} session.", "Ended {count} sessions.", ended)
    return Redirect(f"{visit.home}/people", f"{found.name}: {said}")


@page("POST", f"{PATH}/{{user}}/remove", may="people")
def remove(visit: Visit) -> Shown:
    with transaction(visit.pool) as connection:
        found = managed(connection, visit)
        if found is None:
            return nobody()
        people.remove(connection, found, by=visit.by, now=visit.now)
    return Redirect(f"{visit.home}/people", _("Removed: {name}.", name=found.name))


def managed(connection: Connection, visit: Visit) -> User | None:
    """Somebody of the list who is theirs to manage."""
    wanted = visit.path["user"]
    listed: list[UserSummary] = people.list_users(connection, visit.account, now=visit.now)
    found = next((each.user for each in listed if str(each.user.id) == wanted), None)
    return found if found and visit.user.manages(found) else None


def nobody() -> Refusal:
    hint = _("Somebody has removed them, or they are not yours to manage.")
    return Refusal(HTTPStatus.NOT_FOUND, _("There is nobody of this number"), hint)
