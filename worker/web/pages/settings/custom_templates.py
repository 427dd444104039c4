"""Настроювані шаблони: texts with a name and a section, for sending by hand."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from urllib.parse import quote

from worker.core.accounts.settings import LOCALES
from worker.core.authoring.template_scope import NAME_MAX, Subject, of_custom, why_no_name
from worker.core.texts.segments import Segments
from worker.core.texts.shortcodes import SECTIONS
from worker.language import _
from worker.steps.accounts import texts
from worker.steps.accounts.desk import Desk
from worker.steps.accounts.texts import Overtaken, Refused, Saved, Taken
from worker.steps.accounts.trials import Wanted, examined_as
from worker.store.accounts import templates
from worker.store.accounts.templates import Kept, Template
from worker.store.db.postgres import Connection, transaction
from worker.store.monitoring.templates_used import Use, Uses, uses_of
from worker.web.pages.editing import desk_of, edited
from worker.web.pages.page import Html, Redirect, Shown, Visit, page
from worker.web.pages.service import not_found
from worker.web.pages.settings.editor import look_at, palette_of, version_seen
from worker.web.pages.settings.versions import diffs_of, newest

PATH = "/a/{account}/templates"
DESCRIPTION_MAX = 500
LATELY = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Listed:
    """A custom template in all its languages; `first` is the one in the account's language, or whichever it has."""

    first: Kept
    locales: Sequence[str]
    section: str
    segments: Segments
    use: Use | None


@page("GET", PATH, may="look")
def custom_templates(visit: Visit) -> Shown:
    with transaction(visit.pool) as connection:
        desk = desk_of(connection, visit)
        custom = [kept.id for kept in desk.kept if kept.name]
        uses = uses_of(connection, visit.account, custom, since=visit.now - LATELY)
    names = dict.fromkeys(kept.name for kept in desk.kept if kept.name)
    values = {"templates": [listed(desk, name, uses) for name in names if name], "used_since": uses.since}
    return Html("settings/custom_templates.html", values)


def listed(desk: Desk, name: str, uses: Uses) -> Listed:
    its = desk.texts(name)
    first = next((kept for kept in its if kept.locale == desk.settings.locale), its[0])
    heading = SECTIONS.get(first.section or "")
    report = examined_as(desk, of_custom(name, first.section or ""), first.locale, first.text).report
    section = heading.label if heading else first.section or ""
    return Listed(first, [kept.locale for kept in its], section, report.typical, of_all(its, uses))


def of_all(its: Sequence[Kept], uses: Uses) -> Use | None:
    """What was done by a template in all its languages."""
    known = [uses.of[kept.id] for kept in its if kept.id in uses.of]
    if not known:
        return None
    return Use(max(use.last for use in known), sum(use.went for use in known))


@page("GET", f"{PATH}/edit", may="look")
def show_template(visit: Visit) -> Shown:
    """One that is there, by its name; without a name a new one, perhaps as a copy."""
    with transaction(visit.pool) as connection:
        desk = desk_of(connection, visit)
        if visit.query.text("name") and kept_of(visit, desk) is None and not of_name(desk, visit.query.text("name")):
            return not_found()
        return shown(connection, visit, desk)


def shown(
    connection: Connection,
    visit: Visit,
    desk: Desk,
    *,
    status: int = 200,
    errors: dict[str, str] | None = None,
    overtaken: bool = False,
) -> Html:
    """The page; what was typed stays in its boxes."""
    kept, like = kept_of(visit, desk), like_of(visit, desk)
    typed = {
        "name": kept.name if kept else _("{name} (copy)", name=like.name) if like else "",
        "description": like.description if like else "",
        "section": like.section if like else next(iter(SECTIONS)),
        "text": kept.text if kept else like.text if like and visit.query.has("copy") else "",
    }
    typed = {name: visit.form.text(name, value or "") for name, value in typed.items()}
    subject = of_custom(typed["name"], known_section(typed["section"]))
    versions = newest(connection, kept)
    wanted = Wanted(subject, typed["text"], locale_of(visit, desk), with_events=False)
    values = {
        "kept": kept,
        "seen": version_seen(visit, kept, overtaken=overtaken),
        "known": visit.query.text("name"),
        "typed": typed,
        "locale": locale_of(visit, desk),
        "locales": reversed(LOCALES),
        "has": [each.locale for each in of_name(desk, visit.query.text("name"))],
        "sections": [(id_, heading.label) for id_, heading in SECTIONS.items()],
        "look": look_at(connection, visit, desk, wanted),
        "palette": palette_of(subject, desk.settings.custom_shortcodes),
        "versions": versions,
        "diffs": diffs_of([version.text for version in versions]),
        "errors": errors or {},
        "overtaken": overtaken,
    }
    return Html("settings/custom_template.html", values, status)


def known_section(section: str) -> str:
    """What is not in the list is refused when it is saved; until then the first is looked at."""
    return section if section in SECTIONS else next(iter(SECTIONS))


def of_name(desk: Desk, name: str) -> Sequence[Kept]:
    return [kept for kept in desk.kept if kept.name and kept.name == name]


def kept_of(visit: Visit, desk: Desk) -> Kept | None:
    """The text that is edited: of the name that the address has, in its language."""
    locale = locale_of(visit, desk)
    return next((kept for kept in of_name(desk, visit.query.text("name")) if kept.locale == locale), None)


def like_of(visit: Visit, desk: Desk) -> Kept | None:
    """Whose section and description it begins with: its own in another language, or the one that is copied."""
    name = visit.query.text("name") or visit.query.text("copy")
    return kept_of(visit, desk) or next(iter(of_name(desk, name)), None)


def locale_of(visit: Visit, desk: Desk) -> str:
    asked = visit.form.text("locale") or visit.query.text("locale")
    return asked if asked in LOCALES else desk.settings.locale


@page("POST", f"{PATH}/look", may="look")
def look_at_template(visit: Visit) -> Shown:
    """What the linter says of what is typed: for the page that is there."""
    with transaction(visit.pool) as connection:
        desk = desk_of(connection, visit)
        subject = of_custom(visit.form.text("name"), known_section(visit.form.text("section")))
        wanted = Wanted(subject, visit.form.text("text"), locale_of(visit, desk), with_events=False)
        return Html("settings/look.html", {"look": look_at(connection, visit, desk, wanted)}, block="look")


@page("GET", f"{PATH}/shortcodes", may="look")
def palette(visit: Visit) -> Shown:
    """The shortcodes of a section: for the page that is there."""
    with transaction(visit.pool) as connection:
        own = desk_of(connection, visit).settings.custom_shortcodes
    shelves = palette_of(of_custom("", known_section(visit.query.text("section"))), own)
    return Html("settings/look.html", {"palette": shelves}, block="palette")


@page("POST", f"{PATH}/edit", may="settings")
def save_template(visit: Visit) -> Shown:
    """Add a template, or save another version of one; nobody's change is lost."""
    if visit.form.has("check"):
        with transaction(visit.pool) as connection:
            return shown(connection, visit, desk_of(connection, visit))
    return edited(visit, lambda connection, desk: saved(connection, visit, desk))


def saved(connection: Connection, visit: Visit, desk: Desk) -> Shown:
    if errors := wrong_fields(visit):
        return refused(connection, visit, desk, errors)
    name, known = visit.form.text("name").strip(), visit.query.text("name")
    if known and not of_name(desk, known):
        return not_found()
    result = rewritten(connection, visit, desk, known) if known else added(connection, visit, desk)
    match result:
        case Taken():
            return refused(
                connection, visit, desk, {"name": _("There is a template of this name: choose another one.")}
            )
        case Refused():
            return refused(
                connection, visit, desk, {"text": _("This text cannot be sent so: see what is marked below.")}
            )
        case Overtaken():
            return shown(connection, visit, desk, status=HTTPStatus.CONFLICT, overtaken=True)
        case _:
            there = f"{visit.home}/templates/edit?name={quote(name, safe='')}&locale={locale_of(visit, desk)}"
            return Redirect(there, _("Saved: {label}.", label=name))


def refused(connection: Connection, visit: Visit, desk: Desk, errors: dict[str, str]) -> Html:
    return shown(connection, visit, desk, status=HTTPStatus.UNPROCESSABLE_ENTITY, errors=errors)


def wrong_fields(visit: Visit) -> dict[str, str]:
    errors: dict[str, str] = {}
    name = visit.form.text("name").strip()
    if reason := why_no_name(name):
        errors["name"] = reason
    elif len(name) > NAME_MAX:
        errors["name"] = _("is longer than {most} characters", most=NAME_MAX)
    if visit.form.text("section") not in SECTIONS:
        errors["section"] = _("Choose something from the list.")
    if len(visit.form.text("description")) > DESCRIPTION_MAX:
        errors["description"] = _("is longer than {most} characters", most=DESCRIPTION_MAX)
    if not visit.form.text("text").strip():
        errors["text"] = _("is blank: a custom template needs a text")
    if visit.form.text("locale", LOCALES[0]) not in LOCALES:
        errors["locale"] = _("Choose something from the list.")
    return errors


def added(connection: Connection, visit: Visit, desk: Desk) -> Saved | Refused | Taken:
    form = visit.form
    new = Template(
        None, form.text("name").strip(), form.text("description") or None, form.text("section"), locale_of(visit, desk)
    )
    return texts.add(connection, desk, new, form.text("text"), missing="fail", author=visit.by)


def rewritten(
    connection: Connection, visit: Visit, desk: Desk, known: str
) -> Saved | texts.Same | Refused | Overtaken | Taken:
    """Write the next version of one that is there, with its section, description and name as they are now."""
    form, locale = visit.form, locale_of(visit, desk)
    subject, kept = of_custom(known, form.text("section")), kept_of(visit, desk)
    if (kept.version if kept else None) != form.whole("version"):
        return Overtaken(kept.version if kept else None)
    if result := described(connection, visit, desk, subject):
        return result
    after = kept.version if kept else None
    result = texts.write(connection, desk, subject, locale, form.text("text"), after=after, author=visit.by)
    name = form.text("name").strip()
    if isinstance(result, (Saved, texts.Same)) and name != known:
        return texts.rename(connection, desk, known, name) or result
    return result


def described(connection: Connection, visit: Visit, desk: Desk, subject: Subject) -> Refused | None:
    """Give it the section and description of the form, unless its texts in other languages could not stay."""
    form, locale = visit.form, locale_of(visit, desk)
    wanted = texts.redescribed(desk, subject.name, form.text("section"), form.text("description"))
    as_written = texts.as_written(desk, subject, locale, form.text("text"))
    return texts.describe(connection, as_written, wanted) if wanted else None


@page("POST", f"{PATH}/delete", may="settings")
def delete_template(visit: Visit) -> Shown:
    """Delete one in all its languages, with its versions; texts that it made stay."""
    name = visit.form.text("name")

    def act(connection: Connection, desk: Desk) -> Shown:
        if not of_name(desk, name):
            return not_found()
        templates.delete(connection, desk.account, name)
        return Redirect(f"{visit.home}/templates", _("Deleted: {name}.", name=name))

    return edited(visit, act)


@page("POST", f"{PATH}/roll-back", may="settings")
def roll_back_template(visit: Visit) -> Shown:
    """Write an old version's text as the newest."""
    number = visit.form.whole("version")

    def act(connection: Connection, desk: Desk) -> Shown:
        kept = kept_of(visit, desk)
        known = templates.versions(connection, kept.id) if kept else ()
        old = next((each for each in known if each.version == number), None)
        if kept is None or old is None:
            return not_found()
        subject = of_custom(kept.called, kept.section or "")
        result = texts.write(connection, desk, subject, kept.locale, old.text, after=kept.version, author=visit.by)
        if isinstance(result, Refused):
            said = _("Version {version} cannot be sent today: its text is refused.", version=old.version)
            return shown(connection, visit, desk, status=HTTPStatus.UNPROCESSABLE_ENTITY, errors={"text": said})
        note = _("The text is that of version {version} again.", version=old.version)
        return Redirect(f"{visit.home}/templates/edit?name={quote(kept.called)}&locale={kept.locale}", note)

    return edited(visit, act)
