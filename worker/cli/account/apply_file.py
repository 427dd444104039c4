"""Writing down what an account's file says; what it does not mention stays as it is."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from worker.cli.account.account_file import AccountFile, CustomPart, TextPart, TriggerPart, texts_of
from worker.cli.account.yaml_text import Document, Fault
from worker.cli.budget import insist_on_price, wake
from worker.cli.template.labels import finding_lines
from worker.cli.template.lint_gate import addresses, examined
from worker.cli.trigger.settings import plain
from worker.core.accounts.settings import AccountSettings
from worker.core.authoring.template_scope import Subject, of_custom, of_trigger
from worker.core.triggers.catalogue import BY_ID
from worker.store.accounts import account_settings, templates, trigger_settings
from worker.store.accounts.templates import Kept, Template
from worker.store.accounts.trigger_settings import TriggerSettings
from worker.store.db.postgres import Connection


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
    insist_on_price(
        connection, account, settings, *trigger_settings.list_trigger_settings(connection, account).values()
    )


def trigger_with(settings: TriggerSettings, part: TriggerPart) -> TriggerSettings:
    given: Mapping[str, Any] = {
        "switched_on": part.enabled,
        "channel": part.channel,
        "in_doubt": part.in_doubt,
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
        write(
            connection, account, new, [text for text in texts if text.locale in part.texts], part.texts, author=author
        )


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
) -> list[tuple[Fault, list[str]]]:
    """Texts and addresses of the file that the linter refuses, with what it says.

    One that is kept already, in the same section, is not asked again, unless the account drops shortcodes of its own.
    """
    there = {} if dropped else {(item.called, item.section, item.locale): item for item in kept}
    rows: list[tuple[Fault, list[str]]] = []
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
                what = f"the {'text' if where is path else 'address'} is refused"
                rows.append((Fault(document.line(where), where, what), [*finding_lines(text, report)]))
    return rows


def subject_of(file: AccountFile, group: str, name: str) -> Subject:
    if group == "triggers":
        return of_trigger(BY_ID[name])
    return of_custom(name, (file.templates or {})[name].section)
