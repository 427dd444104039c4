"""Signing in, signing out, and the first entry by a one-time link."""

from http import HTTPStatus

from worker.core.access.user import digest, wrong_password
from worker.language import LANGUAGES, Language, _, spoken
from worker.steps.access import users as people
from worker.store.access import users
from worker.store.db.postgres import transaction
from worker.web.pages.access.attempts import Attempts
from worker.web.pages.forms import Form
from worker.web.pages.page import Html, Redirect, Refusal, Shown, Visit, page
from worker.web.pages.service import SIGN_IN, is_local

#: Of all processes each throttles for itself.
ATTEMPTS = Attempts()


@page("GET", SIGN_IN, may=None)
def show_sign_in(visit: Visit) -> Shown:
    if visit.somebody:
        return Redirect(next_of(visit.query.text("next")))
    with transaction(visit.pool) as connection:
        return Html("access/sign_in.html", {"is_empty": not users.any_exists(connection)})


@page("POST", SIGN_IN, may=None)
def sign_in(visit: Visit) -> Shown:
    """Sign somebody in; a wrong name and a wrong password are answered alike."""
    name, password = visit.form.text("name").strip(), visit.form.text("password")
    wait_s = ATTEMPTS.wait(name)
    if wait_s:
        error = _("Too many attempts: wait {seconds} s.", seconds=wait_s)
        return Html("access/sign_in.html", {"is_empty": False, "errors": {"name": error}}, HTTPStatus.TOO_MANY_REQUESTS)
    entered = people.sign_in(visit.pool, name, password) if name and password else None
    if entered is None:
        ATTEMPTS.failed(name)
        error = _("The name or the password is wrong.")
        return Html("access/sign_in.html", {"is_empty": False, "errors": {"name": error}}, HTTPStatus.FORBIDDEN)
    ATTEMPTS.succeeded(name)
    return Redirect(next_of(visit.query.text("next")), session=entered.secret)


def next_of(address: str) -> str:
    return address if is_local(address) else "/"


@page("POST", "/sign-out", may="look")
def sign_out(visit: Visit) -> Shown:
    with transaction(visit.pool) as connection:
        people.sign_out(connection, visit.session)
    return Redirect(SIGN_IN, _("You are signed out."), session="")


@page("POST", "/language", may="look")
def speak(visit: Visit) -> Shown:
    """Speak another language with somebody from now on."""
    language = language_of(visit.form.text("language"))
    if language is None:
        return Refusal(
            HTTPStatus.UNPROCESSABLE_ENTITY, _("Choose something from the list."), _("Open the page and send it again.")
        )
    with transaction(visit.pool) as connection:
        users.speak(connection, visit.user.id, language)
    return Redirect(next_of(visit.form.text("next")))


@page("GET", "/entry/{secret}", may=None)
def enter(visit: Visit) -> Shown:
    """The page behind a one-time link."""
    with transaction(visit.pool) as connection:
        invited = users.invited(connection, digest(visit.path["secret"]), now=visit.now)
    return Html("access/entry.html", {"name": invited.name}) if invited else over()


@page("POST", "/entry/{secret}", may=None)
def enter_with(visit: Visit) -> Shown:
    """Take the password that somebody has chosen; the link is used up then."""
    password, secret = visit.form.text("password"), visit.path["secret"]
    with transaction(visit.pool) as connection:
        invited = users.invited(connection, digest(secret), now=visit.now)
        if invited is None:
            return over()
        language = language_of(visit.form.text("language"))
        errors = wrong_entry(visit.form, invited.name)
        if errors or language is None:
            return Html("access/entry.html", {"name": invited.name, "errors": errors}, HTTPStatus.UNPROCESSABLE_ENTITY)
        entered = people.enter(connection, secret, password, language, now=visit.now)
    return Redirect("/", session=entered.secret) if entered else over()


def wrong_entry(form: Form, name: str) -> dict[str, str]:
    errors = dict[str, str]()
    password = form.text("password")
    if wrong := wrong_password(password, name):
        errors["password"] = wrong
    elif password != form.text("again"):
        errors["password"] = _("the two are not the same")
    if language_of(form.text("language")) is None:
        errors["language"] = _("Choose something from the list.")
    return errors


def over() -> Refusal:
    hint = _("Ask whoever gave it to you for a new one: perfectum-sms user link NAME.")
    return Refusal(HTTPStatus.GONE, _("This link was used, or is over"), hint)


def language_of(text: str) -> Language | None:
    """The language that was chosen, or the one that is spoken; None: nobody speaks it."""
    return next((each for each in LANGUAGES if each == text), None) if text else spoken()
