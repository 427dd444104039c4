"""An account becomes what its file describes, or everything that is in the way is said.

All of it runs in the caller's transaction, which keeps nothing unless the outcome is `Transferred`.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from worker.core.account_files.changes import Change, changes_of
from worker.core.account_files.model import AccountFile, CustomPart, TextPart, TriggerPart, texts_of
from worker.core.accounts.settings import SETTINGS, AccountSettings
from worker.core.accounts.yaml_text import Document, Path
from worker.core.authoring.lint import Report, examined
from worker.core.authoring.template_scope import Subject, of_custom, of_trigger
from worker.core.authoring.trigger_settings_check import plain
from worker.core.texts.viber_message import addresses
from worker.core.triggers.catalogue import BY_ID, TRIGGERS
from worker.steps.accounts.budgets import lacks_price, wake
from worker.steps.accounts.export_file import exported
from worker.store.accounts import account_settings, accounts, templates, trigger_settings
from worker.store.accounts.templates import Kept, Template
from worker.store.accounts.trigger_settings import TriggerSettings
from worker.store.audit.configuration import noting_changes
from worker.store.db.postgres import Connection

#: Why nothing may be kept: `incomplete` is a new account without name and sender; `gone`, somebody takes it away.
Unfit = Literal["incomplete", "gone", "no_viber_sender", "no_price"]


@dataclass(frozen=True, slots=True)
class Transferred:
    """An account as its file has it, before and after; one that was not there has no before."""

    before: Mapping[str, Any]
    after: Mapping[str, Any]

    def changes(self) -> list[Change]:
        return list(changes_of(self.before, self.after))


@dataclass(frozen=True, slots=True)
class RefusedText:
    """A text of the file, or an address of its Viber message, that the linter refuses."""

    line: int
    path: Path
    text: str
    report: Report

    @property
    def is_address(self) -> bool:
        return "viber" in self.path


@dataclass(frozen=True, slots=True)
class RefusedTexts:
    refused: Sequence[RefusedText]


Outcome = Transferred | RefusedTexts | Unfit


def transfer(
    connection: Connection, account: str, wanted: AccountFile, document: Document, *, by: str, token: bytes = b""
) -> Outcome:
    """Make an account what a file describes, and add it with this sealed token where it is not there."""
    with noting_changes(connection, account, by=by):
        return transferred(connection, account, wanted, document, by=by, token=token)


def transferred(
    connection: Connection, account: str, wanted: AccountFile, document: Document, *, by: str, token: bytes
) -> Outcome:
    settings = account_settings.lock(connection, account)
    before = {} if settings is None else exported(connection, account, settings)
    if settings is None:
        if is_incomplete(wanted):
            return "incomplete"
        add(connection, account, token, wanted)
        settings = account_settings.lock(connection, account)
    if settings is None:
        return "gone"
    known, settings = settings.custom_shortcodes, replace(settings, **wanted.settings())
    dropped = set(known) - set(settings.custom_shortcodes)
    if settings.viber_instead and settings.viber_sender is None:
        return "no_viber_sender"
    kept = templates.list_templates(connection, account)
    if refused := list(refusals(wanted, document, settings, kept, dropped=dropped)):
        return RefusedTexts(refused)
    apply(connection, account, wanted, settings, author=by)
    if lacks_price(connection, account):
        return "no_price"
    return Transferred(before, exported(connection, account, settings))


def is_incomplete(wanted: AccountFile) -> bool:
    given = wanted.settings()
    return any(setting.is_required and setting.attribute not in given for setting in SETTINGS)


def add(connection: Connection, account: str, token: bytes, wanted: AccountFile) -> None:
    """Add it, without the default texts that the file leaves out: a blank one would be off, and not absent."""
    settings = AccountSettings(**wanted.settings())
    accounts.add(connection, account, token, settings, TRIGGERS)
    for name, part in (wanted.triggers or {}).items():
        if part.texts is not None and settings.locale not in part.texts:
            templates.delete(connection, account, name, locale=settings.locale)


def apply(connection: Connection, account: str, file: AccountFile, settings: AccountSettings, *, author: str) -> None:
    """Write it down, with these settings, in the caller's transaction, which has locked the account."""
    before = account_settings.read(connection, account) or settings
    account_settings.save(connection, account, settings)
    wake(connection, account, before, settings)
    kept = templates.list_templates(connection, account)
    known = trigger_settings.list_trigger_settings(connection, account)
    for name, part in (file.triggers or {}).items():
        was = known.get(name, TriggerSettings())
        trigger_settings.save(connection, account, name, trigger_with(was, part))
        wake(connection, account, was, trigger_with(was, part))
        if part.texts is not None:
            texts = [template for template in kept if template.trigger == name]
            write(connection, account, Template(name, None, None, None, ""), texts, part.texts, author=author)
    if file.templates is not None:
        write_customs(connection, account, kept, file.templates, author=author)


def trigger_with(settings: TriggerSettings, part: TriggerPart) -> TriggerSettings:
    given: Mapping[str, Any] = {
        "switched_on": part.enabled,
        "channel": part.channel,
        "if_unconfirmed": part.if_unconfirmed,
        "settings": None if part.settings is None else plain(part.settings),
    }
    fields = {name: value for name, value in given.items() if value is not None}
    return replace(settings, **fields, **part.budget())


def write_customs(
    connection: Connection, account: str, kept: Sequence[Kept], parts: Mapping[str, CustomPart], *, author: str
) -> None:
    """Make the custom templates those of the file: new ones added, others written anew or taken away."""
    for name in {item.name for item in kept if item.name is not None} - parts.keys():
        templates.delete(connection, account, name)
    for name, part in parts.items():
        new = Template(None, name, part.description or None, part.section, "")
        templates.describe(connection, account, new)
        texts = [item for item in kept if item.name == name]
        for template in texts:
            if template.locale not in part.texts:
                templates.delete(connection, account, name, locale=template.locale)
        still = [text for text in texts if text.locale in part.texts]
        write(connection, account, new, still, part.texts, author=author)


def write(
    connection: Connection,
    account: str,
    template: Template,
    kept: Sequence[Kept],
    texts: Mapping[str, TextPart],
    *,
    author: str,
) -> None:
    """Make one subject's texts those of the file: a changed one is a new version, one that is left out is blank."""
    there = {template.locale: template for template in kept}
    for locale, item in there.items():
        wanted = texts[locale].text if locale in texts else ""
        if item.text != wanted:
            templates.write(connection, item.id, wanted, author=author, after=item.version)
    for locale in texts.keys() - there.keys():
        templates.add(connection, account, replace(template, locale=locale), texts[locale].text, author=author)
    for locale, part in texts.items():
        templates.ask(connection, account, replace(template, locale=locale), missing=part.missing, viber=part.viber)


def refusals(
    file: AccountFile, document: Document, settings: AccountSettings, kept: Sequence[Kept], *, dropped: Collection[str]
) -> Iterator[RefusedText]:
    """Texts and addresses of the file that the linter refuses.

    One that is kept already, in the same section, is not asked again, unless the account drops shortcodes of its own.
    """
    there = {} if dropped else {(item.called, item.section, item.locale): item for item in kept}
    for path, locale, part in texts_of(file):
        subject = subject_of(file, str(path[0]), str(path[1]))
        template = there.get((subject.name, None if subject.trigger else next(iter(subject.sections)), locale))
        asked = {("text",): part.text, **dict(addresses(part.viber))} if part.text else dict(addresses(part.viber))
        known = {("text",): template.text, **dict(addresses(template.viber))} if template else {}
        for address, text in asked.items():
            if known.get(address) == text:
                continue
            report = examined(text, subject, settings, locale=locale)
            if report.is_refused:
                where = path if address == ("text",) else (*path, "viber", *address)
                yield RefusedText(document.line(where), where, text, report)


def subject_of(file: AccountFile, group: str, name: str) -> Subject:
    if group == "triggers":
        return of_trigger(BY_ID[name])
    return of_custom(name, (file.templates or {})[name].section)
