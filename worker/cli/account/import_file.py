"""An account becomes what its file describes, or the command ends with everything that is in the way."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from worker.cli.account.account_file import AccountFile, CustomPart, TextPart, TriggerPart, read_file, texts_of
from worker.cli.budget import insist_on_price
from worker.cli.operator import operator_name
from worker.cli.template.lint_gate import finding_lines, print_lines
from worker.cli.terminal import Exit, echo, stop
from worker.cli.text_file import read_text
from worker.core.accounts.settings import SETTINGS, AccountSettings
from worker.core.accounts.yaml_text import Document, Fault
from worker.core.authoring.lint import examined
from worker.core.authoring.template_scope import Subject, of_custom, of_trigger
from worker.core.authoring.trigger_settings_check import plain
from worker.core.file_text import UnreadableError
from worker.core.texts.viber_message import addresses
from worker.core.triggers.catalogue import BY_ID, TRIGGERS
from worker.language import _, ngettext
from worker.steps.accounts.budgets import wake
from worker.steps.accounts.export_file import exported
from worker.store.accounts import account_settings, accounts, templates, trigger_settings
from worker.store.accounts.templates import Kept, Template
from worker.store.accounts.trigger_settings import TriggerSettings
from worker.store.audit.configuration import noting_changes
from worker.store.db.postgres import Connection

#: An account as its file has it, before and after; one that was not there has no before.
Seen = tuple[Mapping[str, Any], Mapping[str, Any]]


def checked(file: Path) -> tuple[AccountFile, Document]:
    try:
        content = read_text(file).text
    except (OSError, UnreadableError) as error:
        raise stop(_("{file} cannot be read ({name}).", file=file, name=type(error).__name__)) from None
    document = read_file(content)
    if not isinstance(document, list):
        return document
    for fault in sorted(document, key=lambda fault: fault.line):
        echo(str(fault))
    raise stop(
        ngettext(
            "{count} thing is wrong in it: nothing was changed.",
            "{count} things are wrong in it: nothing was changed.",
            len(document),
        )
    )


def transfer(connection: Connection, account: str, wanted: AccountFile, document: Document, token: bytes = b"") -> Seen:
    """Make an account what a file describes, in the caller's transaction; what it was and what it is."""
    with noting_changes(connection, account, by=operator_name()):
        return transferred(connection, account, wanted, document, token)


def transferred(connection: Connection, account: str, wanted: AccountFile, document: Document, token: bytes) -> Seen:
    settings = account_settings.lock(connection, account)
    before = {} if settings is None else exported(connection, account, settings)
    if settings is None:
        add(connection, account, token, wanted)
        settings = account_settings.lock(connection, account)
    if settings is None:
        raise stop(_("Somebody takes {account} away just now.", account=account))
    known, settings = settings.custom_shortcodes, replace(settings, **wanted.settings())
    dropped = set(known) - set(settings.custom_shortcodes)
    if settings.viber_instead and settings.viber_sender is None:
        raise stop(_("viber_instead needs a viber_sender: nothing was changed."))
    kept = templates.list_templates(connection, account)
    insist_on_texts(refusals(wanted, document, settings, kept, dropped=dropped))
    apply(connection, account, wanted, settings, author=operator_name())
    return before, exported(connection, account, settings)


def add(connection: Connection, account: str, token: bytes, wanted: AccountFile) -> None:
    """Add it, without the default texts that the file leaves out: a blank one would be off, and not absent."""
    given = wanted.settings()
    if any(setting.is_required and setting.attribute not in given for setting in SETTINGS):
        raise stop(
            _("There is no account {account}; to add it, the file must have name and sender.", account=account),
            Exit.NOT_FOUND,
        )
    settings = AccountSettings(**given)
    accounts.add(connection, account, token, settings, TRIGGERS)
    for name, part in (wanted.triggers or {}).items():
        if part.texts is not None and settings.locale not in part.texts:
            templates.delete(connection, account, name, locale=settings.locale)


def insist_on_texts(refused: Sequence[tuple[Fault, list[str]]]) -> None:
    for fault, lines in refused:
        echo(str(fault))
        print_lines(lines, stderr=True)
    if refused:
        raise stop(
            ngettext(
                "{count} text is refused: nothing was changed.",
                "{count} texts are refused: nothing was changed.",
                len(refused),
            )
        )


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
    insist_on_price(connection, account)


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
) -> list[tuple[Fault, list[str]]]:
    """Texts and addresses of the file that the linter refuses, with its findings.

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
                what = _("the text is refused") if where is path else _("the address is refused")
                rows.append((Fault(document.line(where), where, what), [*finding_lines(text, report)]))
    return rows


def subject_of(file: AccountFile, group: str, name: str) -> Subject:
    if group == "triggers":
        return of_trigger(BY_ID[name])
    return of_custom(name, (file.templates or {})[name].section)
