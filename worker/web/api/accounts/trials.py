"""`/preview` and `/lint`: a text before anybody gets it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from worker.core.authoring.given_values import tidy
from worker.core.authoring.preview import Trial
from worker.core.authoring.template_scope import Subject, of_custom
from worker.core.contract.phone_mask import masked
from worker.core.history.filters import Filter
from worker.language import _
from worker.steps.accounts.desk import Desk, open_desk
from worker.steps.accounts.trials import Examined, Tried, Wanted, examined_as, examined_texts, try_text
from worker.steps.history.phones_seen import note_phones
from worker.store.accounts.templates import Kept
from worker.store.db.postgres import Connection, transaction
from worker.web.api.accounts.list_cursor import Place, no_place, page_of
from worker.web.api.accounts.template_answer import TextReport, TextSize, report_answer, size_answer
from worker.web.api.accounts.templates import TEXT_MAX, Language, Section, no_text
from worker.web.api.endpoint import Answer, Call, endpoint
from worker.web.api.fields import LIMIT, LIMIT_MAX, Cursor, Fields, Words, about
from worker.web.api.problems import NOT_FOUND, Problem, wrong_field

TAG = "templates"
GivenText = Annotated[str, AfterValidator(tidy)]


class TextToTry(Fields):
    """A text that is kept, by its name; or one that is given, as that name's or of a section."""

    name: Annotated[Words | None, about("A trigger's id or a custom template's name.", "booking_confirmed")] = None
    locale: Language = None
    text: Annotated[GivenText | None, about("A text that is not saved.", "Дякуємо!", max_length=TEXT_MAX)] = None
    section: Annotated[Section | None, about("Of a custom template that is not there yet.", "clients")] = None


class TextToLint(TextToTry):
    limit: Annotated[
        Annotated[int, Field(ge=1, le=LIMIT_MAX)], about(f"Of so many texts at most, up to {LIMIT_MAX}.", 100)
    ] = LIMIT
    cursor: Cursor = None


class TextToPreview(TextToTry):
    channel: Annotated[
        Literal["sms", "viber", "viber_then_sms"] | None, about("How it travels; else as its trigger is set.")
    ] = None
    samples: Annotated[bool, about("Whether to take sample values though there is an event.")] = False
    phones: Annotated[
        bool,
        about("Show phones whole, for a key that may see them; the audit notes who looked. Otherwise they are masked."),
    ] = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TextPreview:
    """What one person would get."""

    text: Annotated[str, about("The text with its values; phones in them are masked unless `phones` is true.")]
    size: TextSize
    locale: Annotated[str, about("Its language.")]
    event: Annotated[str | None, about("The event whose values these are; null: samples.")]
    occurred_at: Annotated[datetime | None, about("When that event happened.")]
    recipient: Annotated[str | None, about("The kind of person.", "contact")]
    phone: Annotated[str | None, about("Masked unless `phones` is true.", "+38067***4567")]
    channel: Annotated[str | None, about("How it would travel.")]
    state: Annotated[str, about("`planned`, or `skipped` and why.")]
    reason: Annotated[str | None, about("The code of why it would not go so, where it would not.")]


@dataclass(frozen=True, slots=True)
class TextPreviews:
    """How a text reads, and what the linter says of it."""

    items: list[TextPreview]
    report: TextReport


@dataclass(frozen=True, slots=True, kw_only=True)
class LintedText:
    """A text, and what the linter says of it."""

    name: Annotated[str, about("Of the trigger or the custom template.")]
    locale: Annotated[str, about("Its language.")]
    place: Annotated[str, about("`text`, or an address for Viber: `viber.button.link`, `viber.picture`.")]
    text: Annotated[str, about("What was looked at.")]
    report: TextReport


@dataclass(frozen=True, slots=True)
class LintedTexts:
    """Texts, and what the linter says of each."""

    items: list[LintedText]
    next: Annotated[str | None, about("The `cursor` of the next page; null: there is none.")]


@endpoint("POST", "/preview", scope="read", tag=TAG, answer=TextPreviews, problems=(NOT_FOUND,))
def preview_text(call: Call[None, TextToPreview]) -> Answer | Problem:
    """Show how a text reads.

    With the values of the last event that concerned anybody, or with samples. Nobody is written to and nothing is
    saved. Names and addresses of that event's people are among the values, phones only where they are asked for.
    """
    body = call.body
    with transaction(call.pool) as connection:
        desk = open_desk(connection, call.account)
        subject = subject_of(desk, body)
        if desk is None or isinstance(subject, Problem):
            return subject if isinstance(subject, Problem) else nothing(body)
        text: Kept | str | None = desk.text(subject, body.locale) if body.text is None else body.text
        if text is None:
            return nothing(body)
        locale = body.locale or desk.settings.locale
        wanted = Wanted(subject, text, locale, body.channel, with_events=not body.samples, phones=body.phones)
        tried = try_text(connection, call.cache, desk, wanted)
        note_seen(connection, call, tried, subject)
    return Answer(previews(tried, wanted))


def note_seen(connection: Connection, call: Call[None, TextToPreview], tried: Tried, subject: Subject) -> None:
    """Note whole phones of an event; those of samples are nobody's."""
    event = next((trial.event for trial in tried.trials), None)
    if call.body.phones and event is not None:
        wanted = Filter(account=call.account, event=event)
        note_phones(connection, call.key.as_operator, f"preview {subject.name}".strip(), wanted)


@endpoint("POST", "/lint", scope="read", tag=TAG, answer=LintedTexts, problems=(NOT_FOUND,))
def lint_text(call: Call[None, TextToLint]) -> Answer | Problem:
    """Say what is wrong with texts, and what they cost.

    One that is given and not saved, those of a name, or all that are not blank, page by page.
    """
    body = call.body
    with transaction(call.pool) as connection:
        desk = open_desk(connection, call.account)
    if desk is None:
        return nothing(body)
    if body.text is None and body.name is None:
        return linted_page(desk, body)
    subject = subject_of(desk, body)
    if isinstance(subject, Problem):
        return subject
    return Answer(LintedTexts([*map(linted, looked_at(desk, subject, body))], None))


def linted_page(desk: Desk, body: TextToLint) -> Answer | Problem:
    meant = (item for item in desk.kept if body.locale in {None, item.locale})
    page = page_of(meant, Place(body.cursor, ("lint", desk.account, body.locale)), limit=body.limit)
    if page is None:
        return no_place()
    return Answer(LintedTexts([*map(linted, examined_texts(replace(desk, kept=page.items)))], page.next))


def looked_at(desk: Desk, subject: Subject, body: TextToTry) -> Iterator[Examined]:
    if body.text is None:
        yield from examined_texts(desk, subject.name, body.locale)
    else:
        yield examined_as(desk, subject, body.locale or desk.settings.locale, body.text)


def subject_of(desk: Desk | None, body: TextToTry) -> Subject | Problem:
    """What a text is of: whatever has this name, or else a custom template of the section."""
    subject = desk.subject(body.name) if desk and body.name else None
    if subject:
        return subject
    if body.section and body.text is not None:
        return of_custom(body.name or "", body.section)
    if body.name:
        return nothing(body)
    return wrong_field("name", _("is missing: give it, or text and section of a custom template to be"))


def nothing(body: TextToTry) -> Problem:
    return no_text(body.name or "", body.locale)


def previews(tried: Tried, wanted: Wanted) -> TextPreviews:
    report = report_answer(wanted.words, tried.report)
    return TextPreviews([preview(trial, tried, phones=wanted.phones) for trial in tried.trials], report)


def preview(trial: Trial, tried: Tried, *, phones: bool) -> TextPreview:
    return TextPreview(
        text=trial.text,
        size=size_answer(trial.size, tried.report.price),
        locale=trial.locale,
        event=trial.event,
        occurred_at=trial.occurred_at,
        recipient=trial.recipient,
        phone=trial.phone if phones or trial.phone is None else masked(trial.phone),
        channel=trial.channel,
        state=trial.state,
        reason=trial.reason,
    )


def linted(item: Examined) -> LintedText:
    report = report_answer(item.text, item.report)
    return LintedText(name=item.name, locale=item.locale, place=item.field, text=item.text, report=report)
