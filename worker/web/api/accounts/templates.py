"""`/templates`: the texts of an account, and their versions."""

from dataclasses import replace
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from worker.core.accounts.choices import Missing
from worker.core.authoring.given_values import language, section_known, tidy
from worker.core.authoring.lint import LONGEST_TEMPLATE, examined
from worker.core.authoring.template_scope import Subject, of_custom, why_no_name
from worker.core.texts.viber_message import options_as_json, read_options
from worker.core.triggers.catalogue import BY_ID
from worker.language import _
from worker.steps.accounts import texts
from worker.steps.accounts.desk import Desk, open_desk
from worker.steps.accounts.texts import Overtaken, Refused, Saved, Taken
from worker.store.accounts import templates
from worker.store.accounts.templates import Kept, Template
from worker.store.db.postgres import Connection, each_alone, transaction
from worker.web.api.accounts.editing import IfMatch, changed, edited, etag_of, is_newest, refused
from worker.web.api.accounts.list_cursor import Place, no_place, page_of
from worker.web.api.accounts.template_answer import (
    AccountTemplate,
    AccountTemplates,
    SavedTemplate,
    TemplateVersions,
    saved_answer,
    template_answer,
    version_answer,
)
from worker.web.api.endpoint import Answer, Call, endpoint
from worker.web.api.fields import NO_NUL, Cursor, Fields, Limit, Words, about
from worker.web.api.problems import CHANGED, ETAG, NOT_FOUND, VERSION_NEEDED, Problem, not_found, wrong_field

TAG = "templates"
#: So many characters are read of a text that the linter then refuses for its length.
TEXT_MAX = 4 * LONGEST_TEMPLATE
DESCRIPTION_MAX = 1_000

Language = Annotated[
    Annotated[str, Field(pattern="^[a-z]{2}$"), AfterValidator(language)] | None,
    about("Its language by two letters; the account's, if left out.", "uk"),
]
Section = Annotated[Words, AfterValidator(section_known)]
Address = Annotated[str, Field(max_length=2_100, pattern=NO_NUL)]
Description = Annotated[str, Field(max_length=DESCRIPTION_MAX, pattern=NO_NUL)]


class Which(Fields):
    name: Annotated[Words, about("A trigger's id, or the name of a custom template.", "booking_confirmed")]
    locale: Language = None


class WhichToWrite(Which):
    if_match: IfMatch = None


class WhichToList(Fields):
    of: Annotated[Literal["trigger", "custom"] | None, about("Only those of triggers, or only custom ones.")] = None
    section: Annotated[Words | None, about("Only custom ones of this section of shortcodes.", "invoice")] = None
    locale: Annotated[Words | None, about("Only in this language.", "uk")] = None
    limit: Limit = 50
    cursor: Cursor = None

    def is_met_by(self, kept: Kept) -> bool:
        return (
            self.of in {None, "trigger" if kept.trigger else "custom"}
            and self.section in {None, kept.section}
            and self.locale in {None, kept.locale}
        )


class Button(Fields):
    """A button under a Viber message."""

    caption: Annotated[str, about("What stands on it, 1 to 30 characters.", "Сплатити", max_length=200, pattern=NO_NUL)]
    link: Annotated[Address, about("Where it leads, as `{invoice_link}`.", "{invoice_link}")]


class ViberOptions(Fields):
    """What a text asks of Viber besides its words."""

    ttl: Annotated[int | None, about("Seconds that Viber tries, 60 to 86400.", 600)] = None
    button: Annotated[Button | None, about("A button under the words.")] = None
    picture: Annotated[Address | None, about("The address of a picture above them.")] = None
    transactional: Annotated[bool, about("Whether TurboSMS knows the text by a pattern.")] = False


class TemplateText(Fields):
    """A text as it shall be; what is left out besides the text stays as it is."""

    text: Annotated[
        # As it came: what is tidied away counts as well, for the document says so.
        Annotated[str, Field(max_length=TEXT_MAX)],
        AfterValidator(tidy),
        about("The words, with shortcodes in braces.", "Запис підтверджено: {booking_date}"),
    ]
    missing: Annotated[
        Missing | None, about("Where a value is missing: `drop`, it goes without, or `fail`, it does not go.")
    ] = None
    viber: Annotated[ViberOptions | None, about("What it asks of Viber; null takes it away.")] = None
    section: Annotated[
        Section | None, about("Of a custom one: whose shortcodes it holds; needed for a new one.", "clients")
    ] = None
    description: Annotated[Description | None, about("Of a custom one: what it is for.")] = None


class WhichVersions(Which):
    limit: Limit = 50
    cursor: Cursor = None


@endpoint("GET", "/templates", scope="read", tag=TAG, answer=AccountTemplates)
def list_templates(call: Call[WhichToList, None]) -> Answer | Problem:
    """List texts: of triggers in each language, then custom ones."""
    asked = call.parameters
    with each_alone(call.pool) as connection:
        kept = templates.list_templates(connection, call.account)
    listed = page_of(
        filter(asked.is_met_by, kept),
        Place(asked.cursor, ("templates", call.account, asked.of, asked.section, asked.locale)),
        limit=asked.limit,
    )
    if listed is None:
        return no_place()
    return Answer(AccountTemplates([template_answer(item) for item in listed.items], listed.next))


@endpoint(
    "GET",
    "/templates/{name:path}",
    scope="read",
    tag=TAG,
    answer=AccountTemplate,
    statuses=(200, 304),
    headers=(ETAG,),
    problems=(NOT_FOUND,),
)
def show_template(call: Call[Which, None]) -> Answer | Problem:
    """Show one text in one language.

    Its `ETag` is what a change of it must name.
    """
    with transaction(call.pool) as connection:
        kept = kept_by(open_desk(connection, call.account), call.parameters)
    return Answer(template_answer(kept), etag=version_of(kept)) if kept else no_template(call.parameters)


@endpoint(
    "GET",
    "/template-versions/{name:path}",
    scope="read",
    tag=TAG,
    answer=TemplateVersions,
    problems=(NOT_FOUND,),
)
def list_versions(call: Call[WhichVersions, None]) -> Answer | Problem:
    """List the versions of a text in one language, the newest first."""
    with transaction(call.pool) as connection:
        kept = kept_by(open_desk(connection, call.account), call.parameters)
        if kept is None:
            return no_template(call.parameters)
        place = Place(call.parameters.cursor, ("versions", call.account, kept.id))
        before = place.position()
        if place.cursor is not None and before is None:
            return no_place()
        limit = call.parameters.limit
        found = templates.newest_versions(connection, kept.id, before=before, limit=limit + 1)
    more = place.cursor_at(found[limit - 1].version) if len(found) > limit else None
    return Answer(TemplateVersions([version_answer(version) for version in found[:limit]], more))


@endpoint(
    "PUT",
    "/templates/{name:path}",
    scope="settings",
    tag=TAG,
    answer=SavedTemplate,
    statuses=(200, 201),
    headers=(ETAG,),
    problems=(NOT_FOUND, CHANGED, VERSION_NEEDED),
)
def write_template(call: Call[WhichToWrite, TemplateText]) -> Answer | Problem:
    """Write a text; each change is a new version, with the key as its author.

    What the linter refuses is not saved, and named place by place. A text that is there is changed only with `If-Match`
    and the `ETag` that was read: who was second is told who was first. A blank text switches its trigger off in that
    language. A custom template that is not there is added; in a language that a text lacks, this adds it.
    """
    viber = viber_of(call.body)
    if isinstance(viber, Problem):
        return viber

    def act(connection: Connection, desk: Desk) -> Answer | Problem:
        subject = desk.subject(call.parameters.name)
        kept = desk.text(subject, call.parameters.locale) if subject else None
        if problem := overtaken(kept, call.parameters.if_match):
            return problem
        if subject is None:
            return add(connection, desk, call, viber)
        return write(connection, desk, call, subject, viber)

    return edited(call, act)


def write(
    connection: Connection, desk: Desk, call: Call[WhichToWrite, TemplateText], subject: Subject, viber: dict[str, Any]
) -> Answer | Problem:
    """Write a text of a subject that is there, and what it asks for."""
    body, locale = call.body, call.parameters.locale
    if problem := blank(subject, body) or describe(
        connection, texts.as_written(desk, subject, locale, body.text), subject, body
    ):
        return problem
    desk = open_desk(connection, call.account) or desk
    subject = desk.subject(subject.name) or subject
    kept = desk.text(subject, locale)
    written = texts.write(
        connection, desk, subject, locale, body.text, after=kept and kept.version, author=call.key.as_operator
    )
    match written:
        case Refused():
            return refused(written.text, written.report, "text")
        case Overtaken():
            return changed(_("Somebody else has saved it."), None)
        case _:
            return finish(connection, call, viber, is_new=kept is None)


def add(
    connection: Connection, desk: Desk, call: Call[WhichToWrite, TemplateText], viber: dict[str, Any]
) -> Answer | Problem:
    """Add a custom template."""
    body, name = call.body, call.parameters.name
    if problem := why_not_new(name, body):
        return problem
    new = Template(None, name, body.description, body.section, call.parameters.locale or desk.settings.locale)
    added = texts.add(connection, desk, new, body.text, missing=body.missing or "fail", author=call.key.as_operator)
    match added:
        case Refused():
            return refused(added.text, added.report, "text")
        case Taken():
            return changed(_("Somebody else has added it."), None)
        case Saved():
            return finish(connection, call, viber, is_new=True)


def why_not_new(name: str, body: TemplateText) -> Problem | None:
    if name in BY_ID:
        problem = _("has no text of its own: each of its events brings one, or names a custom template")
        return wrong_field("name", problem)
    if reason := why_no_name(name):
        return wrong_field("name", reason)
    if body.section is None:
        return wrong_field("section", _("is missing: it decides which shortcodes a new custom template may hold"))
    return blank(of_custom(name, body.section), body)


def finish(
    connection: Connection, call: Call[WhichToWrite, TemplateText], viber: dict[str, Any], *, is_new: bool
) -> Answer | Problem:
    """Let the text ask for what is given besides its words, and answer with how it is now."""
    body = call.body
    desk = open_desk(connection, call.account)
    subject, kept = (desk and desk.subject(call.parameters.name)), kept_by(desk, call.parameters)
    if desk is None or subject is None or kept is None:
        return no_template(call.parameters)
    wanted = replace(
        kept, missing=body.missing or kept.missing, viber=viber if "viber" in body.model_fields_set else kept.viber
    )
    if wanted != kept:
        refusal = texts.ask(connection, desk, subject, kept, missing=wanted.missing, viber=wanted.viber)
        if refusal:
            return refused(refusal.text, refusal.report, refusal.field)
    report = examined(wanted.text, subject, desk.settings, locale=wanted.locale)
    return Answer(saved_answer(wanted, report), 201 if is_new else 200, etag=version_of(wanted))


def describe(connection: Connection, desk: Desk, subject: Subject, body: TemplateText) -> Problem | None:
    if body.section is None and body.description is None:
        return None
    if subject.trigger:
        problem = _("is the catalogue's: a trigger has no section and no description of its own")
        return wrong_field("description" if body.section is None else "section", problem)
    wanted = texts.redescribed(desk, subject.name, body.section, body.description)
    refusal = wanted and texts.describe(connection, desk, wanted)
    if not refusal:
        return None
    return refused(refusal.text, refusal.report, "text" if refusal.text == body.text else "section")


def blank(subject: Subject, body: TemplateText) -> Problem | None:
    if body.text or subject.trigger:
        return None
    return wrong_field("text", _("is blank: a custom template needs a text"))


def viber_of(body: TemplateText) -> dict[str, Any] | Problem:
    given = body.viber.model_dump(exclude_none=True) if body.viber else {}
    try:
        return options_as_json(read_options(given))
    except ValueError as error:
        return wrong_field("viber", str(error))


def overtaken(kept: Kept | None, if_match: str | None) -> Problem | None:
    """Whether what was read is what is there."""
    if kept is None:
        return None if if_match is None else changed(_("There is no such text any more."), None)
    if if_match is None:
        return Problem(VERSION_NEEDED, _("Read the text, and send its ETag as If-Match."))
    if is_newest(if_match, version_of(kept)):
        return None
    when = kept.created_at.isoformat(timespec="seconds")
    who = _("{author} saved version {version} at {when}.", author=kept.author, version=kept.version, when=when)
    return changed(who, version_of(kept))


def version_of(kept: Kept) -> str:
    return etag_of(kept.version, kept.text, kept.missing, dict(kept.viber), kept.section, kept.description)


def kept_by(desk: Desk | None, asked: Which) -> Kept | None:
    subject = desk.subject(asked.name) if desk else None
    return desk.text(subject, asked.locale) if desk and subject else None


def no_template(asked: Which) -> Problem:
    return no_text(asked.name, asked.locale)


def no_text(name: str, locale: str | None) -> Problem:
    text = _("text {name} in {locale}", name=name, locale=locale) if locale else _("text {name}", name=name)
    return not_found(text)
