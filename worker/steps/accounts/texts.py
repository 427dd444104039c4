"""Write texts: each change is a new version with its author, and none is written that the linter refuses.

The caller's transaction has opened the desk to edit it, and notes the changes.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from worker.core.authoring.lint import Report, examined
from worker.core.authoring.template_scope import Subject, of_custom
from worker.core.texts.viber_message import addresses
from worker.steps.accounts.desk import Desk
from worker.store.accounts import templates
from worker.store.accounts.templates import Kept, Template
from worker.store.db.postgres import Connection


@dataclass(frozen=True, slots=True)
class Saved:
    """A new version of a text; `before` is what it was."""

    version: int
    report: Report
    before: str = ""


@dataclass(frozen=True, slots=True)
class Same:
    """A text that was that already: nothing was written."""

    version: int


@dataclass(frozen=True, slots=True)
class Refused:
    """A text, or an address for Viber, that the linter refuses: nothing was written."""

    text: str
    report: Report
    field: str = "text"


@dataclass(frozen=True, slots=True)
class Overtaken:
    """Somebody else has saved a version since this one was seen: nothing was written."""

    version: int | None


@dataclass(frozen=True, slots=True)
class Taken:
    """Another custom template is called so: nothing was written."""


def write(  # noqa: PLR0913 (each is another property of a text)
    connection: Connection,
    desk: Desk,
    subject: Subject,
    locale: str | None,
    text: str,
    *,
    after: int | None,
    author: str,
) -> Saved | Same | Refused | Overtaken:
    """Write the version that follows `after`, which the author has seen; None: there was no text in this language."""
    kept = desk.text(subject, locale)
    version = kept.version if kept else None
    if version != after:
        return Overtaken(version)
    if kept and kept.text == text:
        return Same(kept.version)
    report = examined(text, subject, desk.settings, locale=locale or desk.settings.locale)
    if report.is_refused:
        return Refused(text, report)
    if kept:
        written = templates.write(connection, kept.id, text, author=author, after=kept.version)
        return Saved(written, report, kept.text) if written else Overtaken(version)
    add_language(connection, desk, subject, locale, text, author=author)
    return Saved(1, report)


def add_language(
    connection: Connection, desk: Desk, subject: Subject, locale: str | None, text: str, *, author: str
) -> None:
    """Add a text in a language that its subject lacks; a custom one is asked for as in its others."""
    like = next((template for template in desk.kept if template.name == subject.name), None)
    trigger = subject.trigger.id if subject.trigger else None
    language = locale or desk.settings.locale
    new = Template(trigger, like and like.name, like and like.description, like and like.section, language)
    templates.add(connection, desk.account, new, text, author=author)
    if like and like.name:
        templates.ask(connection, desk.account, new, missing=like.missing, viber={})


def add(
    connection: Connection, desk: Desk, new: Template, text: str, *, missing: str, author: str
) -> Saved | Refused | Taken:
    """Add a custom template with its first text."""
    subject = of_custom(new.called, new.section or "")
    report = examined(text, subject, desk.settings, locale=new.locale)
    if report.is_refused:
        return Refused(text, report)
    is_taken = any(template.name == new.name for template in desk.kept)
    if is_taken or not templates.add(connection, desk.account, new, text, author=author):
        return Taken()
    templates.ask(connection, desk.account, new, missing=missing, viber={})
    return Saved(1, report)


def rename(connection: Connection, desk: Desk, name: str, new: str) -> Taken | None:
    """Call a custom template otherwise in all its languages, unless another one is called so."""
    if new != name and any(template.name == new for template in desk.kept):
        return Taken()
    templates.rename(connection, desk.account, name, new)
    return None


def redescribed(desk: Desk, name: str, section: str | None, description: str | None) -> Template | None:
    """A custom template as it would be with this section and description; None where there is none of this name."""
    first = next((template for template in desk.kept if template.name == name), None)
    if first is None:
        return None
    text = first.description if description is None else description
    return replace(first, section=section or first.section, description=text)


def as_written(desk: Desk, subject: Subject, locale: str | None, text: str) -> Desk:
    """The desk with new words: they are what another section must allow, and not those that they replace."""
    kept = desk.text(subject, locale)
    return replace(desk, kept=[replace(item, text=text) if item is kept else item for item in desk.kept])


def refused_in(desk: Desk, wanted: Template) -> list[Refused]:
    """The texts of a custom template that its new section forbids."""
    subject = of_custom(wanted.called, wanted.section or "")
    tried = [
        Refused(template.text, examined(template.text, subject, desk.settings, locale=template.locale))
        for template in desk.texts(wanted.called)
    ]
    return [refusal for refusal in tried if refusal.report.is_refused]


def describe(connection: Connection, desk: Desk, wanted: Template) -> Refused | None:
    """Give a custom template another section and description, unless its texts could not stay."""
    for refusal in refused_in(desk, wanted):
        return refusal
    templates.describe(connection, desk.account, wanted)
    return None


def ask(
    connection: Connection, desk: Desk, subject: Subject, kept: Kept, *, missing: str, viber: Mapping[str, Any]
) -> Refused | None:
    """Let a text ask for these things besides its words, unless the linter refuses an address of Viber's."""
    for refusal in refused_addresses(desk, subject, kept.locale, viber):
        return refusal
    templates.ask(connection, desk.account, kept, missing=missing, viber=viber)
    return None


def refused_addresses(desk: Desk, subject: Subject, locale: str, viber: Mapping[str, Any]) -> Iterator[Refused]:
    for path, address in addresses(viber):
        report = examined(address, subject, desk.settings, locale=locale)
        if report.is_refused:
            yield Refused(address, report, ".".join(("viber", *path)))
