"""Подія: one trigger with its text in each language, and how both came to be as they are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from http import HTTPStatus

from worker.core.accounts.settings import LOCALES
from worker.core.authoring.template_scope import Subject, of_trigger
from worker.core.triggers.catalogue import BY_ID
from worker.core.triggers.sentences import SENTENCES
from worker.core.triggers.trigger import Trigger
from worker.language import _
from worker.steps.accounts import texts, triggers
from worker.steps.accounts.desk import Desk
from worker.steps.accounts.texts import Overtaken, Refused, Saved
from worker.steps.accounts.trials import Wanted
from worker.store.accounts import templates
from worker.store.accounts.templates import Kept
from worker.store.db.postgres import Connection, transaction
from worker.store.spending.by_trigger import taken_by_trigger
from worker.web.pages.editing import desk_of, edited
from worker.web.pages.forms import Form
from worker.web.pages.page import Html, Redirect, Shown, Visit, page
from worker.web.pages.service import not_found
from worker.web.pages.settings.editor import Look, look_at, palette_of, version_seen
from worker.web.pages.settings.versions import diffs_of, newest

MONTH = timedelta(days=30)
PATH = "/a/{account}/triggers/{trigger}"


@dataclass(frozen=True, slots=True)
class Longer:
    """What a change of a text costs a month; None: nobody knows a price."""

    before: int
    after: int
    more: Decimal | None


@dataclass(frozen=True, slots=True)
class Question:
    """What somebody is to agree to: that a text becomes longer, and that it asks for what no event carries."""

    longer: Longer | None
    absent: Sequence[str]

    def is_agreed(self, form: Form) -> bool:
        agreed, absent = form.whole("agreed") or 0, form.text("absent").split()
        return (self.longer is None or self.longer.after <= agreed) and set(self.absent) <= set(absent)


@page("GET", PATH, may="look")
def show_trigger(visit: Visit) -> Shown:
    trigger = BY_ID.get(visit.path["trigger"])
    if trigger is None or trigger.is_free:
        return not_found()
    with transaction(visit.pool) as connection:
        desk = desk_of(connection, visit)
        return shown(connection, visit, desk, trigger)


def shown(  # noqa: PLR0913 (what the page is made of)
    connection: Connection,
    visit: Visit,
    desk: Desk,
    trigger: Trigger,
    *,
    status: int = 200,
    errors: Mapping[str, str] | None = None,
    question: Question | None = None,
    overtaken: bool = False,
) -> Html:
    """The page; what was typed stays in the box, whatever becomes of it."""
    subject, locale = of_trigger(trigger), locale_of(visit, desk)
    kept = desk.text(subject, locale)
    typed = visit.form.text("text", kept.text if kept else "")
    view = triggers.view_of(connection, desk, trigger)
    versions = list(newest(connection, kept))
    values = {
        "view": view,
        "sentence": SENTENCES[trigger.id],
        "locale": locale,
        "locales": [(each, name_of(each)) for each in reversed(LOCALES)],
        "kept": kept,
        "seen": version_seen(visit, kept, overtaken=overtaken),
        "look": look_at(connection, visit, desk, wanted_of(visit, subject, typed, locale), text_of(kept)),
        "palette": palette_of(subject, desk.settings.custom_shortcodes),
        "versions": versions,
        "diffs": diffs_of([version.text for version in versions]),
        "errors": errors or {},
        "question": question,
        "overtaken": overtaken,
    }
    return Html("settings/trigger.html", values, status)


def wanted_of(visit: Visit, subject: Subject, text: str, locale: str) -> Wanted:
    """Who may not see phones may not see of whom an event was either."""
    return Wanted(subject, text, locale, with_events=visit.user.sees_phones, phones=False)


def text_of(kept: Kept | None) -> str:
    return kept.text if kept else ""


def locale_of(visit: Visit, desk: Desk) -> str:
    asked = visit.form.text("locale") or visit.query.text("locale")
    return asked if asked in LOCALES else desk.settings.locale


def wrong_locale(visit: Visit) -> dict[str, str]:
    """A form names a language that texts are written in, or none."""
    is_known = visit.form.text("locale", LOCALES[0]) in LOCALES
    return {} if is_known else {"locale": _("Choose something from the list.")}


def name_of(locale: str) -> str:
    return {"uk": "Українська", "en": "English"}.get(locale, locale)


@page("POST", f"{PATH}/look", may="look")
def look_at_trigger(visit: Visit) -> Shown:
    """What the linter says of what is typed: for the page that is there."""
    trigger = BY_ID.get(visit.path["trigger"])
    if trigger is None or trigger.is_free:
        return not_found()
    with transaction(visit.pool) as connection:
        desk = desk_of(connection, visit)
        locale = locale_of(visit, desk)
        subject = of_trigger(trigger)
        wanted = wanted_of(visit, subject, visit.form.text("text"), locale)
        look = look_at(connection, visit, desk, wanted, text_of(desk.text(subject, locale)))
        return Html("settings/look.html", {"look": look}, block="look")


@page("POST", PATH, may="settings")
def save_text(visit: Visit) -> Shown:
    """Save a text; one that costs more is asked for once, and nobody's change is lost."""
    trigger = BY_ID.get(visit.path["trigger"])
    if trigger is None or trigger.is_free:
        return not_found()
    if visit.form.has("check"):
        with transaction(visit.pool) as connection:
            return shown(connection, visit, desk_of(connection, visit), trigger)
    return edited(visit, lambda connection, desk: saved(connection, visit, desk, trigger))


def saved(connection: Connection, visit: Visit, desk: Desk, trigger: Trigger) -> Shown:
    subject, locale, text = of_trigger(trigger), locale_of(visit, desk), visit.form.text("text")
    kept, after = desk.text(subject, locale), visit.form.whole("version")
    if errors := wrong_locale(visit):
        return shown(connection, visit, desk, trigger, status=HTTPStatus.UNPROCESSABLE_ENTITY, errors=errors)
    if (kept.version if kept else None) == after:
        question = question_of(connection, visit, desk, Wanted(subject, text, locale, with_events=False), kept)
        if question and not question.is_agreed(visit.form):
            return shown(connection, visit, desk, trigger, question=question)
    match texts.write(connection, desk, subject, locale, text, after=after, author=visit.by):
        case Refused():
            errors = {"text": _("This text cannot be sent so: see what is marked below.")}
            return shown(connection, visit, desk, trigger, status=HTTPStatus.UNPROCESSABLE_ENTITY, errors=errors)
        case Overtaken():
            return shown(connection, visit, desk, trigger, status=HTTPStatus.CONFLICT, overtaken=True)
        case Saved(version=version):
            note = _("Saved: version {version}. Workers use it within seconds.", version=version)
        case _:
            note = _("Nothing was changed.")
    return Redirect(f"{visit.home}/triggers/{trigger.id}?locale={locale}", note)


def question_of(connection: Connection, visit: Visit, desk: Desk, wanted: Wanted, kept: Kept | None) -> Question | None:
    """What is to be agreed to before a text is kept, if anything is."""
    look = look_at(connection, visit, desk, wanted, text_of(kept))
    if look.report.is_refused:
        return None
    before = text_of(kept)
    longer = longer_of(connection, visit, desk, replace(wanted, text=before), look) if before.strip() else None
    return Question(longer, look.absent) if longer or look.absent else None


def longer_of(connection: Connection, visit: Visit, desk: Desk, before: Wanted, after: Look) -> Longer | None:
    """Whether a text becomes longer than it was: what that costs a month, at the last month's count."""
    was, now = look_at(connection, visit, desk, before).report.typical.count, after.report.typical.count
    taken = taken_by_trigger(connection, desk.account, since=(visit.now - MONTH).date()).get(before.subject.name)
    if now <= was or taken is None:
        return None
    price = desk.settings.segment_price if visit.user.sees_prices else None
    more = Decimal(taken.segments) * (now - was) / max(was, 1)
    return Longer(was, now, None if price is None else price * more)


@page("POST", f"{PATH}/roll-back", may="settings")
def roll_back(visit: Visit) -> Shown:
    """Write an old version's text as the newest."""
    trigger, number = BY_ID.get(visit.path["trigger"]), visit.form.whole("version")
    if trigger is None or number is None:
        return not_found()

    def act(connection: Connection, desk: Desk) -> Shown:
        subject, locale = of_trigger(trigger), locale_of(visit, desk)
        if errors := wrong_locale(visit):
            return shown(connection, visit, desk, trigger, status=HTTPStatus.UNPROCESSABLE_ENTITY, errors=errors)
        kept = desk.text(subject, locale)
        known = templates.versions(connection, kept.id) if kept else ()
        old = next((each for each in known if each.version == number), None)
        if kept is None or old is None:
            return not_found()
        result = texts.write(connection, desk, subject, locale, old.text, after=kept.version, author=visit.by)
        if isinstance(result, Refused):
            errors = {"text": _("Version {version} cannot be sent today: its text is refused.", version=old.version)}
            return shown(connection, visit, desk, trigger, status=HTTPStatus.UNPROCESSABLE_ENTITY, errors=errors)
        note = _("The text is that of version {version} again.", version=old.version)
        return Redirect(f"{visit.home}/triggers/{trigger.id}?locale={locale}", note)

    return edited(visit, act)
