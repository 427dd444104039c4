"""Надіслати: to whom, what, a look at what it comes to, and then it goes; what was typed travels in the form."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

from worker.core.authoring.request_text_check import unknown_shortcodes
from worker.core.authoring.template_scope import of_custom
from worker.core.hands.people import Addressee
from worker.core.hands.send_request import Message
from worker.core.history.outcome_words import outcome_lines
from worker.core.sending.nudge import text_id
from worker.core.texts.shortcodes import SECTIONS, SHORTCODES
from worker.core.texts.template import compile_template, missing
from worker.language import _, ngettext
from worker.steps.accounts.desk import Desk
from worker.steps.accounts.trials import examined_as
from worker.steps.hands.request import AHEAD_MAX
from worker.steps.hands.send import RefusedError, Sent
from worker.steps.hands.send_run import Run
from worker.store.db.postgres import transaction
from worker.web.pages.editing import desk_of
from worker.web.pages.page import Html, Redirect, Shown, Visit, page
from worker.web.pages.rendering import money
from worker.web.pages.sending.once import new_key
from worker.web.pages.sending.people import PEOPLE_MAX, People, as_field, people_of
from worker.web.pages.sending.rehearsing import intake_of, rehearsing_sender

PATH = "/a/{account}/send"
#: Bytes of a form with a table in it.
TABLE_MAX = 4 * 1024 * 1024
#: Above so many people the number is typed, and so many texts are shown before.
TYPED_ABOVE, SAMPLES = 100, 3
#: Wrong cells that are named one by one.
FAULTS_SHOWN = 20
#: What a person's own columns fill in.
OF_PEOPLE = frozenset({"contact_firstname", "contact_lastname", "contact_phonenumber"})
#: As a browser writes a moment.
MOMENT = "%Y-%m-%dT%H:%M"


@dataclass(frozen=True, slots=True)
class Value:
    """A shortcode of the text whose value is the same for all; empty where the table has a column for it."""

    code: str
    label: str
    typed: str


@page("GET", PATH, may="send")
def show_send(_visit: Visit) -> Shown:
    return asks_whom({})


def asks_whom(errors: dict[str, str]) -> Html:
    values = {"errors": errors, "most": PEOPLE_MAX}
    return Html("sending/whom.html", values, HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK)


@page("POST", PATH, may="send", most=TABLE_MAX)
def send(visit: Visit) -> Shown:
    """Go on with the step that was answered; a wrong one is shown again with all that was typed."""
    with transaction(visit.pool) as connection:
        desk = desk_of(connection, visit)
    people = people_of(visit.form, {*SHORTCODES, *desk.settings.custom_shortcodes})
    if isinstance(people, dict):
        return asks_whom(people)
    step = visit.form.text("step")
    if step == "whom" or visit.form.has("back"):
        return asks_what(visit, desk, people, {})
    errors = wrong_words(visit, desk, people)
    if errors:
        return asks_what(visit, desk, people, errors)
    message = message_of(visit)
    if step != "send":
        return asks_whether(visit, desk, people, message, {})
    wrong = wrong_count(visit, people)
    return asks_whether(visit, desk, people, message, {"count": wrong}) if wrong else goes(visit, desk, people, message)


def asks_what(visit: Visit, desk: Desk, people: People, errors: dict[str, str]) -> Html:
    values = {
        **kept(visit, desk, people),
        "templates": [("", _("none: a text of my own")), *((name, name) for name in names_in(desk))],
        "typed": {name: visit.form.text(name) for name in ("text", "template", "at", "marketing", "again")},
        "errors": errors,
    }
    return Html("sending/what.html", values, HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK)


def names_in(desk: Desk) -> list[str]:
    return sorted({each.name for each in desk.kept if each.name})


def kept(visit: Visit, desk: Desk, people: People) -> dict[str, object]:
    """What every step carries on."""
    return {
        "people": people.addressees,
        "faults": people.faults[:FAULTS_SHOWN],
        "more_faults": max(0, len(people.faults) - FAULTS_SHOWN),
        "unread": people.unread,
        "field": as_field(people.addressees),
        "key": visit.form.text("key") or new_key(),
        "needed": values_of(visit, desk, people.addressees),
    }


def words_of(visit: Visit, desk: Desk) -> str:
    """The text that goes: as it was typed, or the template's in the account's language."""
    name = visit.form.text("template")
    its = desk.texts(name) if name else []
    first = next((each for each in its if each.locale == desk.settings.locale), its[0] if its else None)
    return first.text if first else visit.form.text("text")


def values_of(visit: Visit, desk: Desk, people: Sequence[Addressee]) -> list[Value]:
    """The shortcodes of the text that people themselves do not fill in, with what was typed for all."""
    of_people = {code for person in people for code in person.values} | OF_PEOPLE
    return [
        Value(code, SHORTCODES[code].label if code in SHORTCODES else code, visit.form.text(f"value-{code}"))
        for code in dict.fromkeys(missing(compile_template(words_of(visit, desk)), lambda _blank: ""))
        if code not in of_people
    ]


def wrong_words(visit: Visit, desk: Desk, people: People) -> dict[str, str]:
    form, errors = visit.form, dict[str, str]()
    name, text = form.text("template"), form.text("text").strip()
    if bool(name) == bool(text):
        errors["text"] = _("Write a text, or choose a template; not both.")
    elif name and not desk.texts(name):
        errors["template"] = _("There is no such template any more: choose another one.")
    elif text:
        errors |= wrong_text(desk, text, {code for person in people.addressees for code in person.values})
    if form.text("at"):
        at = moment_of(visit)
        if at is None or not visit.now < at <= visit.now + AHEAD_MAX:
            errors["at"] = _("Give a moment ahead, and within a year.")
    return errors


def wrong_text(desk: Desk, text: str, known: set[str]) -> dict[str, str]:
    for code in unknown_shortcodes(text, {*SHORTCODES, *desk.settings.custom_shortcodes, *known}):
        return {"text": _("{code} is no shortcode: look at the list of shortcodes.", code=code)}
    report = examined_as(desk, of_custom("", next(iter(SECTIONS))), desk.settings.locale, text).report
    errors = [finding for finding in report.findings if finding.is_error and finding.code == "too_long"]
    return {"text": errors[0].message} if errors else {}


def wrong_count(visit: Visit, people: People) -> str | None:
    """Whether a large number was typed as it is."""
    wanted = len(people.addressees)
    if wanted <= TYPED_ABOVE or visit.form.text("count").strip() == str(wanted):
        return None
    return _("Type the number {count}, so that nobody sends to so many by a slip.", count=wanted)


def moment_of(visit: Visit) -> datetime | None:
    try:
        return datetime.strptime(visit.form.text("at"), MOMENT).replace(tzinfo=visit.zone)
    except ValueError:
        return None


def message_of(visit: Visit) -> Message:
    form = visit.form
    values = {name.removeprefix("value-"): value for name, value in form.fields if name.startswith("value-") and value}
    return Message(
        visit.account,
        form.text("text").strip() or None,
        form.text("template") or None,
        form.has("marketing"),
        values,
        moment_of(visit) if form.text("at") else None,
        visit.now.astimezone(visit.zone).date(),
        # The same form sends once, however often it is sent.
        form.text("key") if form.has("again") else "",
    )


@contextmanager
def run_of(visit: Visit, people: People, message: Message) -> Generator[Run]:
    """What tries and sends; nothing is POSTed by it."""
    with rehearsing_sender(visit) as sender:
        yield Run(intake_of(visit), sender, message, people.addressees, visit.by)


def asks_whether(visit: Visit, desk: Desk, people: People, message: Message, errors: dict[str, str]) -> Html:
    """What it comes to, if it went now: done as a whole and taken back."""
    try:
        with run_of(visit, people, message) as run:
            before = run.tried(claims=True)
            out_by = run.out_by(before)
            is_priced = run.account.prices.sms.amount is not None
    except RefusedError as error:
        return asks_what(visit, desk, people, {"text": str(error)})
    values = {
        **kept(visit, desk, people),
        "message": message,
        "at": visit.form.text("at"),
        "going": len(before.ids),
        "outcomes": list(outcome_lines(before.outcomes)),
        "samples": before.texts.most_common(SAMPLES),
        "cost": before.cost,
        "is_priced": is_priced,
        "out_by": out_by,
        "is_typed": len(people.addressees) > TYPED_ABOVE,
        "button": button_of(visit, before, is_priced=is_priced),
        "errors": errors,
    }
    return Html("sending/whether.html", values, HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK)


def button_of(visit: Visit, before: Sent, *, is_priced: bool) -> str:
    """`Надіслати 1 SMS за 0,78 грн`."""
    count = ngettext("Send {count} SMS", "Send {count} SMS", before.cost.segments)
    if not (is_priced and visit.user.sees_prices):
        return count
    return _("{count} for {money}", count=count, money=money(before.cost.cost))


def goes(visit: Visit, desk: Desk, people: People, message: Message) -> Shown:
    try:
        with run_of(visit, people, message) as run:
            done, _left = run.sent()
    except RefusedError as error:
        return asks_what(visit, desk, people, {"text": str(error)})
    if not done.ids:
        return asks_whether(visit, desk, people, message, {})
    note = ngettext("{count} SMS is on its way.", "{count} SMS are on their way.", len(done.ids))
    if len(done.ids) == 1:
        return Redirect(f"{visit.home}/texts/{text_id(done.ids[0])}", note)
    return Redirect(f"{visit.home}/history?trigger=sms_send_requested", note)
